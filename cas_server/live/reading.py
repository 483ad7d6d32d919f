"""What sockets ask of the database: a herd that comes back is read for many at a time."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from uuid import UUID

from cas_server.db.session import Database
from cas_server.errors import NotFound, Unavailable
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, identify_all
from cas_server.kit.clock import Clock
from cas_server.kit.door import Door
from cas_server.kit.together import Together
from cas_server.live import snapshot
from cas_server.live.messages import DeskSnapshot, PhoneSnapshot
from cas_server.registry import queries as registry

WITHIN_S = 4.0
"""Twice, for who it is and for the picture: a client gives a connection 10 s for both.

Whoever waits longer has hung up by then: a herd that comes back faster than it is served would be
served only after it has left, for ever.
"""
MOST_TOGETHER = 64
"""Phones whose pictures are read by one transaction: some 5 ms of this process."""


class Reading:
    """The readings of one process. They raise Unavailable when there is no answer in time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # When thousands come back at once, most connections are left for whoever presses.
        self._desks = Door(max(1, database.connections[2] // 4))
        self._subjects: Together[str, Subject] = Together(self._find, at_once=1, most=MOST_TOGETHER)
        self._phones: Together[Subject, PhoneSnapshot] = Together(
            self._see, at_once=2, most=MOST_TOGETHER
        )

    async def subject(self, token: str) -> Subject:
        """Who a token stands for; SignInNeeded when for nobody."""
        with _in_time():
            return await self._subjects.ask(token, WITHIN_S)

    async def phone(self, subject: Subject) -> PhoneSnapshot:
        """What somebody without a desk sees from now on."""
        with _in_time():
            return await self._phones.ask(subject, WITHIN_S)

    @asynccontextmanager
    async def desk(self, subject: Subject) -> AsyncIterator["DeskReading"]:
        """A place among the few that read for desks, who do not wait behind phones."""
        async with AsyncExitStack() as stack:
            with _in_time():
                await stack.enter_async_context(self._desks.through("desk", WITHIN_S))
            yield DeskReading(self._database, subject, self._clock)

    async def _find(self, tokens: Sequence[str]) -> Sequence[Subject | Exception]:
        return await identify_all(self._database, tokens)

    async def _see(self, subjects: Sequence[Subject]) -> Sequence[PhoneSnapshot]:
        first, *others = (subject.own_wall for subject in subjects)
        async with self._database.reading(replace(first, beside=tuple(others))) as session:
            return await snapshot.of_phones(session, subjects, self._clock())


class DeskReading:
    """What one desk may read."""

    def __init__(self, database: Database, subject: Subject, clock: Clock) -> None:
        self._database = database
        self._subject = subject
        self._clock = clock
        self._wall = subject.wall(Action.WATCH)

    async def path_of(self, satuan_id: UUID) -> str:
        """The path of a Satuan that the desk may choose; NotFound for any other."""
        async with self._database.reading(self._wall) as session:
            below = await registry.satuan_below(session, self._subject.satuan_path)
        path = next((satuan.path for satuan in below if satuan.id == satuan_id), None)
        if path is None:
            raise NotFound("Satuan", satuan_id)
        return path

    async def picture(self, satuan_path: str) -> DeskSnapshot:
        """What is to be seen there from now on."""
        async with self._database.reading(self._wall) as session:
            return await snapshot.of_desk(session, satuan_path, self._clock())


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise Unavailable("the database") from error
