"""SQL of a day at the desk: one statement for its figures, one for where its alarms were."""

from datetime import datetime, timedelta

from cas_server.alarm.figure_views import Figures, Heat, HeatPoint, Stage, StageFigures
from cas_server.db.session import ReadSession

MOST_PLACES = 5_000
STAGES: tuple[Stage, ...] = ("acknowledged", "accepted", "on_scene")

# By the paths below one's own, each a range of the index on path and time.
_OF_SUBTREE = """
FROM satuan s JOIN alarm a ON a.satuan_path = s.path AND a.raised_at > $2
WHERE starts_with(s.path, $1)
    AND (a.disposition IS NULL OR a.disposition NOT IN ('test', 'duplicate'))
    AND a.merged_into IS NULL"""

_FIGURES = f"""
WITH day AS (
    SELECT a.raised_at, a.closed_at, floor(extract(epoch FROM $3 - a.raised_at) / 3600)::int AS ago,
        CASE WHEN a.verification <> 'desk'
            THEN extract(epoch FROM a.acknowledged_at - a.raised_at) END AS acknowledged,
        extract(epoch FROM r.accepted_at - a.raised_at) AS accepted,
        extract(epoch FROM r.on_scene_at - a.raised_at) AS on_scene
    FROM (SELECT a.* {_OF_SUBTREE}) a LEFT JOIN LATERAL (
        SELECT min(accepted_at) AS accepted_at, min(on_scene_at) AS on_scene_at
        FROM responder WHERE alarm_id = a.id) r ON true
), standing AS (
    SELECT count(*) AS open, count(*) FILTER (
        WHERE acknowledged_at IS NULL OR unanswered_at IS NOT NULL) AS ringing
    FROM alarm WHERE closed_at IS NULL AND merged_into IS NULL AND starts_with(satuan_path, $1)
), hourly AS (
    SELECT array_agg(coalesce(raised, 0) ORDER BY hour DESC) AS per_hour
    FROM generate_series(0, $4::int - 1) hour
    LEFT JOIN (SELECT ago, count(*) AS raised FROM day GROUP BY ago) found ON ago = hour
)
SELECT standing.*, hourly.per_hour, total.* FROM standing, hourly, (
    SELECT count(*) AS raised, count(closed_at) AS closed,
        count(acknowledged) AS n_acknowledged, count(accepted) AS n_accepted,
        count(on_scene) AS n_on_scene,
        percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY acknowledged) AS acknowledged,
        percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY accepted) AS accepted,
        percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY on_scene) AS on_scene
    FROM day) total
"""  # noqa: S608 - constants of this module only

_HEAT = f"""
SELECT round(ST_Y(at)::numeric, 3)::float8 AS lat, round(ST_X(at)::numeric, 3)::float8 AS lon,
    count(*) AS alarms
FROM (SELECT a.at {_OF_SUBTREE}) a WHERE at IS NOT NULL
GROUP BY 1, 2 ORDER BY alarms DESC, lat, lon LIMIT $3
"""  # noqa: S608 - constants of this module only


async def figures(session: ReadSession, satuan_path: str, now: datetime, hours: int) -> Figures:
    """What a subtree's last hours came to, in one look."""
    since = now - timedelta(hours=hours)
    row = await session.sql.fetchrow(_FIGURES, satuan_path, since, now, hours)
    assert row is not None, "it adds up, so there is always a row"
    stages = []
    for stage in STAGES:
        median_s, p90_s = row[stage] or (None, None)
        count = row[f"n_{stage}"]
        stages.append(StageFigures(stage=stage, count=count, median_s=median_s, p90_s=p90_s))
    return Figures(
        since=since,
        until=now,
        open=row["open"],
        ringing=row["ringing"],
        raised=row["raised"],
        closed=row["closed"],
        raised_per_hour=row["per_hour"],
        stages=stages,
    )


async def heat(session: ReadSession, satuan_path: str, now: datetime, hours: int) -> Heat:
    """Where a subtree's alarms of the last hours were, the places with most of them first."""
    since = now - timedelta(hours=hours)
    rows = await session.sql.fetch(_HEAT, satuan_path, since, MOST_PLACES + 1)
    points = [HeatPoint(**dict(row)) for row in rows[:MOST_PLACES]]
    return Heat(since=since, cut=len(rows) > MOST_PLACES, points=points)
