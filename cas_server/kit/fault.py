"""Named gaps between two effects, where a test may kill, stop or delay this process.

Off, which it is wherever CAS is used, `point` is a function that does nothing. It is on when a
process starts with CAS_FAULTS, a folder, and CAS_DEMO; without CAS_DEMO such a process refuses to
start. In the folder every passing is written down in `passed`, and an order is a file POINT.order:

    2 kill          at the second passing from now on, die as in a power cut
    1 stop          stand still until somebody sends SIGCONT
    1 delay 0.7     the whole process sleeps
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = "CAS_FAULTS"

POINTS = frozenset({
    # A press, from the first byte to the answer.
    "press.received", "press.raised", "press.stored", "press.committed", "press.answering",
    "unverified.written",
    # What every writing transaction passes; the bell rings behind the second.
    "transaction.committing", "transaction.committed", "bell.notified",
    # To the screens.
    "feed.read", "feed.told", "live.snapshot", "live.sending", "live.sent",
    # To the phones.
    "outbox.claimed", "push.fanned_out", "fcm.asking", "fcm.answered", "outbox.settling",
    "outbox.settled",
    # What officers answer, and what becomes of those who do not.
    "receipt.taken", "accept.answered", "accept.taken", "offer.expired", "ring.widened",
    "alarm.climbed", "deadline.served",
})  # fmt: skip
"""Every point there is; a test passes them all, and finds each in the code once."""


def _off(_: str) -> None:
    """Nothing ever happens here."""


class _Orders:
    """Carries out what the files in the folder say, each once, whichever process comes first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passed = os.open(folder / "passed", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._counts: dict[tuple[str, int], int] = {}

    def pass_(self, name: str) -> None:
        os.write(self._passed, f"{name} {os.getpid()}\n".encode())
        order = self._folder / f"{name}.order"
        try:
            told, age = order.read_text().split(), order.stat().st_mtime_ns
        except FileNotFoundError:
            return
        count = self._counts[name, age] = self._counts.get((name, age), 0) + 1
        if count >= int(told[0]) and self._is_mine(order):
            _carry_out(told[1:])

    def _is_mine(self, order: Path) -> bool:
        try:
            order.rename(order.with_suffix(f".done-{os.getpid()}"))
        except FileNotFoundError:
            return False
        return True


def _carry_out(told: list[str]) -> None:
    match told:
        case ["kill"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["stop"]:
            os.kill(os.getpid(), signal.SIGSTOP)
        case ["delay", seconds]:
            time.sleep(float(seconds))
        case _:
            raise ValueError(f"no such order: {told}")


def _chosen() -> Callable[[str], None]:
    folder = os.environ.get(FOLDER)
    if not folder:
        return _off
    if os.environ.get("CAS_DEMO", "").lower() not in ("1", "true", "yes", "on"):
        sys.exit(f"cas: {FOLDER} breaks this server on purpose; unset it, or set CAS_DEMO to test")
    return _Orders(Path(folder)).pass_


point = _chosen()
