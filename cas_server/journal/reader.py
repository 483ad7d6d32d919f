"""A reader that sees every entry once, also those that commit after younger ones."""

from cas_server.db.session import Database
from cas_server.journal import queries
from cas_server.journal.queries import Entry


class Reader:
    """Holds a mark (all below it is final and read) and the ids above it that were read already."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mark: int | None = None
        self._read: dict[int, int] = {}

    async def start(self) -> None:
        """Begin at the present; call before reading any state that must not miss a change."""
        async with self._database.glance() as session:
            self._mark = await queries.newest_mark(session)

    async def new(self) -> list[Entry]:
        """Entries not returned before, in the order of their transactions."""
        if self._mark is None:
            await self.start()
        assert self._mark is not None
        async with self._database.glance() as session:
            entries, mark = await queries.since(session, self._mark)
        fresh = [entry for entry in entries if entry.id not in self._read]
        self._read |= {entry.id: entry.transaction_id for entry in fresh}
        # Below the mark nothing can appear any more, so those ids need no remembering.
        self._read = {id_: xid for id_, xid in self._read.items() if xid >= mark}
        self._mark = mark
        return fresh
