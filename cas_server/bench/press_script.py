"""The SQL of one press as a pgbench script, recorded from the server itself so it cannot drift."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import msgspec

from cas_server.app import create_app
from cas_server.bench.people import Way, citizen_key, citizen_token, proof
from cas_server.db.bell import Bell
from cas_server.db.pool import connect, create_pool
from cas_server.db.session import Database
from cas_server.identity.presser import Proofs
from cas_server.identity.tokens import token_hash
from cas_server.kit.ids import new_id
from cas_server.settings import Settings

_PARAMETER = re.compile(r"\$(\d+)")
_TIME = "%Y-%m-%d %H:%M:%S.%f%z"

# What differs from press to press. md5 makes an id of a number at next to no cost.
_HEADER = """\
\\set press random(1, 9000000000000000000)
\\set citizen random(1, {citizens})
\\set lat random({south}, {north}) / 1e6
\\set lon random({west}, {east}) / 1e6
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One statement as the server sent it."""

    sql: str
    values: Sequence[Any]


@dataclass(slots=True)
class Script:
    """A pgbench script, and the values of its variables that stay the same."""

    text: str
    constants: dict[str, str] = field(default_factory=dict)

    def constant(self, value: str) -> str:
        """A variable that holds this value; sent with every execution, as the server does."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return f":{name}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The press that was recorded: what of its values must vary."""

    alarm_id: UUID
    citizen: int
    lat: float
    lon: float
    way: Way


async def record(dsn: str, subject: Subject) -> list[Recorded]:
    """Every statement of one press through the real route, sign-in and COMMIT included."""
    app = create_app(Settings(), dsn)
    database = Database(create_pool(dsn, 2), Bell(dsn))
    app.state.database, app.state.proofs = database, Proofs(database)
    seen: list[Recorded] = []
    try:
        # The first press of a connection also asks PostgreSQL about its types.
        await _press(app, replace(subject, alarm_id=new_id(), citizen=subject.citizen + 1))
        async with database.statement() as sql:
            sql.add_query_logger(lambda query: seen.extend(_recorded(query)))
        await _press(app, subject)
    finally:
        await database.close()
    return seen


def _recorded(query: Any) -> list[Recorded]:
    if isinstance(query.args, list):  # executemany
        return [Recorded(query.query, values) for values in query.args]
    return [Recorded(query.query, query.args)]


async def _press(app: Any, subject: Subject) -> None:
    body = {
        "position": {"lat": subject.lat, "lon": subject.lon, "accuracy_m": 12, "age_s": 1},
        "kind": "crime",
        "battery_percent": 80,
    }
    path, content = f"/v1/alarms/{subject.alarm_id}", msgspec.json.encode(body)
    headers = proof(subject.way, subject.citizen, path, content)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bench") as client:
        answer = await client.put(path, content=content, headers=headers)
    answer.raise_for_status()


@dataclass(frozen=True, slots=True)
class Ground:
    """How many people there are to choose from, and the box that presses come from."""

    citizens: int
    personil: int
    spots: Sequence[tuple[float, float]]


async def script(dsn: str, subject: Subject, ground: Ground) -> Script:
    """A script whose every run is one press by somebody else, somewhere else."""
    recorded = await record(dsn, subject)
    connection = await connect(dsn)
    made = Script(_header(ground))
    try:
        account_id = await connection.fetchval(
            "SELECT account_id FROM credential WHERE token_hash = $1",
            token_hash(citizen_token(subject.citizen)),
        )
        writer = _Writer(made, _known(subject, account_id), ground)
        for one in recorded:
            made.text += await writer.statement(connection, one)
    finally:
        await connection.close()
    return made


def _header(ground: Ground) -> str:
    lats, lons = zip(*ground.spots, strict=True)
    return _HEADER.format(
        citizens=ground.citizens,
        south=int(min(lats) * 1e6),
        north=int(max(lats) * 1e6),
        west=int(min(lons) * 1e6),
        east=int(max(lons) * 1e6),
    )


def _known(subject: Subject, account_id: UUID) -> Mapping[Any, str]:
    """Recorded values that are this press's own, as expressions that vary."""
    token = "sha256(convert_to('cas_bench_citizen_' || (:citizen)::text, 'UTF8'))"  # noqa: S105
    return {
        subject.alarm_id: "md5((:press)::text)::uuid",
        token_hash(citizen_token(subject.citizen)): token,
        citizen_key(subject.citizen)[0]: "md5('press key ' || (:citizen)::text)::uuid",
        account_id: _account("uuid"),
        str(account_id): _account("text"),
        subject.lat: "(:lat)::float8",
        subject.lon: "(:lon)::float8",
    }


def _account(type_name: str) -> str:
    return f"md5('account of citizen ' || (:citizen)::text)::uuid::{type_name}"


class _Writer:
    """Turns recorded statements into the script's lines."""

    def __init__(self, script: Script, known: Mapping[Any, str], ground: Ground) -> None:
        self._script = script
        self._known = known
        self._ground = ground
        self._ids = 0
        self._began: datetime | None = None

    async def statement(self, connection: "asyncpg.Connection[Any]", one: Recorded) -> str:
        """One recorded statement with variables for its values."""
        if not one.values:
            sql = one.sql.strip().rstrip(";")
            for value, varying in self._known.items():
                if isinstance(value, str):
                    sql = sql.replace(f"'{value}'", varying)
            return f"{sql};\n"
        prepared = await connection.prepare(one.sql)
        types = [kind.name for kind in prepared.get_parameters()]
        words = [self._word(value, kind) for value, kind in zip(one.values, types, strict=True)]
        sql = _PARAMETER.sub(lambda found: words[int(found[1]) - 1], one.sql.strip())
        return f"{sql};\n"

    def _word(self, value: Any, kind: str) -> str:
        if not isinstance(value, list) and value in self._known:
            return self._known[value]
        if value is None:
            return f"NULL::{kind}"
        if isinstance(value, datetime):
            return self._moment(value)
        if isinstance(value, list):
            return self._many(value, kind)
        return f"({self._script.constant(_text(value))})::{kind}"

    def _moment(self, value: datetime) -> str:
        """Times move with the clock, as far from now as they were."""
        if self._began is None:
            self._began = value
        after: timedelta = value - self._began
        word = self._script.constant(f"{after.total_seconds()} s")
        return f"(now() + ({word})::text::interval)"

    def _many(self, values: list[Any], kind: str) -> str:
        """Ids in lists are new offers or other Personil: each run has its own."""
        if values and all(each in self._known for each in values):
            return f"ARRAY[{', '.join(self._known[each] for each in values)}]::{kind}"
        if not values or not isinstance(values[0], UUID):
            words = [
                f"({self._script.constant(_text(each))})::{kind.rstrip('[]')}" for each in values
            ]
            return f"ARRAY[{', '.join(words)}]::{kind}"
        self._ids += 1
        make: Callable[[int], str] = _offer if self._ids == 1 else self._personil
        return f"ARRAY[{', '.join(make(n) for n in range(len(values)))}]::{kind}"

    def _personil(self, number: int) -> str:
        step = self._ground.personil // 3
        return f"md5('personil ' || ((:press)::bigint % {step} + 1 + {number * step})::text)::uuid"


def _offer(number: int) -> str:
    return f"md5((:press)::text || '{number}')::uuid"


def _text(value: Any) -> str:
    return value.strftime(_TIME) if isinstance(value, datetime) else str(value)
