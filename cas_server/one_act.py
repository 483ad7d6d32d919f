"""One thing that a command does with the database before it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from cas_server.settings import Settings

if TYPE_CHECKING:  # what touches the database loads slowly, and `cas --help` need not wait for it
    from cas_server.db.session import Database

T = TypeVar("T")


def on_database(act: "Callable[[Database], Awaitable[T]]", say: Callable[[str], None]) -> T:
    """Do it with the database that the settings name, started and migrated if need be."""
    from cas_server.up import ready_dsn
    from cas_server.vault.service import opened

    settings = Settings()
    dsn = ready_dsn(settings, say)

    async def once() -> T:
        async with opened(dsn, settings) as database:
            return await act(database)

    return asyncio.run(once())
