"""Everybody moves, in PostgreSQL and in Redis alike, from a process of its own.

python -m cas_server.bench.nearest_moves DSN [PORT_OF_REDIS], until it is ended.
"""

import asyncio
import random
import sys
import time
from uuid import UUID

import uvloop

from cas_server.bench.redis import Redis
from cas_server.db.pool import connect
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.presence import positions
from cas_server.presence.intake import MOVED_AT_ONCE
from cas_server.presence.track import Fix

MOVE_EVERY_S = MOVED_AT_ONCE / 5_000
MOST_EAST_DEG = 0.0005

_THERE = """
SELECT personil_id, ST_Y(at) AS lat, ST_X(at) AS lon FROM last_position ORDER BY personil_id
"""


async def move(dsn: str, redis_port: int | None) -> None:
    """As many at a time as the server moves, around where they were at first."""
    chance = random.Random(3)  # noqa: S311 - places of a benchmark
    sql = await connect(dsn)
    redis = await Redis.open(redis_port) if redis_port else None
    there = [(row["personil_id"], row["lat"], row["lon"]) for row in await sql.fetch(_THERE)]
    number = 0
    while True:
        began, now = time.perf_counter(), utc_now()
        fixes: dict[UUID, Fix] = {}
        for turn in range(number, number + MOVED_AT_ONCE):
            personil_id, lat, lon = there[turn % len(there)]
            east = chance.uniform(-MOST_EAST_DEG, MOST_EAST_DEG)
            fixes[personil_id] = Fix(Position(lat, lon + east, 10.0), now)
        number += MOVED_AT_ONCE
        await positions.move(sql, fixes, now)
        if redis is not None:
            moved = ((personil_id, fix.position) for personil_id, fix in fixes.items())
            await redis.put([(at.lon, at.lat, str(personil_id)) for personil_id, at in moved])
        await asyncio.sleep(max(0.0, MOVE_EVERY_S - (time.perf_counter() - began)))


if __name__ == "__main__":
    uvloop.run(move(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))
