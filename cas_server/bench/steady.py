"""Presses at an even pace from a process of their own, and what can be asked of them afterwards."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from cas_server.bench.steady_load import PATIENCE_S, Order, Press, Told
from cas_server.children import python
from cas_server.db.pool import connect

# A citizen who presses again while their alarm is open joins it.
_STORED = """
SELECT count(*) FROM unnest($1::uuid[]) AS said (id)
WHERE EXISTS (SELECT FROM alarm WHERE alarm.id = said.id)
   OR EXISTS (SELECT FROM alarm_alias a WHERE a.id = said.id)
"""


class Pressing:
    """The running process; `finish` ends it and tells what came of it."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen

    def finish(self) -> Told:
        """Every press that is on its way is waited for, PATIENCE_S at most."""
        told, _ = self._popen.communicate(timeout=2 * PATIENCE_S)
        return msgspec.json.decode(told, type=Told)


@contextmanager
def pressing(order: Order) -> Iterator[Pressing]:
    """Press for the length of the block."""
    command = python("cas_server.bench.steady_load")
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as popen:
        assert popen.stdin is not None
        popen.stdin.write(msgspec.json.encode(order) + b"\n")
        popen.stdin.flush()
        try:
            yield Pressing(popen)
        finally:
            popen.kill()


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when something lasted, on the monotonic clock."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def longest_gap_s(self, presses: Sequence[Press]) -> float:
        """The longest time in it without an accepted press; all of it when there is none."""
        times = sorted(each.accepted for each in presses)
        inside = [at for at in times if self.began <= at <= self.ended]
        return max(
            later - earlier for earlier, later in pairwise([self.began, *inside, self.ended])
        )

    def took_ms(self, presses: Sequence[Press]) -> list[float]:
        """How long each press took that was due in it."""
        return [each.took_ms for each in presses if self.began <= each.due <= self.ended]


async def stored(dsn: str, presses: Sequence[Press]) -> int:
    """How many of the accepted presses are in the database, as an alarm or in one."""
    connection = await connect(dsn)
    ids = [press.alarm_id for press in presses]
    count: int = await connection.fetchval(_STORED, ids)
    await connection.close()
    return count
