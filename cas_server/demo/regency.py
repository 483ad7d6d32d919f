"""Puts the simulated regency together: who patrols, who presses, who sits at the desk."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import structlog

from cas_server.demo import beat
from cas_server.demo.api import Api, Refused, Unreachable
from cas_server.demo.calls import Voice
from cas_server.demo.desk import Desk, Key
from cas_server.demo.driving import Motion
from cas_server.demo.line import Line
from cas_server.demo.pace import Pace
from cas_server.demo.patrol import Patrol
from cas_server.demo.pressing import Pressing
from cas_server.demo.shapes import Phone
from cas_server.kit.geo import Position

ON_DUTY = 0.85
"""The rest of the Personil have the day off."""

ASK_AGAIN_S = 0.5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the simulation is to be like."""

    server: str
    per_hour: float
    desk: bool
    key: Key
    on_duty: float = ON_DUTY
    pace: Pace = field(default_factory=Pace)
    seed: int = 3522


async def live(wishes: Wishes, phones: Sequence[Phone]) -> None:
    """Run the regency until cancelled."""
    async with Api(wishes.server) as api:
        simulated = frozenset(phone.account_id for phone in phones)
        desk = Desk(api, wishes.key, simulated, wishes.pace)
        last_seen = await _last_seen(desk)
        patrols = _patrols(wishes, api, phones, last_seen)
        people = Pressing(api, list(phones), wishes.per_hour, wishes.pace, _fresh_chance())
        log.info("simulation.started", patrols=len(patrols), per_hour=wishes.per_hour)
        async with asyncio.TaskGroup() as tasks:
            for patrol in patrols:
                tasks.create_task(patrol.run())
            if wishes.desk:
                tasks.create_task(desk.run())
            if wishes.per_hour > 0:
                tasks.create_task(people.run(lambda: desk.open_simulated))


async def _last_seen(desk: Desk) -> dict[str, Position]:
    """Patrols go on from where they were, not all from their beats: those on a call above all."""
    while True:
        try:
            return await desk.last_seen()
        except Unreachable:
            await asyncio.sleep(ASK_AGAIN_S)  # the server is started at the same time as we are
        except Refused:
            log.warning("simulation.desk_refused")
            return {}


def _patrols(
    wishes: Wishes, api: Api, phones: Sequence[Phone], last_seen: dict[str, Position]
) -> list[Patrol]:
    """Those on duty today: the same ones after every start."""
    chance = Random(wishes.seed)  # noqa: S311 - who is on duty in a demo is no secret
    officers = [phone for phone in phones if phone.role == "personil"]
    working = chance.sample(officers, round(len(officers) * wishes.on_duty))
    sharing = beat.sharing(phone.home for phone in working)
    patrols = []
    for phone in working:
        ground = beat.beat_of(phone.home, sharing[phone.home.lat, phone.home.lon], chance)
        here = last_seen.get(phone.holder_id)
        motion = Motion(here, chance.uniform(0, 360)) if here else beat.start(ground, chance)
        own = _fresh_chance()
        voice = Voice(phone, api, Line(wishes.server, phone.token, wishes.pace, own))
        patrols.append(Patrol(voice, ground, motion, wishes.pace, own))
    return patrols


def _fresh_chance() -> Random:
    return Random()  # noqa: S311 - a demo, not a secret
