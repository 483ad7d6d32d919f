"""One item of the standard, and where its proofs stand."""

from dataclasses import dataclass

CODES = "tests/identity/test_codes.py"
BUDGET = "tests/identity/test_code_budget.py"
SAME = "tests/identity/test_same_answer.py"
SERVERS = "tests/identity/test_two_servers.py"
DEVICES = "tests/identity/test_devices.py"
SIGN_IN = "tests/identity/test_sign_in.py"
SMS = "tests/identity/test_sms.py"
AUTHORITY = "tests/http/test_authority.py"
LIVE_AUTHORITY = "tests/http/test_authority_live.py"
PERMISSIONS = "tests/http/test_permissions.py"
OWN_WALL = "tests/http/test_own_wall.py"
WALL = "tests/http/test_wall.py"
SIGNED = "tests/http/test_signed_press.py"
UNVERIFIED = "tests/http/test_unverified_press.py"
ENDED = "tests/live/test_ended_sign_ins.py"
PICTURES = "tests/http/test_pictures.py"
CLOSING = "tests/live/test_closing.py"
RACES = "tests/db/test_races.py"
EDGE = "tests/http/test_edge.py"
FACTORS = "tests/identity/test_second_factor.py"
KEYS = "tests/vault/test_keys.py"
OIDC = "tests/identity/test_oidc.py"
OPEN = "tests/identity/test_open_sign_ins.py"
PASSKEYS = "tests/identity/test_passkeys.py"
PASSWORDS = "tests/identity/test_passwords.py"
RETENTION = "tests/privacy/test_retention.py"


@dataclass(frozen=True)
class Item:
    """One item of the standard. `proofs` are tests ("file::test"), settings ("CAS_X") or
    documents ("FILE.md"); `lacking` says what is not satisfied, and why."""

    number: str
    level: int
    what: str
    proofs: tuple[str, ...] = ()
    lacking: str = ""
