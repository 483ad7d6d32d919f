"""The `cas` command."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cas_server import log
from cas_server.errors import CasError
from cas_server.settings import Settings

app = typer.Typer(
    name="cas",
    help="CAS, the Crime Alarm System: a press reaches the nearest Personil and the desk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
importing = typer.Typer(no_args_is_help=True, help="Bring the regency in from files.")
app.add_typer(importing, name="import")

out = Console()
err = Console(stderr=True)


def main() -> None:
    """Run a command; an expected failure is one sentence and exit code 1."""
    try:
        app()
    except CasError as error:
        err.print(f"[bold red]cas:[/] {error}", highlight=False)
        sys.exit(1)


def _settings() -> Settings:
    settings = Settings()
    log.configure(settings.log_level)
    return settings


def _dsn(settings: Settings) -> str:
    from cas_server.up import ready_dsn

    return ready_dsn(settings, _say)


def _say(line: str) -> None:
    err.print(f"  {line}", highlight=False)


@app.command()
def up(
    *,
    simulate: Annotated[
        bool, typer.Option(help="Patrols drive and people press, marked SIMULASI.")
    ] = True,
) -> None:
    """Everything on this machine: database, server, worker and a demo regency. Ctrl-C ends it."""
    from cas_server.up import run

    run(_settings(), simulate=simulate)


@app.command()
def serve() -> None:
    """The web server alone: HTTP, sockets and pages, at CAS_HOST and CAS_PORT."""
    from cas_server.serve import server

    settings = _settings()
    server(settings, _dsn(settings)).run()


@app.command()
def work() -> None:
    """The worker alone: pushes and deadlines. Any number may run beside each other."""
    from cas_server.worker import work as work_on

    settings = _settings()
    dsn = _dsn(settings)

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await work_on(settings, dsn, stop)

    asyncio.run(until_told())


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema; safe to repeat."""
    from cas_server.db.migrate import upgrade

    settings = _settings()
    asyncio.run(upgrade(_dsn(settings)))
    out.print("the database has the newest schema")


@app.command()
def schemas(
    *,
    check: Annotated[bool, typer.Option(help="Change nothing; fail when a file is stale.")] = False,
) -> None:
    """Write schemas/ (OpenAPI, AsyncAPI, JSON Schema) from the models."""
    from cas_server import schemas as made

    names = made.stale() if check else made.write()
    for name in names:
        out.print(f"{'stale' if check else 'written'}: schemas/{name}")
    if check and names:
        err.print("run 'make schemas' and commit what it writes")
        raise typer.Exit(1)
    if not names:
        out.print("schemas/ is current")


FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
CheckOnly = Annotated[bool, typer.Option("--check-only", help="Say what is wrong; store nothing.")]


def _import(kind: str, path: Path, *, swap: bool, check_only: bool) -> None:
    from cas_server.db.bell import Bell
    from cas_server.db.engine import create_engine
    from cas_server.db.session import Database
    from cas_server.registry.importing import ImportKind, import_file

    settings = _settings()
    dsn = _dsn(settings)

    async def store() -> None:
        database = Database(create_engine(dsn, 2), Bell(dsn))
        try:
            async with database.transaction() as session:
                report = await import_file(session, ImportKind(kind), path, swap=swap)
                out.print(str(report), highlight=False)
                if check_only:
                    session.discard()
                    out.print("checked only: nothing was stored")
        finally:
            await database.close()

    asyncio.run(store())


@importing.command("wilayah")
def import_wilayah(
    file: FileArgument,
    *,
    swap: Annotated[bool, typer.Option(help="The file has [lat, lng]: swap them.")] = False,
    check_only: CheckOnly = False,
) -> None:
    """Areas (kabupaten, kecamatan, desa) from GeoJSON, with Kemendagri codes."""
    _import("wilayah", file, swap=swap, check_only=check_only)


@importing.command("satuan")
def import_satuan(file: FileArgument, *, check_only: CheckOnly = False) -> None:
    """Police units (Polda, Polres, Polsek, special units) from CSV."""
    _import("satuan", file, swap=False, check_only=check_only)


@importing.command("personil")
def import_personil(file: FileArgument, *, check_only: CheckOnly = False) -> None:
    """Police officers from CSV."""
    _import("personil", file, swap=False, check_only=check_only)


@importing.command("instansi")
def import_instansi(file: FileArgument, *, check_only: CheckOnly = False) -> None:
    """Institutions and their sites from CSV."""
    _import("instansi", file, swap=False, check_only=check_only)


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation and how to mend it."""
    from cas_server.doctor import examine

    findings = examine(_settings())
    for finding in findings:
        out.print(str(finding), highlight=False)
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(1)
