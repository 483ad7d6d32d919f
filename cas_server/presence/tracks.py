"""SQL of the tracks kept along an alarm, for those who may look at them."""

import itertools
from uuid import UUID

from cas_server.db.session import ReadSession
from cas_server.presence.views import TrackFix, TrackView

MOST_FIXES = 20_000
"""A fix every 5 s of ten officers for nearly three hours; what is later is cut off, and said."""

_ALONG = """
SELECT personil_id, fixed_at, ST_Y(at) AS lat, ST_X(at) AS lon, accuracy_m, speed_mps FROM (
    SELECT * FROM track WHERE alarm_id = $1 AND ($2::uuid IS NULL OR personil_id = $2)
    ORDER BY fixed_at LIMIT $3
) earliest
ORDER BY personil_id, fixed_at
"""


async def along(session: ReadSession, alarm_id: UUID, personil_id: UUID | None) -> list[TrackView]:
    """Where everybody (or one) was while on the alarm, each in the order of time."""
    rows = await session.sql.fetch(_ALONG, alarm_id, personil_id, MOST_FIXES)
    return [
        TrackView(
            personil_id=whose,
            fixes=[
                TrackFix(
                    fixed_at=row["fixed_at"],
                    lat=row["lat"],
                    lon=row["lon"],
                    accuracy_m=row["accuracy_m"],
                    speed_mps=row["speed_mps"],
                )
                for row in fixes
            ],
        )
        for whose, fixes in itertools.groupby(rows, key=lambda row: row["personil_id"])
    ]
