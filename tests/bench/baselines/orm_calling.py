"""Who is called to an alarm, and the rows that say so; the second half of `orm_press`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from geoalchemy2 import Geography
from pydantic import BaseModel
from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cas_server.alarm.tables import AlarmRow
from cas_server.dispatch.tables import DecisionRow, OfferRow
from cas_server.journal.tables import JournalRow
from cas_server.outbox.tables import OutboxRow
from cas_server.presence.tables import DutyRow, LastPositionRow
from cas_server.registry.tables import PersonilRow, SatuanRow

CALLED = 3
LOOKED_AT = 16
RADIUS_M = 5_000
ACCEPT_WITHIN, RECEIPT_WITHIN = timedelta(seconds=20), timedelta(seconds=5)
STALE_S, STALE_M, AGE_M_PER_S = 120, 5_000, 14
OTHER_SATUAN_M, PENDING_M, SKILL_M = 500, 2_000, 400
SKILLS = {"crime": "tim_panther", "accident": "lantas", "medical": "p3k"}


class Called(BaseModel):
    personil_id: UUID
    name: str
    distance_m: float
    score: float
    chosen: bool = False


async def nearest(
    session: AsyncSession,
    alarm: AlarmRow,
    satuan: SatuanRow,
    point: ColumnElement[object],
    now: datetime,
) -> list[Called]:
    """Everybody looked at, best first; the first three in reach are chosen."""
    distance_m = func.ST_Distance(cast(LastPositionRow.at, Geography), cast(point, Geography))
    rows = (
        await session.execute(
            select(PersonilRow, LastPositionRow, distance_m)
            .join(LastPositionRow, LastPositionRow.personil_id == PersonilRow.id)
            .join(DutyRow, DutyRow.personil_id == PersonilRow.id)
            .where(
                LastPositionRow.available,
                DutyRow.alarm_id.is_(None),
                LastPositionRow.satuan_path.startswith(satuan.polres_path),
            )
            .order_by(LastPositionRow.indexed_at.distance_centroid(point))
            .limit(LOOKED_AT)
        )
    ).all()
    asked = await _asked(session, [personil.id for personil, _, _ in rows])
    called = [
        Called(
            personil_id=personil.id,
            name=personil.name,
            distance_m=metres,
            score=metres
            + _age_m(position, now)
            + (0 if position.satuan_path.startswith(satuan.path) else OTHER_SATUAN_M)
            + (PENDING_M if personil.id in asked else 0)
            - (SKILL_M if SKILLS.get(alarm.kind) in personil.skills else 0),
        )
        for personil, position, metres in rows
    ]
    called.sort(key=lambda each: each.score)
    for each in [each for each in called if each.distance_m <= RADIUS_M][:CALLED]:
        each.chosen = True
    return called


async def _asked(session: AsyncSession, personil_ids: list[UUID]) -> set[UUID]:
    waiting = OfferRow.personil_id.in_(personil_ids), OfferRow.answered_at.is_(None)
    return set(await session.scalars(select(OfferRow.personil_id).where(*waiting)))


def _age_m(position: LastPositionRow, now: datetime) -> float:
    age_s = (now - position.fixed_at).total_seconds()
    stale_m = STALE_M if age_s > STALE_S else 0
    return position.accuracy_m + min(age_s, STALE_S) * AGE_M_PER_S + stale_m


def call(session: AsyncSession, alarm: AlarmRow, called: list[Called], now: datetime) -> None:
    """Add everything that raising an alarm and calling these people writes."""
    facts = {"kind": alarm.kind, "channel": "app", "source": "gps", "verification": "verified"}
    session.add(journal(now, "alarm.raised", alarm, alarm.reporter_account_id, facts))
    chosen = [each for each in called if each.chosen]
    told = {"ring": 1, "called": len(chosen)}
    session.add(journal(now, "ring.called", alarm, None, told))
    session.add(
        DecisionRow(
            alarm_id=alarm.id,
            ring=1,
            decided_at=now,
            radius_m=RADIUS_M,
            candidates=[each.model_dump(mode="json") for each in called],
        )
    )
    wake = {"alarm_id": str(alarm.id), "version": 1, "satuan_path": alarm.satuan_path}
    session.add(
        OutboxRow(kind="push.desk", payload=wake | {"reason": "raised"}, created_at=now, run_at=now)
    )
    for each in chosen:
        _offer(session, alarm, each, now)


def _offer(session: AsyncSession, alarm: AlarmRow, called: Called, now: datetime) -> None:
    offer = OfferRow(
        id=uuid4(),
        alarm_id=alarm.id,
        personil_id=called.personil_id,
        ring=1,
        state="open",
        offered_at=now,
        expires_at=now + ACCEPT_WITHIN,
        receive_by=now + RECEIPT_WITHIN,
        distance_m=called.distance_m,
    )
    ids = {"offer_id": str(offer.id), "personil_id": str(called.personil_id)}
    push = ids | {"alarm_id": str(alarm.id), "version": 1, "message": "offer"}
    session.add(offer)
    session.add(OutboxRow(kind="push.personil", payload=push, created_at=now, run_at=now))
    session.add(journal(now, "offer.made", alarm, None, ids | {"ring": 1}))


def journal(
    now: datetime, kind: str, alarm: AlarmRow, actor_id: UUID | None, payload: Mapping[str, object]
) -> JournalRow:
    return JournalRow(
        at=now,
        kind=kind,
        alarm_id=alarm.id,
        actor_id=actor_id,
        satuan_path=alarm.satuan_path,
        payload=dict(payload),
    )
