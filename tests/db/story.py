"""A stage for the alarm path: one regency, one transaction, and a clock that only tests move."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from cas_server.alarm import backup, desk, press, reporter, reports, response, showing
from cas_server.alarm.deadlines import climb, expire_offers
from cas_server.alarm.due import Due, look
from cas_server.alarm.intake import Press, read
from cas_server.alarm.press import Pressed
from cas_server.alarm.reports import Found
from cas_server.alarm.timeline import timeline
from cas_server.alarm.views import AlarmView, OfferView
from cas_server.db.session import Session
from cas_server.dispatch import service as dispatch
from cas_server.dispatch.views import DecisionView, OfferLine, OfferState, ResponderState
from cas_server.identity.presser import Presser
from cas_server.identity.signature import Signed
from cas_server.identity.views import Verification
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency


def wish(at: Position | None = None, **fields: Any) -> Press:
    """A press as a phone would send it."""
    if at is not None:
        fields["position"] = {"lat": at.lat, "lon": at.lon, "accuracy_m": at.accuracy_m}
    return read(msgspec.json.encode(fields))


def pressing(who: Person, key_id: UUID | None = None) -> Presser:
    """Somebody signed in; with a key, their press is signed."""
    if key_id is None:
        return Presser(Verification.BEARER, who.subject, "192.0.2.1")
    signed = Signed(key_id, utc_now(), "a-nonce-of-a-test", "", "", b"")
    return Presser(Verification.VERIFIED, who.subject, "192.0.2.1", signed)


class Story:
    """What people do, at `now`. Deadlines are served at their own time, as the worker does."""

    def __init__(self, session: Session, regency: Regency) -> None:
        self.session = session
        self.regency = regency
        self.now = utc_now()
        self.phones_work = True
        """Whether offers reach a screen at once; else their receipts are missed."""

    async def press(
        self,
        who: Person,
        at: Position | None = None,
        *,
        press_id: UUID | None = None,
        key_id: UUID | None = None,
        **fields: Any,
    ) -> Pressed:
        presser, wished = pressing(who, key_id), wish(at, **fields)
        pressed = await press.press(self.session, presser, press_id or new_id(), wished, self.now)
        await self._reach()
        return pressed

    async def raised(self, who: Person, at: Position | None = None, **fields: Any) -> UUID:
        """Press, and the alarm's id."""
        return (await self.press(who, at, **fields)).receipt.alarm_id

    async def pass_s(self, seconds: float) -> None:
        """Let time pass; whatever is due on the way happens at its time."""
        until = self.now + timedelta(seconds=seconds)
        while (next_at := (await self._due()).next_at) is not None and next_at <= until:
            self.now = max(self.now, next_at)
            found = await self._due()
            for alarm_id in found.offered:
                await expire_offers(self.session, alarm_id, self.now)
            for alarm_id in found.climbing:
                await climb(self.session, alarm_id, self.now)
            await self._reach()
        self.now = until

    async def _due(self) -> Due:
        return await look(self.session, self.now, 100)

    async def _reach(self) -> None:
        if not self.phones_work:
            return
        rows = await self.session.sql.fetch(
            "SELECT id, personil_id FROM offer WHERE state = 'open' AND received_at IS NULL"
        )
        for row in rows:
            await response.receive(self.session, row["personil_id"], row["id"], self.now)

    async def view(self, alarm_id: UUID) -> AlarmView:
        return (await showing.desk_views(self.session, [alarm_id]))[0]

    async def called(self, alarm_id: UUID, ring: int) -> set[UUID]:
        """Whom a ring offered the alarm."""
        lines = (await self.view(alarm_id)).offers
        return {line.personil_id for line in lines if line.ring == ring}

    async def why(self, alarm_id: UUID, ring: int) -> dict[UUID, str]:
        """The reason of everybody weighed for a ring."""
        decisions: list[DecisionView] = await dispatch.why(self.session, alarm_id)
        return {
            candidate.personil_id: candidate.reason
            for decision in decisions
            if decision.ring == ring
            for candidate in decision.candidates
        }

    async def offer(self, who: Person, alarm_id: UUID) -> OfferLine:
        """Somebody's newest offer of an alarm."""
        mine = [o for o in (await self.view(alarm_id)).offers if o.personil_id == who.holder_id]
        return max(mine, key=lambda offer: (offer.offered_at, offer.ring))

    async def accept(self, who: Person, alarm_id: UUID) -> OfferView:
        offer_id = (await self.offer(who, alarm_id)).offer_id
        return await response.accept(self.session, who.holder_id, offer_id, self.now)

    async def decline(self, who: Person, alarm_id: UUID) -> OfferView:
        offer_id = (await self.offer(who, alarm_id)).offer_id
        said = await response.decline(self.session, who.holder_id, offer_id, "sibuk", self.now)
        await self._reach()
        return said

    async def step(self, who: Person, alarm_id: UUID, wanted: ResponderState) -> OfferView:
        offer_id = await self.taken(who, alarm_id)
        moved = await response.step(self.session, who.holder_id, offer_id, wanted, None, self.now)
        await self._reach()
        return moved

    async def taken(self, who: Person, alarm_id: UUID) -> UUID:
        """The offer by which somebody came to an alarm."""
        mine = [o for o in (await self.view(alarm_id)).offers if o.personil_id == who.holder_id]
        return next(offer.offer_id for offer in mine if offer.state is OfferState.ACCEPTED)

    async def ask_backup(self, who: Person, alarm_id: UUID) -> OfferView:
        offer_id = await self.taken(who, alarm_id)
        said = await backup.ask(self.session, who.subject, offer_id, self.now)
        await self._reach()
        return said

    async def report(self, who: Person, alarm_id: UUID, found: Found) -> OfferView:
        offer_id = await self.taken(who, alarm_id)
        return await reports.file(self.session, who.subject, offer_id, found, self.now)

    async def acknowledge(self, who: Person, alarm_id: UUID) -> AlarmView:
        return await desk.acknowledge(self.session, who.subject, alarm_id, self.now)

    async def cancel(self, who: Person, alarm_id: UUID, *, duress: bool = False) -> Any:
        return await reporter.cancel(
            self.session, who.subject, alarm_id, "salah tekan", self.now, duress=duress
        )

    async def pushed(self, alarm_id: UUID, message: str) -> set[UUID]:
        """The Personil to whom a push of this kind was promised."""
        rows = await self.session.sql.fetch(
            """SELECT payload->>'personil_id' AS personil_id FROM outbox
               WHERE payload->>'alarm_id' = $1 AND payload->>'message' = $2""",
            str(alarm_id), message,
        )  # fmt: skip
        return {UUID(row["personil_id"]) for row in rows}

    async def kinds(self, alarm_id: UUID) -> list[str]:
        """The kinds of the alarm's story so far."""
        return [entry.kind for entry in await timeline(self.session, alarm_id)]
