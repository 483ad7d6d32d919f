"""`cas account`: sign-ins for the staff, made where the server runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cas_server.errors import InvalidInput
from cas_server.identity.roles import Role
from cas_server.settings import Settings

if TYPE_CHECKING:  # what touches the database loads slowly, and `cas --help` need not wait for it
    from cas_server.db.session import Session

SHORTEST_PASSWORD = 12
STAFF = (Role.OPERATOR, Role.PIMPINAN, Role.ADMIN)

app = typer.Typer(no_args_is_help=True, help="Sign-ins for the staff.")
out = Console(highlight=False, markup=False, soft_wrap=True)

Username = Annotated[str, typer.Argument(help="What they type to sign in.")]
Password = Annotated[
    str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, envvar="CAS_PASSWORD")
]


@app.command("create")
def create(
    username: Username,
    *,
    role: Annotated[Role, typer.Option(help="operator, pimpinan or admin")],
    satuan: Annotated[str, typer.Option(help="Code of the Satuan; they see it and all below.")],
    name: Annotated[str, typer.Option(help="As colleagues know them.")] = "",
    password: Password,
) -> None:
    """Let somebody of the staff sign in."""
    if role not in STAFF:
        raise InvalidInput("role", "only operator, pimpinan and admin are made here")
    _require_long(password)

    async def make(session: "Session") -> None:
        from cas_server.identity import service
        from cas_server.identity.passwords import hash_password
        from cas_server.identity.queries import NewAccount
        from cas_server.kit.clock import utc_now
        from cas_server.registry import queries as registry

        known = {each.code: each for each in await registry.satuan_below(session, "")}
        at = known.get(satuan)
        if at is None:
            raise InvalidInput("satuan", f"there is no Satuan {satuan}; known: {', '.join(known)}")
        account = NewAccount(
            role=role,
            name=name or username,
            username=username,
            password_hash=await hash_password(password),
            satuan_id=at.id,
            satuan_path=at.path,
        )
        await service.make_account(session, account, utc_now())
        out.print(f"{username} may sign in as {role} at {at.name}")

    _run(make)


@app.command("password")
def password(username: Username, *, password: Password) -> None:
    """Give an account a new password; it is signed out everywhere."""
    _require_long(password)

    async def change(session: "Session") -> None:
        from cas_server.identity import queries
        from cas_server.identity.passwords import hash_password
        from cas_server.kit.clock import utc_now

        hashed = await hash_password(password)
        if not await queries.set_password(session, username, hashed, utc_now()):
            raise InvalidInput("username", f"there is no account {username}")
        out.print(f"{username} has a new password and is signed out everywhere")

    _run(change)


def _require_long(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput("password", f"must have at least {SHORTEST_PASSWORD} characters")


def _run(act: "Callable[[Session], Awaitable[None]]") -> None:
    from cas_server.db.bell import Bell
    from cas_server.db.pool import create_pool
    from cas_server.db.session import Database
    from cas_server.up import ready_dsn

    dsn = ready_dsn(Settings(), out.print)

    async def once() -> None:
        database = Database(create_pool(dsn, 1), Bell(dsn))
        try:
            async with database.transaction() as session:
                await act(session)
        finally:
            await database.close()

    asyncio.run(once())
