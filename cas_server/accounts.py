"""`cas account` and `cas admin`: sign-ins for the staff, made where the server runs."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cas_server.errors import Conflict, InvalidInput
from cas_server.identity.roles import STAFF, Role
from cas_server.one_act import on_database

if TYPE_CHECKING:  # what touches the database loads slowly, and `cas --help` need not wait for it
    from cas_server.db.session import Database, Session

ONE_TIME_FOR = timedelta(days=7)

app = typer.Typer(no_args_is_help=True, help="Sign-ins for the staff.")
admin = typer.Typer(no_args_is_help=True, help="The first admin.")
out = Console(highlight=False, markup=False, soft_wrap=True)

Username = Annotated[str, typer.Argument(help="What they type to sign in.")]
Name = Annotated[str, typer.Option(help="As colleagues know them.")]
Satuan = Annotated[str, typer.Option(help="Code of the Satuan; they see it and all below.")]


class AdminExists(Conflict):
    code = "admin_exists"

    def __init__(self) -> None:
        super().__init__("there is an admin already; say --another to make one more")


@app.command("create")
def create(
    username: Username,
    *,
    role: Annotated[Role, typer.Option(help="operator, pimpinan or admin")],
    satuan: Satuan,
    name: Name = "",
) -> None:
    """Let somebody of the staff sign in; prints a one-time password."""
    if role not in STAFF:
        raise InvalidInput("role", "only operator, pimpinan and admin are made here")

    async def make(session: "Session") -> None:
        await _make(session, username, name, role, satuan)

    _run(make)


@app.command("password")
def password(username: Username) -> None:
    """Give an account a new one-time password; it is signed out everywhere."""

    async def change(session: "Session") -> None:
        from cas_server.identity import password_rules, queries
        from cas_server.identity.passwords import hash_password
        from cas_server.kit.clock import utc_now

        secret, now = password_rules.one_time(), utc_now()
        hashed = await hash_password(secret)
        if not await queries.set_one_time_password(
            session, username, hashed, now, now + ONE_TIME_FOR
        ):
            raise InvalidInput("username", f"there is no account {username}")
        out.print(f"{username} is signed out everywhere")
        _tell(secret)

    _run(change)


@app.command("activate")
def activate(
    nrp: Annotated[str, typer.Argument(help="Service number of the Personil.")],
) -> None:
    """Print a code with which a Personil confirms a new device, without a superior at hand."""

    async def give(session: "Session") -> None:
        from cas_server.identity import activation
        from cas_server.kit.clock import utc_now
        from cas_server.registry import known

        held = await known.personil_holders(session, [nrp])
        if not held:
            raise InvalidInput("nrp", f"there is no Personil {nrp}; import them first")
        code = await activation.issue(session, held[0].id, utc_now())
        out.print(f"activation code of {held[0].name} ({nrp}): {code}")
        out.print(f"good once, within {activation.HOLDS.days} days; hand it over in person")

    _run(give)


@app.command("manager")
def manager(
    phone: Annotated[str, typer.Argument(help="Their mobile number; a code is sent to it.")],
    *,
    instansi: Annotated[str, typer.Option(help="Code of the Instansi, as it was imported.")],
    name: Name,
) -> None:
    """Let somebody manage an Instansi: they add its other people themselves."""

    async def make(session: "Session") -> None:
        from cas_server.identity.phones import normal_phone
        from cas_server.instansi import people
        from cas_server.instansi.views import PetugasBody
        from cas_server.kit.clock import utc_now
        from cas_server.kit.ids import new_id
        from cas_server.registry import known

        found = await known.instansi_holders(session, [instansi])
        if not found:
            raise InvalidInput("instansi", f"there is no Instansi {instansi}; import it first")
        body = PetugasBody(name=name, phone=normal_phone(phone), manager=True)
        await people.add(session, found[0].id, new_id(), body, utc_now())
        out.print(f"{name} may sign in at /instansi/ with that number, and manages {instansi}")

    _run(make)


@admin.command("create")
def create_admin(
    username: Username,
    *,
    name: Name = "",
    satuan: Annotated[str, typer.Option(help="Code of their Satuan; without it, all.")] = "",
    another: Annotated[bool, typer.Option("--another", help="Also when there is one.")] = False,
) -> None:
    """Make the first admin; prints a one-time password. Demo admins do not count."""

    async def make(session: "Session") -> None:
        from cas_server.identity import queries

        if not another and await queries.has_admin(session):
            raise AdminExists
        await _make(session, username, name, Role.ADMIN, satuan)

    _run(make)


async def _make(session: "Session", username: str, name: str, role: Role, satuan: str) -> None:
    from cas_server.identity import password_rules, service
    from cas_server.identity.passwords import hash_password
    from cas_server.identity.queries import NewAccount
    from cas_server.kit.clock import utc_now
    from cas_server.registry import queries as registry

    known = {each.code: each for each in await registry.satuan_below(session, "")}
    at = known.get(satuan)
    if at is None and satuan:
        raise InvalidInput("satuan", f"there is no Satuan {satuan}; known: {', '.join(known)}")
    secret, now = password_rules.one_time(), utc_now()
    account = NewAccount(
        role=role,
        name=name or username,
        username=username,
        password_hash=await hash_password(secret),
        password_change_by=now + ONE_TIME_FOR,
        satuan_id=at.id if at else None,
        satuan_path=at.path if at else "",
    )
    await service.make_account(session, account, now)
    out.print(f"{username} may sign in as {role} at {at.name if at else 'every Satuan'}")
    _tell(secret)


def _tell(secret: str) -> None:
    out.print(f"one-time password: {secret}")
    out.print(f"it must be changed at the first sign-in, within {ONE_TIME_FOR.days} days")


def _run(act: "Callable[[Session], Awaitable[None]]") -> None:
    async def in_one_transaction(database: "Database") -> None:
        async with database.transaction() as session:
            await act(session)

    on_database(in_one_transaction, out.print)
