"""Lets presses in: known accounts in turns of their own, all others in one line beside them."""

from uuid import UUID

from cas_server.alarm import press, queries
from cas_server.alarm.intake import Press
from cas_server.alarm.press import Pressed
from cas_server.alarm.turns import Turns
from cas_server.alarm.unverified import Unverified
from cas_server.db.session import Database
from cas_server.identity.presser import Presser
from cas_server.kit import fault
from cas_server.kit.clock import Clock
from cas_server.kit.network import network_of


class Admission:
    """One per process. It leaves connections free for whatever else the server is asked."""

    def __init__(self, connections: int, clock: Clock) -> None:
        self._clock = clock
        self._turns = Turns(max(1, connections * 3 // 4))
        self._unverified = Unverified(clock)

    async def press(
        self, database: Database, presser: Presser, alarm_id: UUID, wish: Press
    ) -> Pressed:
        """Take a press, in one transaction that is committed when this returns."""
        subject, now = presser.subject, self._clock()
        if subject is None:
            return await self._unverified.press(database, presser, alarm_id, wish)
        async with (
            self._turns.of(subject.account_id, network_of(presser.address)),
            database.transaction(first=queries.one_press_at_a_time(subject.account_id)) as session,
        ):
            pressed = await press.press(session, presser, alarm_id, wish, now)
            fault.point("press.stored")
        fault.point("press.committed")
        return pressed
