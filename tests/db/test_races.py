"""Two at once: whoever is second is told so, and nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest_asyncio

from cas_server.alarm import desk, press, queries, response, showing
from cas_server.alarm.deadlines import climb, expire_offers
from cas_server.alarm.desk import CallerPress
from cas_server.alarm.press import Pressed
from cas_server.alarm.state import AlreadyTaken, OfferOver
from cas_server.alarm.timeline import timeline
from cas_server.alarm.views import AlarmKind, AlarmView
from cas_server.db.session import Database
from cas_server.dispatch.views import OfferState
from cas_server.errors import CasError
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.db.story import pressing, wish
from tests.factories import (
    Person,
    Regency,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)


@dataclass
class Stage:
    """A committed alarm and the three who were called to it."""

    database: Database
    place: Regency
    officers: list[Person]
    warga: Person
    alarm_id: UUID
    now: datetime

    async def view(self) -> AlarmView:
        async with self.database.reading() as session:
            return (await showing.desk_views(session, [self.alarm_id]))[0]

    async def accept(self, who: Person, at: datetime) -> str:
        """The part somebody got, or the code of the refusal."""
        offer = next(o for o in (await self.view()).offers if o.personil_id == who.holder_id)
        try:
            async with self.database.transaction() as session:
                got = await response.accept(session, who.holder_id, offer.offer_id, at)
        except (AlreadyTaken, OfferOver) as error:
            return error.code
        return str(got.my_part)


@pytest_asyncio.fixture
async def stage(database: Database) -> AsyncIterator[Stage]:
    now = utc_now()
    async with database.transaction() as session:
        place = await make_regency(session)
        officers = [
            await make_personil(session, place.kota, place.at(metres)) for metres in (100, 200, 300)
        ]
        warga = await make_masyarakat(session)
    alarm_id = new_id()
    async with database.transaction() as session:
        await press.press(session, pressing(warga), alarm_id, wish(place.centre), now)
    yield Stage(database, place, officers, warga, alarm_id, now)


async def test_of_three_who_accept_at_once_one_leads_one_backs_up_and_one_is_refused(
    stage: Stage,
) -> None:
    said = await asyncio.gather(*(stage.accept(who, stage.now) for who in stage.officers))

    assert sorted(said) == ["already_taken", "backup", "primary"]


async def test_accept_and_expire_never_both_win(stage: Stage) -> None:
    """At the very moment of the deadline, from two connections, in whatever order they come."""
    who = stage.officers[0]
    deadline = (await stage.view()).offers[0].expires_at

    async def expire() -> None:
        async with stage.database.transaction() as session:
            await expire_offers(session, stage.alarm_id, deadline)

    async def accept_in_time() -> str:
        return await stage.accept(who, deadline.replace(microsecond=0))

    _, said = await asyncio.gather(expire(), accept_in_time())

    offer = next(o for o in (await stage.view()).offers if o.personil_id == who.holder_id)
    assert (said, offer.state) in (
        ("primary", OfferState.ACCEPTED),
        ("offer_over", OfferState.EXPIRED),
    )


async def test_an_expiry_that_waited_for_an_acceptance_leaves_it_alone(stage: Stage) -> None:
    """The acceptance holds the row, the expiry waits for it, and then finds nothing to end."""
    who = stage.officers[0]
    offer = next(o for o in (await stage.view()).offers if o.personil_id == who.holder_id)

    async def expire() -> None:
        async with stage.database.transaction() as session:
            await expire_offers(session, stage.alarm_id, offer.expires_at)

    async with stage.database.transaction() as session:
        await response.accept(session, who.holder_id, offer.offer_id, stage.now)
        waiting = asyncio.create_task(expire())
        await _until_somebody_waits(stage.database)
    await waiting

    states = {o.personil_id: o.state for o in (await stage.view()).offers}
    assert states[who.holder_id] is OfferState.ACCEPTED
    assert (await stage.view()).ring == 1


async def _until_somebody_waits(database: Database) -> None:
    async with asyncio.timeout(10):
        while True:
            async with database.reading() as session:
                if await session.sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    return


async def test_two_workers_serve_one_deadline_once(stage: Stage) -> None:
    deadline = (await stage.view()).offers[0].expires_at

    async def serve() -> None:
        async with stage.database.transaction() as session:
            await expire_offers(session, stage.alarm_id, deadline)

    await asyncio.gather(serve(), serve(), serve())

    async with stage.database.reading() as session:
        kinds = [entry.kind for entry in await timeline(session, stage.alarm_id)]
    assert kinds.count("offer.expired") == 3
    view = await stage.view()
    # Ring 2 had nobody who was not asked already, so ring 3 asked all three again.
    assert view.ring == 3
    assert len(view.offers) == 6


async def test_two_workers_climb_one_step_once(stage: Stage) -> None:
    async def serve() -> None:
        async with stage.database.transaction() as session:
            await climb(session, stage.alarm_id, stage.now.replace(year=stage.now.year + 1))

    await serve()
    assert len((await stage.view()).escalations) == 1
    await asyncio.gather(serve(), serve())

    assert len((await stage.view()).escalations) == 2


async def test_one_press_sent_twice_at_once_is_one_alarm_and_one_answer(stage: Stage) -> None:
    async with stage.database.transaction() as session:
        warga = await make_masyarakat(session)
    alarm_id = new_id()

    async def send() -> Pressed:
        alone = queries.one_press_at_a_time(warga.account_id)
        async with stage.database.transaction(first=alone) as session:
            return await press.press(
                session, pressing(warga), alarm_id, wish(stage.place.centre), stage.now
            )

    said = await asyncio.gather(*(send() for _ in range(4)))

    assert sorted(one.created for one in said) == [False, False, False, True]
    assert len({one.receipt.model_dump_json() for one in said}) == 1


async def test_two_presses_of_one_person_at_once_are_one_alarm(stage: Stage) -> None:
    async with stage.database.transaction() as session:
        warga = await make_masyarakat(session)

    async def send() -> Pressed:
        alone = queries.one_press_at_a_time(warga.account_id)
        async with stage.database.transaction(first=alone) as session:
            return await press.press(
                session, pressing(warga), new_id(), wish(stage.place.centre), stage.now
            )

    said = await asyncio.gather(*(send() for _ in range(4)))

    assert len({one.receipt.alarm_id for one in said}) == 1


async def test_of_two_operators_who_acknowledge_at_once_one_is_refused(stage: Stage) -> None:
    async with stage.database.transaction() as session:
        operators = [await make_staff(session, stage.place.polres) for _ in range(2)]

    async def acknowledge(who: Person) -> str:
        try:
            async with stage.database.transaction() as session:
                await desk.acknowledge(session, who.subject, stage.alarm_id, stage.now)
        except CasError as error:
            return error.code
        return "acknowledged"

    said = await asyncio.gather(*(acknowledge(who) for who in operators))

    assert sorted(said) == ["acknowledged", "already_done"]


async def test_two_alarms_that_call_the_same_officers_at_once_do_not_lock_each_other_up(
    stage: Stage,
) -> None:
    async with stage.database.transaction() as session:
        people = [await make_masyarakat(session) for _ in range(8)]

    async def send(who: Person) -> Pressed:
        alone = queries.one_press_at_a_time(who.account_id)
        async with stage.database.transaction(first=alone) as session:
            return await press.press(
                session, pressing(who), new_id(), wish(stage.place.centre), stage.now
            )

    said = await asyncio.gather(*(send(who) for who in people))

    assert all(one.receipt.personil_called == 3 for one in said)


async def test_of_two_people_who_press_with_the_same_id_at_once_one_is_told_to_make_another(
    stage: Stage,
) -> None:
    async with stage.database.transaction() as session:
        people = [await make_masyarakat(session) for _ in range(2)]
    alarm_id = new_id()

    async def send(who: Person) -> str:
        try:
            async with stage.database.transaction() as session:
                await press.press(
                    session, pressing(who), alarm_id, wish(stage.place.centre), stage.now
                )
        except CasError as error:
            return error.code
        return "raised"

    assert sorted(await asyncio.gather(*map(send, people))) == ["id_in_use", "raised"]


async def test_a_callers_press_sent_twice_at_once_is_one_alarm(stage: Stage) -> None:
    async with stage.database.transaction() as session:
        operator = (await make_staff(session, stage.place.polres)).subject
    alarm_id = new_id()
    call = CallerPress("Ani", None, "phone", stage.place.centre, AlarmKind.FIRE, None, silent=False)

    async def send() -> bool:
        async with stage.database.transaction() as session:
            _, created = await desk.press_for_caller(session, operator, alarm_id, call, stage.now)
            return created

    assert sorted(await asyncio.gather(*(send() for _ in range(4)))) == [False, False, False, True]
