"""People whose sockets come and go, as those of phones do on the road."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

from cas_server.bench.sockets import Line, open_lines, require_alive
from cas_server.db.pool import Connection

SOCKETS_A_SECOND = 3
EVERY_S = 1.0
STAY_S = 30.0

_SIGN_IN = """
WITH who AS (
    SELECT id, 'cas_bench_passer_' || row_number() OVER (ORDER BY id) AS token
    FROM account WHERE role IN ('personil', 'operator')),
signed_in AS (
    INSERT INTO credential (token_hash, account_id, scope, expires_at)
    SELECT sha256(convert_to(token, 'UTF8')), id, 'session', now() + interval '1 day' FROM who)
SELECT token FROM who
"""


@dataclass(slots=True)
class Passers:
    """How many have come and gone so far."""

    gone: int = 0


@asynccontextmanager
async def coming_and_going(sql: Connection, port: int) -> AsyncIterator[Passers]:
    """SOCKETS_A_SECOND of officers and desks; each watches for STAY_S and is cut off then."""
    tokens = [row["token"] for row in await sql.fetch(_SIGN_IN)]
    passers = Passers()
    async with asyncio.TaskGroup() as tasks:
        passing = tasks.create_task(_pass(passers, tokens, port))
        yield passers
        passing.cancel()


async def _pass(passers: Passers, tokens: list[str], port: int) -> None:
    there: deque[list[Line]] = deque()
    for number in count():
        first = number * SOCKETS_A_SECOND
        who = [tokens[(first + each) % len(tokens)] for each in range(SOCKETS_A_SECOND)]
        lines = await open_lines(port, "/v1/live?frames=lines", who, _ignore)
        for line in lines:
            line.send('{"type":"watch"}')
        there.append(lines)
        if len(there) * EVERY_S > STAY_S:
            left = there.popleft()
            require_alive(left)
            for line in left:
                line.close()
            passers.gone += len(left)
        await asyncio.sleep(EVERY_S)


def _ignore(_: Line, __: bytes) -> None:
    """What they are shown is looked at elsewhere."""
