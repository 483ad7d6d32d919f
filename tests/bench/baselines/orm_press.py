"""The press as a good developer writes it in an afternoon: FastAPI, SQLAlchemy's ORM, GeoAlchemy2.

Correct and durable, on the tables of CAS, with the same proof, the same search for who is near and
the same rows written. `cas bench press` compares with it; CAS_DATABASE_URL and CAS_PORT say where:
python -m tests.bench.baselines.orm_press
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from geoalchemy2 import Geography
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Row, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from cas_server.alarm.tables import AlarmAliasRow, AlarmRow
from cas_server.db.pool import connect
from cas_server.dispatch.tables import OfferRow
from cas_server.identity import signature
from cas_server.identity.signature import Signed
from cas_server.identity.tables import AccountRow, PressKeyRow
from cas_server.registry.tables import SatuanRow, WilayahRow
from tests.bench.baselines.orm_calling import ACCEPT_WITHIN, call, journal, nearest

CLIMB_AFTER = timedelta(seconds=30)
JOIN_WITHIN, JOIN_WITHIN_M = timedelta(seconds=60), 200

engine = create_async_engine(
    "postgresql+asyncpg://",
    async_creator=lambda: connect(os.environ["CAS_DATABASE_URL"]),
    pool_size=16,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


class PositionBody(BaseModel):
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    accuracy_m: float = Field(0, ge=0)
    age_s: float = Field(0, ge=0)


class PressBody(BaseModel):
    position: PositionBody
    kind: str = "crime"
    silent: bool = False
    note: str | None = None
    battery_percent: int | None = None


class Receipt(BaseModel):
    alarm_id: UUID
    joined: bool = False
    received_at: datetime
    satuan_name: str
    satuan_phone: str | None
    personil_called: int
    next_check_at: datetime


class Presser(BaseModel, arbitrary_types_allowed=True):
    account: AccountRow
    signed: Signed
    accounts_on_device: list[UUID]


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_session)]


async def get_presser(request: Request, session: Db) -> Presser:
    signed = signature.read(request.headers)
    if signed is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "sign the press")
    found = await session.execute(
        select(PressKeyRow, AccountRow)
        .join(AccountRow, AccountRow.id == PressKeyRow.account_id)
        .where(
            PressKeyRow.id == signed.key_id,
            PressKeyRow.revoked_at.is_(None),
            AccountRow.disabled_at.is_(None),
        )
    )
    row = found.one_or_none()
    if row is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "nobody's key")
    key, account = row.tuple()
    body = await request.body()
    if not signature.holds(signed, key.public_key, request.method, request.url.path, body):
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "the signature does not hold")
    others = select(PressKeyRow.account_id).where(PressKeyRow.device == key.device).distinct()
    accounts = list(await session.scalars(others))
    return Presser(account=account, signed=signed, accounts_on_device=accounts)


@app.put("/v1/alarms/{alarm_id}", status_code=HTTPStatus.CREATED)
async def press(
    alarm_id: UUID,
    body: PressBody,
    response: Response,
    presser: Annotated[Presser, Depends(get_presser)],
    session: Db,
) -> Receipt:
    now, account_id = datetime.now(UTC), presser.account.id
    # One press of an account at a time.
    await session.execute(
        select(AccountRow.id).where(AccountRow.id == account_id).with_for_update()
    )
    at = func.ST_SetSRID(func.ST_MakePoint(body.position.lon, body.position.lat), 4326)
    known = await pressed_before(session, alarm_id)
    if known is None:
        known = await join(session, alarm_id, account_id, at, now)
    if known is not None:
        if known.reporter_account_id != account_id:
            raise HTTPException(HTTPStatus.CONFLICT, "another account has pressed with this id")
        response.status_code = HTTPStatus.OK
        receipt = await receipt_of(session, known, alarm_id)
    else:
        receipt = await raise_alarm(session, alarm_id, body, presser, now)
    await session.commit()
    return receipt


async def pressed_before(session: AsyncSession, alarm_id: UUID) -> AlarmRow | None:
    alias = await session.get(AlarmAliasRow, alarm_id)
    return await session.get(AlarmRow, alias.alarm_id if alias else alarm_id)


async def join(
    session: AsyncSession,
    press_id: UUID,
    account_id: UUID,
    at: ColumnElement[object],
    now: datetime,
) -> AlarmRow | None:
    """An open alarm of the same person that this press becomes part of."""
    found: AlarmRow | None = await session.scalar(
        select(AlarmRow)
        .where(
            AlarmRow.reporter_account_id == account_id,
            AlarmRow.closed_at.is_(None),
            AlarmRow.cancelled_at.is_(None),
            AlarmRow.raised_at > now - JOIN_WITHIN,
            func.ST_DWithin(cast(AlarmRow.at, Geography), cast(at, Geography), JOIN_WITHIN_M),
        )
        .order_by(AlarmRow.raised_at.desc())
        .limit(1)
        .with_for_update()
    )
    if found is not None:
        session.add(AlarmAliasRow(id=press_id, alarm_id=found.id, pressed_at=now))
        session.add(journal(now, "alarm.repeated", found, account_id, {}))
        found.version += 1
    return found


async def receipt_of(session: AsyncSession, alarm: AlarmRow, pressed_id: UUID) -> Receipt:
    satuan = await session.get_one(SatuanRow, alarm.satuan_id)
    count = select(func.count()).select_from(OfferRow).where(OfferRow.alarm_id == alarm.id)
    return Receipt(
        alarm_id=alarm.id,
        joined=alarm.id != pressed_id,
        received_at=alarm.raised_at,
        satuan_name=satuan.name,
        satuan_phone=satuan.phone,
        personil_called=await session.scalar(count) or 0,
        next_check_at=alarm.next_check_at,
    )


async def raise_alarm(
    session: AsyncSession, alarm_id: UUID, body: PressBody, presser: Presser, now: datetime
) -> Receipt:
    at = func.ST_SetSRID(func.ST_MakePoint(body.position.lon, body.position.lat), 4326)
    covering = (
        await session.execute(
            select(WilayahRow.code, WilayahRow.name, WilayahRow.satuan_id)
            .where(func.ST_Intersects(WilayahRow.area, at))
            .order_by(func.length(WilayahRow.code).desc())
        )
    ).all()
    if not covering:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "outside the regency")
    satuan = await session.get_one(SatuanRow, covering[0].satuan_id)
    malicious = await session.scalar(
        select(func.count()).where(
            AlarmRow.reporter_account_id.in_(presser.accounts_on_device),
            AlarmRow.disposition == "false_malicious",
        )
    )
    alarm = new_alarm(alarm_id, body, presser, now)
    place(alarm, satuan, covering)
    alarm.suspicion_level = 1 if malicious else 0
    session.add(alarm)
    called = await nearest(session, alarm, satuan, at, now)
    call(session, alarm, called, now)
    return Receipt(
        alarm_id=alarm.id,
        received_at=now,
        satuan_name=satuan.name,
        satuan_phone=satuan.phone,
        personil_called=sum(each.chosen for each in called),
        next_check_at=alarm.next_check_at,
    )


def new_alarm(alarm_id: UUID, body: PressBody, presser: Presser, now: datetime) -> AlarmRow:
    account, position = presser.account, body.position
    return AlarmRow(
        id=alarm_id,
        kind=body.kind,
        silent=body.silent,
        note=body.note,
        demo=account.demo,
        raised_at=now,
        battery_percent=body.battery_percent,
        reporter_account_id=account.id,
        reporter_role=account.role,
        reporter_name=account.name,
        reporter_phone=account.phone,
        verification="verified",
        press_key_id=presser.signed.key_id,
        nonce=presser.signed.nonce,
        at=f"SRID=4326;POINT({position.lon} {position.lat})",
        accuracy_m=position.accuracy_m,
        position_source="gps",
        position_at=now - timedelta(seconds=position.age_s),
        ring=1,
        next_check_at=now + ACCEPT_WITHIN,
        climb_at=now + CLIMB_AFTER,
    )


def place(alarm: AlarmRow, satuan: SatuanRow, covering: Sequence[Row[str, str, UUID]]) -> None:
    alarm.satuan_id = satuan.id
    alarm.satuan_path = satuan.path
    alarm.wilayah_code = covering[0].code
    alarm.wilayah_name = ", ".join(each.name for each in covering[:2])


@app.get("/v1/health/ready")
async def ready(session: Db) -> None:
    await session.scalar(select(func.count()).select_from(SatuanRow))


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["CAS_PORT"]), log_level="warning")
