"""Whoever stayed and whoever came back sees what a fresh client sees."""

import asyncio

import pytest

from cas_server.db.session import Database
from tests.live.conftest import MakeRegency
from tests.live.house import House
from tests.live.picture import Message, Picture
from tests.live.play import CALM, Play
from tests.live.watcher import PATIENCE_S, Watcher, phones, watching


def same(one: Picture, other: Picture) -> bool:
    return one.alarms == other.alarms and one.personil == other.personil


async def agree(stayed: Watcher, fresh: Watcher) -> None:
    """Both read on until nothing tells them apart; the fresh one began with the truth."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not same(stayed.picture, fresh.picture):
                await stayed.up_to_date()
                await fresh.up_to_date()
    except TimeoutError:
        assert stayed.picture == fresh.picture  # says what differs


@pytest.mark.parametrize("seed", [1, 2])
async def test_an_old_snapshot_and_every_message_since_are_a_fresh_snapshot(
    house: House, live_database: Database, make_live_regency: MakeRegency, seed: int
) -> None:
    async with phones(house) as phone:
        play = Play(phone, await make_live_regency(CALM), seed)
        await play.gather(live_database)
        async with watching(house, play.desk) as early:
            for _ in range(15):
                await play.act()
            async with watching(house, play.desk) as later:
                for _ in range(15):
                    await play.act()
                await phone.press(play.citizens[0], play.place.centre)
                async with watching(house, play.operator) as fresh:
                    assert fresh.picture.alarms
                    await agree(early, fresh)
                    await agree(later, fresh)


async def test_a_desk_that_reconnects_after_kill_9_has_the_picture_of_a_fresh_one(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    place = await make_live_regency(CALM)
    async with phones(house) as phone:
        play = Play(phone, place, 3)
        await play.gather(live_database)
        async with watching(house, play.desk) as desk:
            for _ in range(6):
                await play.act()
            before = desk.picture
            house.kill("serve")
    await asyncio.to_thread(house.mend)

    async with phones(house) as phone:
        play.phone = phone
        for _ in range(6):
            await play.act()
        async with (
            watching(house, play.desk, before) as back,
            watching(house, play.operator) as fresh,
        ):
            await agree(back, fresh)


async def test_an_officer_and_a_citizen_keep_the_picture_of_a_fresh_one_too(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    async with phones(house) as phone:
        play = Play(phone, await make_live_regency(CALM), 4)
        await play.gather(live_database)
        officer, citizen = play.officers[0], play.citizens[0]
        async with watching(house, officer) as called, watching(house, citizen) as presser:
            for _ in range(20):
                await play.act()
            await phone.press(citizen, play.place.centre)
            offers = await phone.get(officer, "/offers")
            own = {one["id"]: one["version"] for one in await phone.get(citizen, "/own-alarms")}

            told = {offer["offer_id"]: lasting(offer) for offer in offers}
            await called.until(lambda p: shown(p) == told)
            await presser.until(
                lambda p: {key: one["version"] for key, one in p.own_alarms.items()} == own
            )


def lasting(offer: Message) -> Message:
    """Without the version, which also others' receipts raise, and the direction from here."""
    return {key: value for key, value in offer.items() if key not in ("version", "bearing_deg")}


def shown(picture: Picture) -> dict[str, Message]:
    """Offers that still ask something of the officer, as a phone would show them."""
    return {
        key: lasting(offer)
        for key, offer in picture.offers.items()
        if offer["state"] == "open"
        or (
            offer["state"] == "accepted"
            and offer["my_state"] not in (None, "released")
            and offer["closed_at"] is None
        )
    }
