"""The key that signs tree heads and records: kept in a file, made once, never replaced unasked."""

from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.embedded.places import state_folder
from cas_server.errors import CasError, InvalidInput
from cas_server.kit import key_file as stored
from cas_server.settings import Settings


class KeyMissing(CasError):
    code: ClassVar[str] = "evidence_key_missing"

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"the evidence key {file} is not there. Bring it back from your safe copy; if it is "
            "lost for good, 'cas audit key --make' makes a new one: what the old one has signed "
            "stays valid, and auditors must be told of the new one"
        )


class KeyUnusable(CasError):
    code: ClassVar[str] = "evidence_key_unusable"

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"the evidence key {file} cannot be used: {why}")


def folder(settings: Settings) -> Path:
    return (settings.state_dir or state_folder()) / "evidence"


def key_file(settings: Settings) -> Path:
    """CAS_EVIDENCE_KEY_FILE, else a file in the state folder."""
    return settings.evidence_key_file or folder(settings) / "key.pem"


def heads_file(settings: Settings) -> Path:
    """CAS_EVIDENCE_HEADS_FILE, else a file in the state folder."""
    return settings.evidence_heads_file or folder(settings) / "heads.jsonl"


def load(file: Path) -> Ed25519PrivateKey:
    """The key in a file; KeyMissing or KeyUnusable say what to do."""
    try:
        key = stored.read(file)
    except FileNotFoundError:
        raise KeyMissing(file) from None
    except stored.Unfit as unfit:
        raise KeyUnusable(file, str(unfit)) from unfit
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(file, "it is a key of another kind than Ed25519")
    return key


def make(file: Path) -> Ed25519PrivateKey:
    """A new key in a file that only its owner can read; never over one that is there."""
    key = Ed25519PrivateKey.generate()
    try:
        stored.write_new(file, key)
    except FileExistsError:
        raise InvalidInput("file", f"{file} is there already and is not replaced") from None
    except stored.Unfit as unfit:
        raise KeyUnusable(file, str(unfit)) from unfit
    return key
