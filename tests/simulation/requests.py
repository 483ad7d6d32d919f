"""What each step asks of the server: bound to what its sender sees, carried out on arrival."""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from cas_server.alarm import backup, desk, handing, merging, reporter, reports, response
from cas_server.alarm.desk import CallerPress
from cas_server.alarm.intake import TimedPosition, read
from cas_server.alarm.reports import Found
from cas_server.alarm.views import AlarmKind, Disposition
from cas_server.db.session import Session
from cas_server.dispatch import offers
from cas_server.dispatch.views import OfferState, ResponderState
from cas_server.errors import NotFound
from cas_server.identity.presser import Presser
from cas_server.identity.signature import Signed
from cas_server.identity.subject import Subject
from cas_server.identity.views import Verification
from cas_server.kit.geo import Position
from cas_server.presence import service as presence
from cas_server.presence.views import Availability
from tests.factories import Person
from tests.simulation.schedule import Step

if TYPE_CHECKING:
    from tests.simulation.world import World

Verb = Callable[[Session, datetime], Awaitable[object]]
Request = Callable[[], Awaitable[object]]
OfSubject = Callable[[Session, Subject, UUID, datetime], Awaitable[object]]

_STAND = """
INSERT INTO last_position (personil_id, satuan_path, available, at, indexed_at, accuracy_m,
                           fixed_at, changed_at)
SELECT personil_id, satuan_path, availability = 'available', point, point, 8, $4, $4
FROM duty, ST_SetSRID(ST_MakePoint($2, $3), 4326) point WHERE personil_id = $1
ON CONFLICT (personil_id) DO UPDATE SET at = excluded.at, indexed_at = excluded.indexed_at,
    fixed_at = excluded.fixed_at, changed_at = excluded.changed_at
"""
_DAYS_WRONG = (-3, 0, 5)


class Requests:
    """One method for each act; None when its sender has nothing to say."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._ground = world.ground
        self._pressed: dict[int, list[UUID]] = {}

    def bind(self, step: Step) -> Request | None:
        """What arrives at the server, once or more."""
        bound: Request | None = getattr(self, f"_{step.act}")(step)
        return bound

    def receive(self, personil_id: UUID, offer_id: UUID) -> Request:
        return self._in_one(lambda s, now: response.receive(s, personil_id, offer_id, now))

    def _in_one(self, verb: Verb) -> Request:
        async def carried_out() -> object:
            async with self._world.database.transaction() as session:
                return await verb(session, self._world.clock())

        return carried_out

    # Those who press.

    def _press(self, step: Step) -> Request:
        citizen = self._ground.citizens[step.who]
        presser = Presser(Verification.BEARER, citizen.subject, "192.0.2.1")
        return self._pressing(step, step.who, presser, self._ground.place(step.what))

    def _press_nowhere(self, step: Step) -> Request:
        citizen = self._ground.citizens[step.who]
        presser = Presser(Verification.BEARER, citizen.subject, "192.0.2.1")
        return self._pressing(step, step.who, presser, None)

    def _press_signed(self, step: Step) -> Request:
        citizen = self._ground.citizens[step.who]
        wrong = timedelta(days=_DAYS_WRONG[step.what % len(_DAYS_WRONG)])
        when = self._world.clock() + wrong
        signed = Signed(UUID(int=step.who + 1), when, "a-nonce-of-a-phone", "", "", b"")
        presser = Presser(Verification.VERIFIED, citizen.subject, "192.0.2.1", signed)
        return self._pressing(step, step.who, presser, self._ground.place(step.what), when)

    def _press_unverified(self, step: Step) -> Request:
        presser = Presser(Verification.UNVERIFIED, None, "198.51.100.7")
        return self._pressing(step, step.who, presser, self._ground.place(step.what))

    def _press_again(self, step: Step) -> Request | None:
        pressed = self._pressed.get(step.who)
        if not pressed:
            return None
        citizen = self._ground.citizens[step.who]
        presser = Presser(Verification.BEARER, citizen.subject, "192.0.2.1")
        return self._asking(pressed[-1], presser, self._ground.place(step.what), None)

    def _sos(self, step: Step) -> Request:
        officer = self._ground.officers[step.who]
        presser = Presser(Verification.BEARER, officer.subject, "192.0.2.2")
        return self._pressing(step, -1, presser, self._ground.place(step.what))

    def _pressing(
        self,
        step: Step,
        citizen: int,
        presser: Presser,
        at: Position | None,
        when: datetime | None = None,
    ) -> Request:
        press_id = self._id_of(step)
        self._pressed.setdefault(citizen, []).append(press_id)
        return self._asking(press_id, presser, at, when)

    def _asking(
        self, press_id: UUID, presser: Presser, at: Position | None, when: datetime | None
    ) -> Request:
        wish = read(msgspec.json.encode({
            "position": at and {"lat": at.lat, "lon": at.lon, "accuracy_m": at.accuracy_m},
            "pressed_at": when,
        }))  # fmt: skip

        async def carried_out() -> object:
            world = self._world
            said = await world.admission.press(world.database, presser, press_id, wish)
            world.promised(press_id)
            return said

        return carried_out

    def _id_of(self, step: Step) -> UUID:
        """Stays the same when other steps are left out."""
        name = f"{self._world.schedule.seed} {step.at_s} {step.act} {step.who}"
        return UUID(int=random.Random(name).getrandbits(128), version=4)  # noqa: S311 - repeatable

    def _of_reporter(self, step: Step, verb: OfSubject) -> Request | None:
        pressed, citizen = self._pressed.get(step.who), self._ground.citizens[step.who]
        if not pressed:
            return None
        press_id = pressed[-1]
        return self._in_one(lambda s, now: verb(s, citizen.subject, press_id, now))

    def _locate(self, step: Step) -> Request | None:
        at, when = self._ground.place(step.what), self._world.clock()
        fixes = [TimedPosition(at, when)]
        return self._of_reporter(
            step, lambda s, who, of, now: reporter.locate(s, who, of, fixes, now)
        )

    def _cancel(self, step: Step) -> Request | None:
        return self._of_reporter(
            step, lambda s, who, of, now: reporter.cancel(s, who, of, "salah", now, duress=False)
        )

    def _duress(self, step: Step) -> Request | None:
        return self._of_reporter(
            step, lambda s, who, of, now: reporter.cancel(s, who, of, "salah", now, duress=True)
        )

    # Officers.

    def _on_duty(self, step: Step) -> Request:
        return self._standing(step, Availability.AVAILABLE)

    def _break(self, step: Step) -> Request:
        return self._standing(step, Availability.BREAK)

    def _standing(self, step: Step, availability: Availability) -> Request:
        personil_id, at = self._officer(step).holder_id, self._ground.place(step.what)

        async def stand(session: Session, now: datetime) -> None:
            await presence.begin_duty(session, personil_id, availability, now)
            await session.sql.execute(_STAND, personil_id, at.lon, at.lat, now)

        return self._in_one(stand)

    def _moves(self, step: Step) -> Request:
        personil_id, at = self._officer(step).holder_id, self._ground.place(step.what)
        return self._in_one(lambda s, now: s.sql.execute(_STAND, personil_id, at.lon, at.lat, now))

    def _off_duty(self, step: Step) -> Request:
        personil_id = self._officer(step).holder_id

        async def leave(session: Session, now: datetime) -> None:
            await offers.lapse(session, personil_id, now)
            await presence.end_duty(session, personil_id, now)

        return self._in_one(leave)

    def _accept(self, step: Step) -> Request | None:
        who, offer_id = self._asked(step)
        if offer_id is None:
            return None

        async def accept(session: Session, now: datetime) -> None:
            said = await response.accept(session, who.holder_id, offer_id, now)
            assert said.state is OfferState.ACCEPTED, "accepted, and told otherwise"

        return self._in_one(accept)

    def _decline(self, step: Step) -> Request | None:
        who, offer_id = self._asked(step)
        if offer_id is None:
            return None
        return self._in_one(
            lambda s, now: response.decline(s, who.holder_id, offer_id, "sibuk", now)
        )

    def _en_route(self, step: Step) -> Request | None:
        return self._steps(step, ResponderState.EN_ROUTE)

    def _on_scene(self, step: Step) -> Request | None:
        return self._steps(step, ResponderState.ON_SCENE)

    def _leave(self, step: Step) -> Request | None:
        return self._steps(step, ResponderState.RELEASED)

    def _steps(self, step: Step, wanted: ResponderState) -> Request | None:
        return self._as_responder(
            step, lambda s, who, of, now: response.step(s, who.personil_id, of, wanted, None, now)
        )

    def _report(self, step: Step) -> Request | None:
        found = Found(Disposition.GENUINE, "x")
        return self._as_responder(
            step, lambda s, who, of, now: reports.file(s, who, of, found, now)
        )

    def _backup(self, step: Step) -> Request | None:
        return self._as_responder(step, backup.ask)

    def _as_responder(self, step: Step, verb: OfSubject) -> Request | None:
        on_it = {(o.alarm_id, o.personil_id) for o in self._world.picture.responders
                 if o.state != "released"}  # fmt: skip
        who = self._next(step, {personil_id for _, personil_id in on_it})
        taken = [o for o in self._world.picture.offers
                 if o.personil_id == who.holder_id and o.state == "accepted"]  # fmt: skip
        if not taken:
            return None
        offer_id = taken[-1 - step.what % min(len(taken), 2)].id
        return self._in_one(lambda s, now: verb(s, who.subject, offer_id, now))

    def _officer(self, step: Step) -> Person:
        return self._ground.officers[step.who]

    def _next(self, step: Step, among: set[UUID]) -> Person:
        """The officer of the step, or the next of those meant; their own phone says who."""
        all_of_them = self._ground.officers
        turned = all_of_them[step.who :] + all_of_them[: step.who]
        return next((one for one in turned if one.holder_id in among), turned[0])

    def _asked(self, step: Step) -> tuple[Person, UUID | None]:
        """Somebody with an offer on the screen, however it has ended since."""
        heard = [o for o in self._world.picture.offers if o.received]
        who = self._next(step, {o.personil_id for o in heard if o.state == "open"})
        mine = [o for o in heard if o.personil_id == who.holder_id]
        return who, mine[-1 - step.what % min(len(mine), 2)].id if mine else None

    # The desk.

    def _at_desk(self, number: int, verb: OfSubject) -> Request | None:
        alarm_id = self._alarm(number)
        if alarm_id is None:
            return None

        async def carried_out() -> object:
            try:
                return await self._in_one(
                    lambda s, now: verb(s, self._ground.operator.subject, alarm_id, now)
                )()
            except NotFound:  # it is the neighbour's
                return await self._in_one(
                    lambda s, now: verb(s, self._ground.neighbour.subject, alarm_id, now)
                )()

        return carried_out

    def _alarm(self, number: int) -> UUID | None:
        alarms = self._world.picture.alarms
        return alarms[-1 - number % len(alarms)].id if alarms else None

    def _acknowledge(self, step: Step) -> Request | None:
        return self._at_desk(step.what, desk.acknowledge)

    def _call(self, step: Step) -> Request | None:
        return self._at_desk(step.what, desk.call)

    def _assign(self, step: Step) -> Request | None:
        whom = self._officer(step).holder_id
        return self._at_desk(step.what, lambda s, by, of, now: desk.assign(s, by, of, whom, now))

    def _release(self, step: Step) -> Request | None:
        whom = self._officer(step).holder_id
        return self._at_desk(
            step.what, lambda s, by, of, now: desk.release(s, by, of, whom, "", now)
        )

    def _close(self, step: Step) -> Request | None:
        return self._at_desk(
            step.what, lambda s, by, of, now: desk.close(s, by, of, Disposition.GENUINE, "", now)
        )

    def _caller(self, step: Step) -> Request:
        at, alarm_id = self._ground.place(step.what), self._id_of(step)
        wish = CallerPress("Budi", None, "phone", at, AlarmKind.CRIME, None, silent=False)
        who = self._ground.operator.subject
        return self._in_one(lambda s, now: desk.press_for_caller(s, who, alarm_id, wish, now))

    def _merge(self, step: Step) -> Request | None:
        lead_id = self._alarm(step.what)
        if lead_id is None:
            return None
        return self._at_desk(
            step.who, lambda s, by, of, now: merging.merge(s, by, of, lead_id, now)
        )

    def _separate(self, step: Step) -> Request | None:
        return self._at_desk(step.what, merging.separate)

    def _hand(self, step: Step) -> Request | None:
        to = self._ground.regency.rengel.id
        return self._at_desk(
            step.what, lambda s, by, of, now: handing.hand(s, by, of, to, "theirs", now)
        )
