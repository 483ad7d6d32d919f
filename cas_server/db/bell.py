"""Tell every process that something was committed. A hint only: readers also poll."""

import asyncio
from typing import Any

import asyncpg
import structlog

from cas_server.db.pool import connect
from cas_server.kit import fault
from cas_server.kit.ending import end_if_told

CHANNEL = "cas_bell"
RECONNECT_S = 0.5
LINE_CHECK_S = 5.0
PAUSE_S = 0.01
"""The first ring is told at once; what rings within this time after it is told by one more."""

log = structlog.get_logger()


class Ear:
    """One reader's side of the bell: rung or not, however often."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def wake(self) -> None:
        self._rung.set()

    async def wait(self, timeout_s: float) -> bool:
        """True as soon as the bell has rung since the last call, False after `timeout_s`."""
        try:
            async with asyncio.timeout(max(timeout_s, 0.0)):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


LINE_FAULTS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the session is over, and the end of its line is not here yet
)


class Bell:
    """Rings here at once, and in the other processes over a connection of its own."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._ears: list[Ear] = []
        self._outgoing = Ear()

    def ear(self) -> Ear:
        """A new reader that hears every ring from now on."""
        ear = Ear()
        self._ears.append(ear)
        return ear

    def ring(self) -> None:
        """Wake this process's readers now and the others' as soon as the line is free."""
        self._wake_all()
        self._outgoing.wake()

    def _wake_all(self) -> None:
        for ear in self._ears:
            ear.wake()

    async def run(self) -> None:
        """Keep the line open for ever; while it is down, readers live on their polls."""
        while True:
            try:
                await self._hold_line()
            except LINE_FAULTS as error:
                end_if_told()
                log.warning("bell.line_lost", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _hold_line(self) -> None:
        connection = await connect(self._dsn)
        try:
            own = connection.get_server_pid()

            def heard(_c: Any, sender: int, _channel: str, _payload: object) -> None:
                if sender != own:
                    self._wake_all()

            await connection.add_listener(CHANNEL, heard)
            # Whatever was rung while the line was down was not heard: look once.
            self._wake_all()
            while not connection.is_closed():
                if await self._outgoing.wait(LINE_CHECK_S):
                    # NOTIFY locks the whole database until its own commit, so it never rides with
                    # an alarm; here many rings become one, on a line that does nothing else.
                    await connection.execute(f"NOTIFY {CHANNEL}")
                    fault.point("bell.notified")
                    await asyncio.sleep(PAUSE_S)
                else:
                    await connection.execute("SELECT 1", timeout=LINE_CHECK_S)
        finally:
            connection.terminate()  # a close that waits could fail, and would wait for a dead line
