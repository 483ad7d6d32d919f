"""Outbox jobs of this slice: one job finds the devices, then each device is a job of its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from cas_server.db.session import Database, ReadSession
from cas_server.identity.roles import Role
from cas_server.kit import fault
from cas_server.kit.clock import Clock
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import Handler
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Again, Done, GiveUp, Outcome
from cas_server.push import queries
from cas_server.push.message import Kind, Notice, compose
from cas_server.push.port import (
    Answer,
    DeadToken,
    Delivered,
    Device,
    NotConfigured,
    PushPort,
    Refused,
    Retry,
)
from cas_server.push.queries import Told

DEVICE_JOB = "push.device"

log = structlog.get_logger()


class _PersonilJob(msgspec.Struct):
    """Payload of "push.personil"."""

    personil_id: UUID
    alarm_id: UUID
    version: int
    message: Kind
    offer_id: UUID | None = None
    expires_at: datetime | None = None


class _StaffJob(msgspec.Struct):
    """Payload of "push.staff": a role at one Satuan, named by its id or its path."""

    alarm_id: UUID
    version: int
    role: Role
    reason: str
    satuan_id: UUID | None = None
    satuan_path: str | None = None


class _DeskJob(msgspec.Struct):
    """Payload of "push.desk"."""

    alarm_id: UUID
    version: int
    satuan_path: str
    reason: str | None = None


class _AccountJob(msgspec.Struct):
    """Payload of "push.account": about the account itself, not about an alarm."""

    account_id: UUID
    message: Kind


class _DeviceJob(msgspec.Struct):
    """Payload of "push.device". The address is read when sending: it may change meanwhile."""

    device_id: UUID
    notice: Notice


Find = Callable[[ReadSession], Awaitable[list[Device]]]


class _Handlers:
    """The jobs, with what they need: the database, the push service, the time."""

    def __init__(self, database: Database, port: PushPort, clock: Clock) -> None:
        self._database = database
        self._port = port
        self._clock = clock

    async def personil(self, job: Job) -> Outcome:
        told = msgspec.convert(job.payload, _PersonilJob)
        notice = Notice(
            kind=told.message,
            alarm_id=told.alarm_id,
            version=told.version,
            made_at=job.created_at,
            offer_id=told.offer_id,
            expires_at=told.expires_at,
        )
        return await self._fan_out(notice, lambda s: queries.of_personil(s, told.personil_id))

    async def staff(self, job: Job) -> Outcome:
        told = msgspec.convert(job.payload, _StaffJob)
        notice = Notice(
            kind=Kind.ESCALATION,
            alarm_id=told.alarm_id,
            version=told.version,
            made_at=job.created_at,
            reason=told.reason,
        )

        def find(session: ReadSession) -> Awaitable[list[Device]]:
            if told.satuan_id is not None:
                return queries.of_staff_at(session, told.satuan_id, told.role)
            return queries.of_staff_at_path(session, told.satuan_path or "", told.role)

        if told.satuan_id is None and not told.satuan_path:
            return GiveUp("neither satuan_id nor satuan_path")
        return await self._fan_out(notice, find)

    async def desk(self, job: Job) -> Outcome:
        told = msgspec.convert(job.payload, _DeskJob)
        notice = Notice(
            kind=Kind.DESK,
            alarm_id=told.alarm_id,
            version=told.version,
            made_at=job.created_at,
            reason=told.reason,
        )
        return await self._fan_out(notice, lambda s: queries.of_desks(s, told.satuan_path))

    async def account(self, job: Job) -> Outcome:
        told = msgspec.convert(job.payload, _AccountJob)
        notice = Notice(kind=told.message, alarm_id=None, version=0, made_at=job.created_at)
        return await self._fan_out(notice, lambda s: queries.of_account(s, told.account_id))

    async def device(self, job: Job) -> Outcome:
        told = msgspec.convert(job.payload, _DeviceJob)
        async with self._database.glance() as session:
            device = await queries.get(session, told.device_id)
        if device is None:
            return Done()
        message = compose(told.notice, self._clock())
        if message is None:
            await self._record(device, told.notice, "expired", "past its use before it was taken")
            return Done()
        fault.point("fcm.asking")
        answer = await self._port.send(message, device)
        fault.point("fcm.answered")
        await self._record(device, told.notice, *_outcome(answer))
        return _settled(answer)

    async def _fan_out(self, notice: Notice, find: Find) -> Outcome:
        now = self._clock()
        if compose(notice, now) is None:
            return Done()
        async with self._database.transaction() as session:
            devices = await find(session)
            for device in devices:
                await outbox.add(session, now, DEVICE_JOB, device_job(device, notice))
        fault.point("push.fanned_out")
        if not devices:
            log.debug("push.no_device", alarm=str(notice.alarm_id), kind=notice.kind.value)
        return Done()

    async def _record(self, device: Device, notice: Notice, outcome: str, detail: str) -> None:
        told = Told(notice.alarm_id, notice.offer_id, outcome, detail)
        async with self._database.transaction() as session:
            await queries.record(session, device, told, self._clock())
            if outcome == "dead_token":
                await queries.forget(session, device)


def device_job(device: Device, notice: Notice) -> dict[str, Any]:
    """The payload of a job that tells one device."""
    payload: dict[str, Any] = msgspec.to_builtins(_DeviceJob(device.id, notice))
    return payload


def _outcome(answer: Answer) -> tuple[str, str]:
    match answer:
        case Delivered(message_id):
            return "sent", message_id
        case Retry(_, why):
            return "retry", why
        case DeadToken(why):
            return "dead_token", why
        case Refused(why):
            return "refused", why
        case NotConfigured():
            return "not_configured", ""


def _settled(answer: Answer) -> Outcome:
    match answer:
        case Retry(after, why):
            return Again(why, after)
        case Refused(why):
            return GiveUp(why)
        case _:
            return Done()


def handlers(database: Database, port: PushPort, clock: Clock) -> dict[str, Handler]:
    """The jobs of this slice by kind, for the worker."""
    jobs = _Handlers(database, port, clock)
    return {
        "push.personil": jobs.personil,
        "push.staff": jobs.staff,
        "push.desk": jobs.desk,
        "push.account": jobs.account,
        DEVICE_JOB: jobs.device,
    }
