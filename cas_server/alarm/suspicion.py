"""Pure: what makes a press doubtful. It orders the desk's queue and asks for a call back; no more.

No press is refused and no officer is called later because of anything that is said here.
"""

from dataclasses import dataclass

from cas_server.alarm.views import Reason, Suspicion, SuspicionLevel
from cas_server.identity.views import Verification

MANY_ACCOUNTS = 4
"""A family shares a phone; more accounts than this on one device are no family."""
BUSY_NETWORK = 5
"""So many unverified presses from the same network within this minute."""
_SOME, _HIGH = 1, 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a press when it arrives."""

    verification: Verification
    badly_signed: bool = False
    malicious_before: int = 0
    """Alarms of this account, or of another on its device, that were closed as malicious."""
    mock_location: bool = False
    accounts_on_device: int = 1
    unverified_from_network: int = 0
    clock_wrong: bool = False


def judge(facts: Facts) -> Suspicion:
    """How doubtful, and for which reasons, the weightiest first."""
    weighed: list[tuple[Reason, int]] = [
        ("malicious_before", min(4, 2 * facts.malicious_before)),
        ("unverified", 2 if facts.verification is Verification.UNVERIFIED else 0),
        ("bad_signature", 2 if facts.badly_signed else 0),
        ("mock_location", 2 if facts.mock_location else 0),
        ("many_accounts", 1 if facts.accounts_on_device >= MANY_ACCOUNTS else 0),
        ("busy_network", 1 if facts.unverified_from_network >= BUSY_NETWORK else 0),
        ("clock_wrong", 1 if facts.clock_wrong else 0),
    ]
    weight = sum(weight for _, weight in weighed)
    reasons = [reason for reason, weight in weighed if weight]
    return Suspicion(level=_level(weight), reasons=reasons)


def _level(weight: int) -> SuspicionLevel:
    if weight >= _HIGH:
        return SuspicionLevel.HIGH
    return SuspicionLevel.SOME if weight >= _SOME else SuspicionLevel.NONE
