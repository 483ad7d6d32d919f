"""What every benchmark stands on: a cluster of its own, a regency full of people, a server."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from cas_server.children import python
from cas_server.db.migrate import upgrade
from cas_server.db.pool import connect
from cas_server.embedded import Cluster, Say, temporary_cluster
from cas_server.errors import CasError
from cas_server.kit.clock import utc_now
from cas_server.registry import demo_regency
from cas_server.settings import Settings
from cas_server.vault.sealing import new_key_key
from cas_server.vault.service import opened

DATABASE = "cas_bench"
READY_WITHIN_S = 60.0
SERVE = tuple(python("cas_server", "serve"))
END_WITHIN_S = 8.0

# The n-th Personil and citizen have an id and a token that the load can make up by itself.
_FILL = """
CREATE TEMP TABLE spot AS
SELECT row_number() OVER () AS n, geom
FROM (SELECT (ST_Dump(ST_GeneratePoints(area, {personil}, 1))).geom
      FROM wilayah WHERE kind = 'kabupaten') point;
INSERT INTO personil (id, nrp, name, rank, satuan_id, skills)
SELECT md5('personil ' || n)::uuid, 'B' || n, 'Personil ' || n, 'Bripka', s.satuan_id, '{{motor}}'
FROM spot CROSS JOIN LATERAL (
    SELECT satuan_id FROM wilayah WHERE ST_Intersects(area, geom) ORDER BY code DESC LIMIT 1) s;
INSERT INTO duty (personil_id, satuan_path, since)
SELECT p.id, s.path, now() FROM spot JOIN personil p ON p.id = md5('personil ' || n)::uuid
JOIN satuan s ON s.id = p.satuan_id;
INSERT INTO last_position (personil_id, satuan_path, available, at, indexed_at, accuracy_m,
    fixed_at, changed_at)
SELECT d.personil_id, d.satuan_path, true, geom, geom, 10, now(), now()
FROM spot JOIN duty d ON d.personil_id = md5('personil ' || n)::uuid;
INSERT INTO account (id, role, name, holder_id, satuan_id, satuan_path)
SELECT md5('account of personil ' || n)::uuid, 'personil', p.name, p.id, p.satuan_id, d.satuan_path
FROM generate_series(1, {signed_in}) n JOIN personil p ON p.id = md5('personil ' || n)::uuid
JOIN duty d ON d.personil_id = p.id;
INSERT INTO credential (token_hash, account_id, scope, expires_at)
SELECT sha256(convert_to('cas_bench_personil_' || n, 'UTF8')),
       md5('account of personil ' || n)::uuid, 'session', now() + interval '1 day'
FROM generate_series(1, {signed_in}) n;
INSERT INTO account (id, role, name, phone, holder_id)
SELECT md5('account of citizen ' || n)::uuid, 'masyarakat', 'W•••', '+62 ••• ••• 899',
       md5('citizen ' || n)::uuid
FROM generate_series(1, {citizens}) n;
INSERT INTO credential (token_hash, account_id, scope)
SELECT sha256(convert_to('cas_bench_citizen_' || n, 'UTF8')),
       md5('account of citizen ' || n)::uuid, 'press'
FROM generate_series(1, {citizens}) n;
INSERT INTO credential (token_hash, account_id, scope, expires_at)
SELECT sha256(convert_to('cas_bench_operator', 'UTF8')), id, 'session', now() + interval '1 day'
FROM account WHERE username = 'operator';
DROP TABLE spot;
"""

_SPOTS = """
SELECT ST_Y(geom) AS lat, ST_X(geom) AS lon
FROM (SELECT (ST_Dump(ST_GeneratePoints(area, $1, 2))).geom
      FROM wilayah WHERE kind = 'kabupaten') point
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people fill the regency; the first `signed_in` Personil have a session."""

    personil: int = 0
    signed_in: int = 0
    citizens: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """How long to measure, with what share of the full crowd, and whom to tell what is done."""

    seconds: float
    size: float
    say: Say

    def share_of(self, full: int) -> int:
        """This many of a crowd of `full`; a dozen at least."""
        return max(12, round(full * self.size))


class ServerFailed(CasError):
    code = "bench_server_failed"

    def __init__(self, what: str, last_words: str) -> None:
        super().__init__(f"{what} did not get ready; its last words: {last_words or 'none'}")


@contextmanager
def regency(say: Say, crowd: Crowd, **settings: str) -> Iterator[tuple[Cluster, str]]:
    """A new durable cluster with the demo regency and a crowd; its database's address.

    `settings` are PostgreSQL's own, for what a benchmark wants to look at.
    """
    with temporary_cluster(say, settings=settings) as cluster, _own_key():
        cluster.create_database(DATABASE)
        dsn = cluster.url(DATABASE)
        say(f"filling a regency: {crowd.personil} Personil on duty, {crowd.citizens} citizens")
        asyncio.run(_fill(dsn, crowd))
        yield cluster, dsn


@contextmanager
def _own_key() -> Iterator[None]:
    """A key that this process and its children have for as long as there is a regency."""
    before = os.environ.get("CAS_KEY")
    os.environ["CAS_KEY"] = base64.b64encode(new_key_key().secret).decode()
    try:
        yield
    finally:
        del os.environ["CAS_KEY"]
        if before is not None:
            os.environ["CAS_KEY"] = before


async def _fill(dsn: str, crowd: Crowd) -> None:
    await upgrade(dsn)
    async with opened(dsn, Settings()) as database, database.transaction() as session:
        await demo_regency.seed(session, utc_now())
    connection = await connect(dsn)
    await connection.execute("SET statement_timeout = '10min'")
    await connection.execute(
        _FILL.format(
            personil=max(crowd.personil, 1), signed_in=crowd.signed_in, citizens=crowd.citizens
        )
    )
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def spots(dsn: str, count: int) -> list[tuple[float, float]]:
    """Random points of the regency as (lat, lon), the same ones every time."""
    connection = await connect(dsn)
    rows = await connection.fetch(_SPOTS, count)
    await connection.close()
    return [(row["lat"], row["lon"]) for row in rows]


def free_port() -> int:
    """A port nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Process:
    """A child whose words go to a file, so that standard output stays the result's alone."""

    popen: subprocess.Popen[bytes]
    words: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def last_words(self) -> str:
        return self.words.read_text(errors="replace")[-400:].strip()


@contextmanager
def running(*command: str, environment: Mapping[str, str]) -> Iterator[Process]:
    """A child process for the length of the block; ended politely, then by force."""
    with TemporaryDirectory(prefix="cas-bench-") as folder:
        words = Path(folder) / "words"
        with words.open("wb") as out:
            popen = subprocess.Popen(  # noqa: S603 - our own modules
                command,
                # What a worker keeps on disk must not mix with this machine's own.
                env={**os.environ, "CAS_STATE_DIR": folder, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            yield Process(popen, words)
        finally:
            _end(popen)


def _end(popen: subprocess.Popen[bytes]) -> None:
    popen.send_signal(signal.SIGTERM)
    try:
        popen.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()


@contextmanager
def server(
    dsn: str, command: Sequence[str] = SERVE, **environment: str
) -> Iterator[tuple[Process, int]]:
    """`cas serve` on one database, ready to be asked; the process and its port."""
    port = free_port()
    own = {"CAS_DATABASE_URL": dsn, "CAS_HOST": "127.0.0.1", "CAS_PORT": str(port)}
    with running(*command, environment={"CAS_LOG_LEVEL": "warning", **own, **environment}) as child:
        await_ready(child, port)
        yield child, port


def await_port(child: Process, port: int) -> None:
    """Return when somebody listens there; ServerFailed when nobody does in a minute."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and child.popen.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        time.sleep(0.1)
    raise ServerFailed("a server to compare with", child.last_words())


def await_ready(child: Process, port: int) -> None:
    """Return when the server takes presses; ServerFailed when it does not in a minute."""
    deadline = time.monotonic() + READY_WITHIN_S
    url = f"http://127.0.0.1:{port}/v1/health/ready"
    while time.monotonic() < deadline and child.popen.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == HTTPStatus.OK:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise ServerFailed("the server", child.last_words())
