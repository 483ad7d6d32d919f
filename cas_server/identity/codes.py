"""One-time codes: asked for, paid for, and sent as a text message."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cas_server.db.session import Database, ReadSession, Session
from cas_server.identity import allowance, brake, code_queries, queries, views
from cas_server.identity.allowance import Asker, Budget
from cas_server.identity.brake import TooManyTries
from cas_server.identity.code_queries import DAY, HOUR, Promise
from cas_server.identity.phones import normal_phone
from cas_server.identity.service import Caller
from cas_server.identity.sms import SmsPort, TextMessage
from cas_server.kit.ids import new_id
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import Handler
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Done, Outcome
from cas_server.settings import Settings

JOB = "sms.code"
FATE_JOB = "sms.fate"
CODES_PER_HOUR = 5
"""For one number, and for one device."""
CODES_PER_DAY = 10
MESSAGES_PER_CODE = 2
"""A worker that died may have sent one; its follower sends another code. Then it is enough."""
AT_ONCE = 4
"""Who asks for codes waits in this line, not in the pool: presses need its connections."""
ASK_AGAIN = timedelta(seconds=60)
"""How long a phone lets its user wait for the message before it offers another."""


@dataclass(frozen=True, slots=True)
class RegisteredPersonil:
    """A Personil as the registry knows them."""

    personil_id: UUID
    name: str
    satuan_id: UUID
    satuan_path: str


FindPersonil = Callable[[ReadSession, str], Awaitable[RegisteredPersonil | None]]
"""Whose number it is, by the registry, which stands above this slice and is handed in."""


def code_hash(code_id: UUID, code: str) -> str:
    """What is stored of a code.

    A million codes can be tried against any hash, slow or fast, by whoever holds the table; what
    protects a code is five tries and five minutes. The hash keeps it out of backups and glances.
    """
    return hashlib.sha256(code_id.bytes + code.encode()).hexdigest()


class Requests:
    """Promises codes to numbers, known or not: the answer and the work are the same."""

    def __init__(self, find_personil: FindPersonil, settings: Settings) -> None:
        self._find_personil = find_personil
        self._lifetime = timedelta(minutes=settings.code_minutes)
        self._budget = Budget.of(settings)
        self._line = asyncio.Semaphore(AT_ONCE)

    async def request(
        self, database: Database, asked: views.CodeRequest, caller: Caller
    ) -> views.CodeSent:
        """Promise a code. Nothing of the answer depends on whose number it is."""
        phone = normal_phone(asked.phone)
        async with self._line, database.transaction() as session:
            await brake.count(session, brake.of_codes(caller.address), caller.now)
            await queries.lock_phone(session, phone)
            _refuse_many(await queries.codes_since(session, phone, caller.now - DAY), caller.now)
            return await self._promise(session, phone, asked.device, caller)

    async def _promise(
        self, session: Session, phone: str, device: str, caller: Caller
    ) -> views.CodeSent:
        now, code_id = caller.now, new_id()
        asker = await self._asker(session, phone, device, now)
        await queries.insert_code(session, code_id, phone, device, now, now + self._lifetime)
        network = brake.key_of_network(caller.address)
        await code_queries.lock_budget(session)
        spent = await code_queries.spent(session, network, now)
        purse = allowance.payer(spent, self._budget, asker)
        await code_queries.settle(session, Promise(code_id, device, network, purse), JOB, now)
        return views.CodeSent(
            code_id=code_id,
            expires_at=now + self._lifetime,
            expires_in_s=int(self._lifetime.total_seconds()),
            ask_again_after_s=int(ASK_AGAIN.total_seconds()),
            scarce=allowance.scarce(spent, self._budget),
        )

    async def _asker(self, session: Session, phone: str, device: str, now: datetime) -> Asker:
        personil = await self._find_personil(session, phone)
        account = await queries.by_phone(session, phone)
        account_id = account.account_id if account else None
        past = await code_queries.of_device(session, device, now - DAY, account_id)
        _refuse_many(past.asked_at, now)
        return Asker(personil is not None or account is not None, past.known)


def _refuse_many(asked_at: list[datetime], now: datetime) -> None:
    """TooManyTries when so many codes were asked for, oldest first, within an hour or a day."""
    for most, span in ((CODES_PER_HOUR, HOUR), (CODES_PER_DAY, DAY)):
        within = [at for at in asked_at if at > now - span]
        if len(within) >= most:
            raise TooManyTries(within[-most] + span - now)


def handlers(
    database: Database, port: SmsPort, clock: Callable[[], datetime]
) -> dict[str, Handler]:
    """The outbox jobs of this slice."""
    # Lives as long as this worker and is stored nowhere. From it a repeat makes the same code and
    # the same message id, so a gateway whose answer was lost does not send, and charge, twice.
    seed = secrets.token_bytes(32)

    async def deliver(job: Job) -> Outcome:
        """Make a code, remember its hash, send it."""
        code_id, now = UUID(job.payload["code_id"]), clock()
        code = _code_from(seed, code_id)
        hashed = code_hash(code_id, code)
        async with database.transaction() as session:
            if not await code_queries.count_message(session, code_id, hashed, MESSAGES_PER_CODE):
                return Done()
            due = await queries.set_code(session, code_id, hashed, now)
        if due is None:
            return Done()
        phone, expires_at = due
        left = expires_at - now
        message_id = UUID(bytes=hmac.digest(seed, b"id" + code_id.bytes, "sha256")[:16])
        sent = await port.send(TextMessage(message_id, phone, message(code, left), left))
        if sent == Done() and port.tells_fate:
            async with database.transaction() as session:
                await outbox.add(session, now, FATE_JOB, {"message_id": str(message_id)})
        return sent

    async def follow(job: Job) -> Outcome:
        """Whether the message left: if not, the log and the journal tell it, without the number."""
        return await port.fate(UUID(job.payload["message_id"]))

    return {JOB: deliver, FATE_JOB: follow}


def _code_from(seed: bytes, code_id: UUID) -> str:
    """Six digits that nobody without the seed can tell from random ones."""
    digest = hmac.digest(seed, b"code" + code_id.bytes, "sha256")
    # 128 bits over a million: the first codes are more likely by less than 1 in 10^32.
    return f"{int.from_bytes(digest[:16]) % 1_000_000:06d}"


def message(code: str, left: timedelta) -> str:
    """One text message long, in letters every phone has."""
    minutes = max(1, round(left.total_seconds() / 60))
    return (
        f"Kode masuk CAS: {code}. Berlaku {minutes} menit. "
        "Jangan berikan kepada siapa pun, juga tidak kepada polisi."
    )
