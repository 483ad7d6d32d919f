"""What is wrong with this installation, and how to mend it; changes nothing."""

import asyncio
import json
import re
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import asyncpg

from cas_server.db import wall
from cas_server.db.migrate import is_current
from cas_server.db.pool import connect
from cas_server.embedded import Cluster, Programs, state_folder
from cas_server.embedded import programs as postgres
from cas_server.embedded.apt import Apt
from cas_server.embedded.problems import EmbeddedProblem, NoPostgres
from cas_server.identity import sms
from cas_server.settings import Settings
from cas_server.vault import key_file
from cas_server.vault import service as vault
from cas_server.vault.key_file import KeyProblem, NoKey
from cas_server.web.built import CLIENTS, built

LOCK_FILE = Path(__file__).parent.parent / "requirements.lock"
OLDEST_PYTHON = (3, 11)
LITTLE_BYTES = 2_000_000_000
TOO_LITTLE_BYTES = 300_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: fine, worth knowing, or to be mended before CAS can work."""

    subject: str
    says: str
    mend: str = ""
    is_fault: bool = False

    def __str__(self) -> str:
        mark = "wrong" if self.is_fault else "note" if self.mend else "ok"
        line = f"{mark:<6}{self.subject}: {self.says}"
        return f"{line}\n      -> {self.mend}" if self.mend else line


def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which things are needed."""
    looks: list[Callable[[Settings], Iterator[Finding]]] = [
        _python,
        _packages,
        _clients,
        _disk,
        _database,
        _keys,
        _port,
        _push,
        _codes,
    ]
    return [finding for look in looks for finding in look(settings)]


def _fault(subject: str, says: str, mend: str) -> Finding:
    return Finding(subject, says, mend, is_fault=True)


def _python(_: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield _fault("python", f"{version} is too old", "install Python 3.11 or newer, then 'make'")
    else:
        yield Finding("python", f"{version} at {sys.executable}")


def _packages(_: Settings) -> Iterator[Finding]:
    """The environment against the lock file; in a wheel there is none to compare with."""
    if not LOCK_FILE.exists():
        yield Finding("packages", "installed without a lock file")
        return
    # A name may stand there twice: another version for another Python.
    locked: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ ;\\]+)", LOCK_FILE.read_text(), re.MULTILINE):
        locked.setdefault(_plain(name), set()).add(version)
    here = {_plain(each.name): each.version for each in metadata.distributions()}
    other = [
        f"{each} {here[each]}" for each in locked.keys() & here if here[each] not in locked[each]
    ]
    missing = sorted(_required() - here.keys())
    if other or missing:
        named = ", ".join([*other, *(f"{name} missing" for name in missing)][:5])
        yield _fault("packages", f"not as requirements.lock says: {named}", "run 'make setup'")
    else:
        yield Finding("packages", "as requirements.lock says")


def _required() -> set[str]:
    """What CAS itself names without a condition."""
    named = metadata.requires("cas-server") or []
    return {_plain(re.split(r"[^\w.-]", each)[0]) for each in named if ";" not in each}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _clients(_: Settings) -> Iterator[Finding]:
    missing = [client for client in CLIENTS if built(client) is None]
    if missing:
        yield _fault("pages", f"not built: {', '.join(missing)}", "run 'make clients'")
    else:
        yield Finding("pages", "built")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.state_dir or state_folder()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free_bytes = shutil.disk_usage(there).free
    says = f"{free_bytes / 1e9:.1f} GB free for {folder}"
    mend = "make room, or set CAS_STATE_DIR to a folder on a larger disk"
    if free_bytes < TOO_LITTLE_BYTES:
        yield _fault("disk", says, mend)
    else:
        yield Finding("disk", says, mend if free_bytes < LITTLE_BYTES else "")


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is not None:
        yield from _reached(settings.database_url.get_secret_value(), "CAS_DATABASE_URL")
        return
    try:
        programs = postgres.installed() or postgres.unpacked()
        if programs is None:
            yield _no_programs()
            return
        yield Finding(
            "postgresql", f"{programs.version} with PostGIS, {programs.origin} at {programs.bin}"
        )
        yield from _cluster(settings, programs)
    except EmbeddedProblem as problem:
        yield _fault("database", str(problem), "see the sentence above")
    except PermissionError as refusal:
        yield _fault(
            "database",
            f"{refusal.filename} may not be read by this account",
            "run CAS as the account that made it, or set CAS_STATE_DIR to another folder",
        )


def _no_programs() -> Finding:
    if Apt.exists():
        return Finding(
            "postgresql",
            "none with PostGIS is installed",
            "nothing to do: the first 'cas up' unpacks the distribution's own (needs a network)",
        )
    return _fault("postgresql", str(NoPostgres(postgres.command())), "run the command it names")


def _cluster(settings: Settings, programs: Programs) -> Iterator[Finding]:
    cluster = Cluster((settings.state_dir or state_folder()) / "cluster", programs)
    if not cluster.data.exists():
        yield Finding("database", "not made yet", "nothing to do: 'cas up' makes it")
        return
    cluster.check()
    if not cluster.is_running():
        yield Finding(
            "database", f"stopped, in {cluster.folder}", "nothing to do: 'cas up' starts it"
        )
        return
    yield from _reached(cluster.url("cas"), f"the embedded one in {cluster.folder}")


def _reached(dsn: str, where: str) -> Iterator[Finding]:
    versions = asyncio.run(_versions(dsn))
    if isinstance(versions, Exception):
        words = str(versions).strip() or type(versions).__name__
        yield _fault(
            "database", f"{where} does not answer: {words}", "start it, or mend its address"
        )
        return
    server, postgis = versions
    if postgis is None:
        yield _fault(
            "database", f"PostgreSQL {server} has no PostGIS", "install its package of PostGIS 3"
        )
        return
    yield Finding("database", f"{where}: PostgreSQL {server}, PostGIS {postgis}")
    if not asyncio.run(is_current(dsn)):
        yield _fault("schema", "not the newest", "run 'cas migrate'")
        return
    yield Finding("schema", "the newest")
    yield asyncio.run(_second_wall(dsn))


async def _second_wall(dsn: str) -> Finding:
    connection = await connect(dsn)
    try:
        stands = await wall.stands(connection)
        differs = await wall.differs(connection) if stands else None
        login = await connection.fetchval("SELECT quote_ident(current_user)")
    finally:
        await connection.close()
    if differs is not None:
        return Finding("second wall", differs, "run 'cas migrate', and ask who changed it")
    if stands:
        return Finding(
            "second wall",
            f"desks work as {wall.ROLE}, others read as {wall.OWN_ROLE}, behind row-level security",
        )
    return Finding(
        "second wall",
        "missing: this login may not make roles, so only the queries keep people apart",
        f"as an administrator: CREATE ROLE {wall.ROLE} NOLOGIN; "
        f"CREATE ROLE {wall.OWN_ROLE} NOLOGIN; "
        f"GRANT {wall.ROLE}, {wall.OWN_ROLE} TO {login}; then 'cas migrate'",
    )


async def _versions(dsn: str) -> tuple[str, str | None] | Exception:
    try:
        connection = await asyncio.wait_for(connect(dsn), timeout=10)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
        return failure
    try:
        server = await connection.fetchval("SHOW server_version")
        postgis = await connection.fetchval(
            "SELECT default_version FROM pg_available_extensions WHERE name = 'postgis'"
        )
    finally:
        await connection.close()
    return str(server).split()[0], postgis


def _keys(settings: Settings) -> Iterator[Finding]:
    """Whether what is sealed can be opened; without a database only that there is a key."""
    try:
        keks = key_file.load(settings)
        if settings.database_url is not None:
            vault.check(settings, settings.database_url.get_secret_value())
    except NoKey as problem:
        if settings.database_url is None:
            yield Finding("keys", "none yet", "nothing to do: 'cas up' makes one")
        else:
            yield _fault("keys", str(problem), "put the key file back, or make one")
    except KeyProblem as problem:
        yield _fault("keys", str(problem), "put back the key file that belongs to this database")
    else:
        names = ", ".join(kek.id for kek in keks)
        yield Finding("keys", f"{names} from {key_file.where(settings)}")


def _port(settings: Settings) -> Iterator[Finding]:
    where = f"{settings.host}:{settings.port}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as refusal:
            yield _who_listens(settings, refusal)
            return
    yield Finding("port", f"{where} is free")


def _who_listens(settings: Settings, refusal: OSError) -> Finding:
    url = f"http://{settings.host}:{settings.port}/v1/health/ready"
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            health = json.load(answer)
    except urllib.error.HTTPError as unready:
        health = _json_of(unready)
    except (OSError, ValueError):
        health = None
    if not isinstance(health, dict) or "status" not in health:
        return _fault(
            "port",
            f"{settings.host}:{settings.port} cannot be used: {refusal.strerror}",
            f"end the program that listens there, or set CAS_PORT={settings.port + 1}",
        )
    if health["status"] == "ok":
        return Finding("port", f"CAS is running at {settings.host}:{settings.port}")
    return _fault("server", f"it runs, but is not ready: {health.get('detail')}", "as it says")


def _json_of(answer: urllib.error.HTTPError) -> object:
    with answer:
        try:
            return json.load(answer)
        except ValueError:
            return None


def _push(settings: Settings) -> Iterator[Finding]:
    file = settings.firebase_credentials
    if file is None:
        yield Finding(
            "push",
            "no Firebase credentials: sockets work, but sleeping phones are not woken",
            "set CAS_FIREBASE_CREDENTIALS to the service account's JSON file",
        )
        return
    try:
        account = json.loads(file.read_text())
        project = account["project_id"] if "private_key" in account else None
    except (OSError, ValueError, TypeError, KeyError) as failure:
        project = None
        why = f"{type(failure).__name__}: {failure}"
    else:
        why = "it holds no private key"
    if project is None:
        yield _fault("push", f"{file} is no service account: {why}", "fetch it anew from Firebase")
    else:
        yield Finding("push", f"Firebase project {project}")


def _gateway(settings: Settings) -> Finding:
    fault = sms.fault_of_gateway(settings)
    if fault is None:
        return Finding("sms", f"through {settings.sms_gateway_url}, which answers")
    mend = "start the gateway's phone, or mend CAS_SMS_GATEWAY_URL, _USER and _PASSWORD"
    return _fault("sms", f"{settings.sms_gateway_url} {fault}", mend)


def _codes(settings: Settings) -> Iterator[Finding]:
    if settings.sms_gateway_url is not None:
        yield _gateway(settings)
    elif settings.demo:
        yield Finding("sms", "demo mode: one-time codes are shown in the log")
    else:
        yield Finding(
            "sms",
            "no gateway: Masyarakat cannot sign in with a one-time code",
            "set CAS_SMS_GATEWAY_URL, or CAS_DEMO=1 to see the codes in the log",
        )
