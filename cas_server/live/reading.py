"""What sockets ask of the database: a herd that comes back is read for many at a time."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar
from uuid import UUID

from cas_server.db.asked import Asked
from cas_server.db.session import Database
from cas_server.db.wall import OwnWall, Wall
from cas_server.errors import NotFound
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, identify_all
from cas_server.kit.clock import Clock
from cas_server.kit.prompt_line import Shared
from cas_server.live import snapshot
from cas_server.live.hub import Frame
from cas_server.registry import queries as registry

WITHIN_S = 4.0
"""Twice, for who it is and for the picture: a client gives a connection 10 s for both.

Whoever waits longer has hung up by then: a herd that comes back faster than it is served would be
served only after it has left, for ever.
"""
MOST_TOGETHER = 64
"""Phones whose pictures are read by one transaction: some 5 ms of this process."""
MOST_DESKS = 500
"""Desks that wait for a picture; those of one Satuan are shown the same one."""

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class _Desk:
    """Whoever stands behind this wall and looks at this Satuan sees the same."""

    wall: Wall | OwnWall | None
    satuan_path: str


class Reading:
    """The readings of one process. They raise Unavailable when there is no answer in time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # When thousands come back at once, most connections are left for whoever presses; and
        # desks do not wait behind phones.
        self._subjects: Asked[str, Subject] = Asked(
            self._find, at_once=1, most=MOST_TOGETHER, within_s=WITHIN_S
        )
        self._phones: Asked[Subject, Frame] = Asked(
            self._see_phones, at_once=2, most=MOST_TOGETHER, within_s=WITHIN_S
        )
        self._desks: Asked[_Desk, Frame] = Asked(
            partial(_once, self._see_desk), at_once=2, most=MOST_DESKS, within_s=WITHIN_S
        )
        self._below: Asked[_Desk, Mapping[UUID, str]] = Asked(
            partial(_once, self._see_below), at_once=1, most=MOST_DESKS, within_s=WITHIN_S
        )

    async def subject(self, token: str) -> Subject:
        """Who a token stands for; SignInNeeded when for nobody."""
        return await self._subjects.ask(token)

    async def phone(self, subject: Subject) -> Frame:
        """What somebody without a desk sees from now on."""
        return await self._phones.ask(subject)

    async def desk(self, subject: Subject, satuan_path: str) -> Frame:
        """What a desk sees from now on of a Satuan that is its own or below."""
        return await self._desks.ask(_Desk(subject.wall(Action.WATCH), satuan_path))

    async def path_below(self, subject: Subject, satuan_id: UUID) -> str:
        """The path of a Satuan that a desk may choose; NotFound for any other."""
        desk = _Desk(subject.wall(Action.WATCH), subject.satuan_path)
        path = (await self._below.ask(desk)).get(satuan_id)
        if path is None:
            raise NotFound("Satuan", satuan_id)
        return path

    async def _find(self, tokens: Sequence[str]) -> Sequence[Subject | Exception]:
        return await identify_all(self._database, tokens)

    async def _see_phones(self, subjects: Sequence[Subject]) -> Sequence[Frame]:
        first, *others = (subject.own_wall for subject in subjects)
        async with self._database.reading(replace(first, beside=tuple(others))) as session:
            pictures = await snapshot.of_phones(session, subjects, self._clock())
        return [picture.model_dump_json() for picture in pictures]

    async def _see_desk(self, desk: _Desk) -> Frame:
        async with self._database.reading(desk.wall) as session:
            picture = await snapshot.of_desk(session, desk.satuan_path, self._clock())
        return Shared(picture.model_dump_json())

    async def _see_below(self, desk: _Desk) -> Mapping[UUID, str]:
        async with self._database.reading(desk.wall) as session:
            below = await registry.satuan_below(session, desk.satuan_path)
        return {satuan.id: satuan.path for satuan in below}


async def _once(see: Callable[[_Desk], Awaitable[Seen]], desks: Sequence[_Desk]) -> Sequence[Seen]:
    """Those who stand and look alike are answered by one reading."""
    seen = {desk: await see(desk) for desk in dict.fromkeys(desks)}
    return [seen[desk] for desk in desks]
