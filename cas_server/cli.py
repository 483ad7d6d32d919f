"""The `cas` command."""

import asyncio
import signal
import sys
from typing import Annotated

import typer
from rich.console import Console

from cas_server import accounts, audit, data_law, handover, imports, keys
from cas_server.bench.cli import app as bench
from cas_server.errors import CasError
from cas_server.garbage import loading
from cas_server.settings import Settings

app = typer.Typer(
    name="cas",
    help="CAS, the Crime Alarm System: a press reaches the nearest Personil and the desk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(imports.app, name="import")
app.add_typer(accounts.app, name="account")
app.add_typer(accounts.admin, name="admin")
app.add_typer(audit.app, name="audit")
app.add_typer(data_law.app)
app.add_typer(keys.app, name="keys")
app.add_typer(bench, name="bench")

out = Console()
err = Console(stderr=True)


def main() -> None:
    """Run a command; an expected failure is one sentence and exit code 1."""
    try:
        app()
    except CasError as error:
        err.print(f"cas: {error}", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)


def _settings() -> Settings:
    from cas_server import log

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

    run(Settings(), simulate=simulate)


@app.command()
def restart() -> None:
    """Replace server and worker of the running `cas up`, as after an update; nobody is refused."""
    from cas_server.up import restart as replace

    replace(_settings())
    out.print("server and worker were replaced")


@app.command()
def serve() -> None:
    """The web server alone: HTTP, sockets and pages, at CAS_HOST and CAS_PORT.

    Or on the socket that systemd's socket activation hands over.
    """
    from cas_server.serve import run

    settings = _settings()
    run(settings, _dsn(settings))


@app.command()
def work() -> None:
    """The worker alone: pushes and deadlines. Any number may run beside each other."""
    with loading():
        import uvloop

        from cas_server.vault.service import check
        from cas_server.worker import work as work_on

    settings = _settings()
    dsn = _dsn(settings)
    check(settings, dsn)
    handover.show_as("cas-worker")

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await work_on(settings, dsn, stop)

    uvloop.run(until_told())


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


@app.command()
def doctor(
    *,
    production: Annotated[
        bool, typer.Option(help="Also what is not fit for the open internet.")
    ] = False,
) -> None:
    """Say what is wrong with this installation and how to mend it."""
    from cas_server.doctor import examine
    from cas_server.production import examine as examine_for_production

    settings = _settings()
    findings = examine(settings)
    if production:
        findings += examine_for_production(settings)
    for finding in findings:
        out.print(str(finding), highlight=False, markup=False)
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(1)
