"""`cas up`: everything on one machine, started in order, watched, and ended together."""

import asyncio
import json
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar

import asyncpg
from rich.console import Console
from rich.markup import escape

from cas_server import handover
from cas_server.children import READY_WITHIN_S, Children, Recipe, python
from cas_server.embedded import Cluster, Say, find_programs, state_folder
from cas_server.embedded.problems import EmbeddedProblem
from cas_server.errors import CasError
from cas_server.running import Lock, Signs, ask_to_restart, only_one
from cas_server.settings import DEMO_PASSWORD, Settings
from cas_server.web.built import CLIENTS, built

DATABASE = "cas"
MIGRATIONS = Path(__file__).parent / "migrations"
ROUND_S = 0.1
TEND_EVERY_S = 2.0

console = Console(highlight=False)


class WontStay(CasError):
    code: ClassVar[str] = "will_not_stay_up"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} keeps ending; the lines above say why, and so may 'cas doctor'")


def _folder(settings: Settings) -> Path:
    return settings.state_dir or state_folder()


def ready_dsn(settings: Settings, say: Say) -> str:
    """The database to use: CAS_DATABASE_URL, else the embedded one, started if it is not running.

    Without CAS_DATABASE_URL the embedded cluster lives until this process ends.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return _embedded(settings, say).url(DATABASE)


def _embedded(settings: Settings, say: Say) -> Cluster:
    cluster = Cluster(_folder(settings) / "cluster", find_programs(say))
    cluster.start(say)
    cluster.create_database(DATABASE)
    return cluster


@contextmanager
def _step(title: str) -> Iterator[Say]:
    """A line that turns while something takes long, and stays with its time when done."""
    started = time.monotonic()
    with console.status(f"{title} …") as status:
        yield lambda line: status.update(f"{title}: {line}")
    console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - started:.1f} s[/]")


def run(settings: Settings, *, simulate: bool) -> None:
    """Start everything, print where it is, and stay until Ctrl-C or SIGTERM."""
    signs = Signs()
    folder = _folder(settings)
    with only_one(folder) as lock:
        # Ours for as long as we run, whichever process serves them.
        sockets = handover.bound(settings.host, settings.port)
        cluster: Cluster | None = None
        children = Children(folder / "log", lambda line: console.print(f"[yellow]![/] {line}"))
        try:
            if settings.database_url is None:
                with _step("Database") as say:
                    cluster = _embedded(settings, say)
            dsn = cluster.url(DATABASE) if cluster else ready_dsn(settings, console.print)
            _find_key(settings, dsn)
            phones = folder / "demo-phones.json"
            if not (phones.is_file() and asyncio.run(_is_prepared(dsn))):
                _prepare(settings, dsn, phones)
            fcm = folder / "fcm" if settings.firebase_credentials is None else None
            simulation = _simulation(settings, phones) if simulate else []
            with _step("Server"):
                _start_server(children, dsn, fcm, sockets)
                _await_ready(settings, children, signs)
            _start_rest(children, dsn, fcm, simulation)
            _introduce(settings, simulate=simulate)
            _watch(children, signs, lock, cluster)
        finally:
            with _step("Stopping"):
                children.end_all()
                if cluster is not None:
                    cluster.stop()


def _watch(children: Children, signs: Signs, lock: Lock, cluster: Cluster | None) -> None:
    """Stay until told to stop; WontStay when something needed keeps ending."""
    tend_at = time.monotonic()
    restarting = False
    while not signs.stop:
        if time.monotonic() >= tend_at:
            _tend(cluster)
            tend_at = time.monotonic() + TEND_EVERY_S
        if not restarting and signs.take_restart():
            restarting = True
            children.replace()
        if (fallen := children.look()) is not None:
            raise WontStay(fallen)
        if restarting and not children.replacing:
            restarting = False
            lock.settled(children.failure)
        time.sleep(ROUND_S)


def restart(settings: Settings) -> None:
    """Have the `cas up` of this state folder replace server and worker; return when it has."""
    ask_to_restart(_folder(settings))


def _tend(cluster: Cluster | None) -> None:
    """A database that ended by itself is started again; the server waits for it meanwhile.

    Where that fails, as on a full disk, it is tried again: whoever makes room need do nothing else.
    """
    if cluster is None or cluster.runs():
        return
    console.print("[yellow]![/] the database ended; starting it again")
    try:
        cluster.start(console.print)
    except EmbeddedProblem as problem:
        console.print(f"[red]![/] {escape(str(problem))}")


async def _is_prepared(dsn: str) -> bool:
    """True when schema and regency are there: asked without loading what would make them."""
    newest = max(path.name for path in MIGRATIONS.glob("versions/[0-9]*.py")).split("_")[0]
    connection = await asyncpg.connect(dsn)
    try:
        version = await connection.fetchval("SELECT version_num FROM alembic_version")
        known = await connection.fetchval("SELECT EXISTS (SELECT FROM satuan)")
        return bool(version == newest and known)
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()


def _find_key(settings: Settings, dsn: str) -> None:
    """A key for a database that has never had one; whoever has lost theirs is told so."""
    from cas_server.vault import key_file

    chosen = settings.key is not None or settings.key_file is not None
    if not (chosen or key_file.path(settings).exists() or asyncio.run(_has_data_keys(dsn))):
        key_file.make(key_file.path(settings))
    key_file.load(settings)


async def _has_data_keys(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM data_key)"))
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()


def _prepare(settings: Settings, dsn: str, phones: Path) -> None:
    from cas_server.db.migrate import upgrade
    from cas_server.first_start import seed

    with _step("Schema"):
        asyncio.run(upgrade(dsn))
    with _step("Demo regency") as say:
        seed(settings, dsn, phones, say)


def _start_server(
    children: Children, dsn: str, fcm: Path | None, sockets: list[socket.socket]
) -> None:
    """The server, and beside it the FCM test server: both take a while to load."""
    command = python("cas_server.serve")
    environment = _environment(dsn)
    children.start(
        Recipe("the server", command, environment, sockets=sockets, says_ready=True, has_spare=True)
    )
    if fcm is not None:
        fcm.mkdir(exist_ok=True)
        for stale in fcm.iterdir():
            stale.unlink()
        command = python("cas_server.demo.fcm_server", "--folder", str(fcm))
        children.start(Recipe("the FCM test server", command, {}))


def _start_rest(children: Children, dsn: str, fcm: Path | None, simulation: list[str]) -> None:
    """The worker, and who it works for: only now, so that the server was up sooner."""
    environment = _environment(dsn) | (_await_fcm(fcm, children) if fcm is not None else {})
    command = python("cas_server", "work")
    children.start(Recipe("the worker", command, environment, says_ready=True))
    if simulation:
        command = python("cas_server.demo", *simulation)
        children.start(Recipe("the simulation", command, {}, needed=False))


def _environment(dsn: str) -> dict[str, str]:
    return {"CAS_DATABASE_URL": dsn, "CAS_DEMO": "true"}


def _await_fcm(folder: Path, children: Children) -> dict[str, str]:
    """The environment that points the server at the FCM test server, once it has said where."""
    deadline = time.monotonic() + READY_WITHIN_S
    told = folder / "fcm.json"
    while not told.is_file():
        if children.look() is not None or time.monotonic() > deadline:
            raise WontStay("the FCM test server")
        time.sleep(0.05)
    address = json.loads(told.read_text())
    return {
        "CAS_FIREBASE_CREDENTIALS": address["credentials"],
        "CAS_FCM_URL": address["url"],
    }


def _await_ready(settings: Settings, children: Children, signs: Signs) -> None:
    url = f"http://{settings.host}:{settings.port}/v1/health/ready"
    deadline = time.monotonic() + READY_WITHIN_S
    while not signs.stop:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == HTTPStatus.OK:
                    return
        except (urllib.error.URLError, OSError):
            pass
        fallen = children.look()
        if fallen is None and time.monotonic() > deadline:
            fallen = "the server"
        if fallen is not None:
            raise WontStay(fallen)
        time.sleep(0.1)


def _simulation(settings: Settings, phones: Path) -> list[str]:
    return ["--server", f"http://{settings.host}:{settings.port}", "--phones", str(phones)]


def _introduce(settings: Settings, *, simulate: bool) -> None:
    base = f"http://{settings.host}:{settings.port}"
    password = DEMO_PASSWORD
    console.print(f"\n[bold]CAS is running at {base}[/]\n")
    console.print(f"  Komando (command centre)   {base}/komando/     operator / {password}")
    console.print(
        f"  Masyarakat (press)         {base}/masyarakat/  any 08… number; the code is printed here"
    )
    console.print(
        f"  Instansi (counter)         {base}/instansi/    0810 0000 8000, the code is printed here"
    )
    console.print(
        f"  Personil (officers)        {base}/personil/    0810 0000 9001, the code is printed here"
    )
    console.print(
        f"  Also: kapolres, admin, operator.dander, kapolsek.dander - all with {password}"
    )
    if simulate:
        console.print(
            "  Patrols are driving and people press: everything they do is marked SIMULASI."
        )
    missing = [client for client in CLIENTS if built(client) is None]
    if missing:
        console.print(f"[yellow]![/] not built: {', '.join(missing)}; run 'make clients'")
    console.print(f"  Logs                       {_folder(settings) / 'log'}")
    console.print("\nCtrl-C stops everything that was started here.\n")
    sys.stdout.flush()
