"""What makes an installation unfit for the open internet, and how to mend it; changes nothing."""

import asyncio
import stat
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from cas_server.db import wall
from cas_server.db.pool import Connection, connect
from cas_server.doctor import Finding
from cas_server.identity.passwords import matches
from cas_server.settings import DEMO_PASSWORD, Settings

LONGEST_SESSION_DAYS = 30
LONGEST_CODE_MINUTES = 10
LARGEST_BODY_BYTES = 10_000_000
TLS_MODES = {"require", "verify-ca", "verify-full"}
MOST_TRIED = 200
"""Trying a password costs a tenth of a second on purpose."""


def examine(settings: Settings) -> list[Finding]:
    """Everything unfit; at least one line for each thing that was looked at."""
    looks: list[Callable[[Settings], Iterator[Finding]]] = [
        _demo,
        _door,
        _weak_settings,
        _outside,
        _keys,
        _database,
    ]
    return [finding for look in looks for finding in look(settings)]


def _unfit(subject: str, says: str, mend: str) -> Finding:
    return Finding(subject, says, mend, is_fault=True)


def _demo(settings: Settings) -> Iterator[Finding]:
    if settings.demo:
        yield _unfit("demo mode", "on: one-time codes are written to the log", "unset CAS_DEMO")
    else:
        yield Finding("demo mode", "off")


def _door(settings: Settings) -> Iterator[Finding]:
    """Passwords and places cross the network: only behind something that speaks TLS."""
    if not settings.trusted_proxies:
        yield _unfit(
            "proxy",
            "no proxy is trusted: limits would count the proxy's address as everybody's, and"
            " browsers are not told to stay with https",
            "put a TLS proxy before CAS and name its address in CAS_TRUSTED_PROXIES",
        )
    else:
        yield Finding("proxy", f"{settings.trusted_proxies} may say who is asking")
    if _is_loopback(settings.host):
        yield Finding("address", f"{settings.host}: reached through the proxy only")
    else:
        yield _unfit(
            "address",
            f"CAS_HOST={settings.host} takes plain HTTP from the network",
            "set CAS_HOST=127.0.0.1, or let a firewall admit the proxy alone and say so there",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _weak_settings(settings: Settings) -> Iterator[Finding]:
    limits = [
        ("CAS_SESSION_DAYS", settings.session_days, LONGEST_SESSION_DAYS),
        ("CAS_CODE_MINUTES", settings.code_minutes, LONGEST_CODE_MINUTES),
        ("CAS_MAX_BODY_BYTES", settings.max_body_bytes, LARGEST_BODY_BYTES),
    ]
    weak = [(name, value, most) for name, value, most in limits if value > most]
    for name, value, most in weak:
        yield _unfit("settings", f"{name}={value} is too generous", f"set it to {most} or less")
    if settings.log_level.lower() == "debug":
        yield _unfit("settings", "the log holds every detail", "set CAS_LOG_LEVEL=info")
    elif not weak:
        yield Finding("settings", "within their limits")


def _outside(settings: Settings) -> Iterator[Finding]:
    if settings.firebase_credentials is None:
        yield _unfit(
            "push", "no Firebase: sleeping phones are not woken", "set CAS_FIREBASE_CREDENTIALS"
        )
    elif settings.fcm_url is not None:
        yield _unfit("push", f"goes to {settings.fcm_url}, not to Google", "unset CAS_FCM_URL")
    else:
        yield Finding("push", "through Firebase")
    gateway = settings.sms_gateway_url
    if gateway is None:
        yield _unfit("sms", "no gateway: nobody can sign in by code", "set CAS_SMS_GATEWAY_URL")
    elif urlsplit(gateway).scheme != "https" and not _is_loopback(urlsplit(gateway).hostname or ""):
        yield _unfit("sms", f"{gateway} sends codes in the clear", "use its https address")
    else:
        yield Finding("sms", f"through {gateway}")


def _keys(settings: Settings) -> Iterator[Finding]:
    """Every setting that names a file of secrets, also those to come."""
    files = {
        f"CAS_{name.upper()}": value
        for name, value in settings
        if isinstance(value, Path) and name.endswith(("_key_file", "_credentials"))
    }
    unnamed = {
        "CAS_EVIDENCE_KEY_FILE": settings.evidence_key_file is None,
        "CAS_KEY_FILE": settings.key_file is None and settings.key is None,
    }
    for variable, is_unnamed in unnamed.items():
        if is_unnamed:
            yield _unfit(
                "keys",
                f"{variable} is not set: the key lies beside the data it protects",
                "make one elsewhere, keep a copy of it off this machine, and name it",
            )
    for variable, path in files.items():
        yield _file(variable, path)


def _file(variable: str, path: Path) -> Finding:
    try:
        mode = path.stat().st_mode
    except OSError as failure:
        return _unfit(
            "keys", f"{variable}: {failure.strerror}: {path}", "name a file that is there"
        )
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return _unfit("keys", f"{path} may be read by others", f"chmod 600 {path}")
    return Finding("keys", f"{variable}: {path}, for this account alone")


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None:
        yield _unfit(
            "database",
            "the embedded one: nobody backs it up, and its login may do everything",
            "set CAS_DATABASE_URL to a PostgreSQL that is backed up",
        )
        return
    dsn = settings.database_url.get_secret_value()
    if _is_plain(dsn):
        yield _unfit(
            "database", "reached over the network without TLS", "add ?sslmode=verify-full to it"
        )
    try:
        yield from asyncio.run(_inside(dsn))
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
        words = str(failure).strip() or type(failure).__name__
        yield _unfit("database", f"does not answer: {words}", "start it, or mend its address")


def _is_plain(dsn: str) -> bool:
    parts = urlsplit(dsn)
    asked = parse_qs(parts.query)
    host = asked.get("host", [parts.hostname or ""])[0]
    is_local = not host or host.startswith("/") or _is_loopback(host)
    return not is_local and asked.get("sslmode", ["prefer"])[0] not in TLS_MODES


async def _inside(dsn: str) -> list[Finding]:
    connection = await asyncio.wait_for(connect(dsn), timeout=10)
    try:
        return [
            await _login(connection),
            await _second_wall(connection),
            await _demo_people(connection),
            await _demo_password(connection),
        ]
    finally:
        await connection.close()


async def _login(sql: Connection) -> Finding:
    if await sql.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        return _unfit(
            "database login",
            "a superuser: whoever takes the server over has the whole machine's data",
            "make a login that owns only this database: CREATE ROLE cas LOGIN; ALTER DATABASE ...",
        )
    return Finding("database login", "no superuser")


async def _second_wall(sql: Connection) -> Finding:
    if await wall.stands(sql):
        return Finding("second wall", "stands")
    return _unfit(
        "second wall", "row-level security does not keep desks apart", "as 'cas doctor' says"
    )


async def _demo_people(sql: Connection) -> Finding:
    count = await sql.fetchval("SELECT count(*) FROM account WHERE demo AND disabled_at IS NULL")
    if count:
        return _unfit(
            "demo accounts",
            f"{count} made-up accounts can sign in",
            "use a database of its own; a demo regency is never emptied of its people",
        )
    return Finding("demo accounts", "none")


async def _demo_password(sql: Connection) -> Finding:
    rows = await sql.fetch(
        "SELECT username, password_hash FROM account WHERE password_hash IS NOT NULL"
        " AND disabled_at IS NULL AND role IN ('operator', 'pimpinan', 'admin')"
        " ORDER BY demo DESC, username LIMIT $1",
        MOST_TRIED,
    )
    for row in rows:
        if await matches(DEMO_PASSWORD, row["password_hash"]):
            return _unfit(
                "passwords", f"{row['username']} has the demo's password", "change or disable it"
            )
    return Finding("passwords", "nobody of the staff has the demo's password")
