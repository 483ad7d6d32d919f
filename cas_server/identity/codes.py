"""One-time codes: asked for, sent as a text message, and exchanged for a sign-in."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from cas_server.db.session import Database, Session
from cas_server.errors import CasError, Conflict, InvalidInput, SignInNeeded
from cas_server.identity import brake, queries, views
from cas_server.identity.brake import TooManyTries
from cas_server.identity.phones import normal_phone
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.service import Caller, issue, make_account
from cas_server.identity.sms import SmsPort
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.ids import new_id
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import Handler
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Done, Outcome

JOB = "sms.code"
MOST_TRIES = 5
CODES_PER_PHONE = 5
PER = timedelta(hours=1)
BY_CODE = frozenset({Role.MASYARAKAT, Role.INSTANSI})
"""Who may sign in with a code; for the others it would be a way around their password."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A Masyarakat who has just proved a phone number that nobody had."""

    masyarakat_id: UUID
    name: str
    phone: str


Register = Callable[[Session, Newcomer], Awaitable[None]]
"""Enters a newcomer in the registry, which stands above this slice and is therefore handed in."""


class CodeOver(CasError):
    """Used, expired, tried too often, or asked for on another device: no more is said."""

    code = "code_over"
    status = HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__("this code is over; ask for a new one")


class WrongCode(CasError):
    code = "wrong_code"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(f"the code is wrong; {tries_left} tries are left")

    def facts(self) -> dict[str, str]:
        return {"tries_left": str(self.tries_left)}


class StaffPhone(Conflict):
    code = "staff_phone"

    def __init__(self) -> None:
        super().__init__("the account of this number signs in with username and password")


def code_hash(code_id: UUID, code: str) -> str:
    """What is stored of a code.

    A million codes can be tried against any hash, slow or fast, by whoever holds the table; what
    protects a code is five tries and five minutes. The hash keeps it out of backups and glances.
    """
    return hashlib.sha256(code_id.bytes + code.encode()).hexdigest()


async def request(
    session: Session, asked: views.CodeRequest, caller: Caller, lifetime: timedelta
) -> views.CodeSent:
    """Promise a code to a number, known or not: the answer is the same."""
    now = caller.now
    phone = normal_phone(asked.phone)
    await brake.count(session, brake.of_codes(caller.address), now)
    await queries.lock_phone(session, phone)
    earlier = await queries.codes_since(session, phone, now - PER)
    if len(earlier) >= CODES_PER_PHONE:
        raise TooManyTries(earlier[-CODES_PER_PHONE] + PER - now)
    code_id = new_id()
    await queries.insert_code(session, code_id, phone, asked.device, now, now + lifetime)
    # Only the id: neither the code nor the number ever stands in a job or in the journal.
    await outbox.add(session, now, JOB, {"code_id": str(code_id)})
    return views.CodeSent(code_id=code_id, expires_at=now + lifetime)


class Verification:
    """Exchanges codes for sign-ins."""

    def __init__(self, database: Database, register: Register, lifetime: timedelta) -> None:
        self._database = database
        self._register = register
        self._lifetime = lifetime

    async def verify(
        self, code_id: UUID, given: views.CodeVerification, now: datetime
    ) -> views.SignedIn:
        """A sign-in and a press credential for a right code; a wrong one stays counted."""
        async with self._database.transaction() as session:
            outcome = await self._exchange(session, code_id, given, now)
        if isinstance(outcome, WrongCode):
            raise outcome
        return outcome

    async def _exchange(
        self, session: Session, code_id: UUID, given: views.CodeVerification, now: datetime
    ) -> views.SignedIn | WrongCode:
        tried = await queries.try_code(session, code_id, given.device, MOST_TRIES, now)
        if tried is None:
            raise CodeOver
        if not hmac.compare_digest(tried.code_hash, code_hash(code_id, given.code)):
            return WrongCode(MOST_TRIES - tried.tries)
        await queries.use_code(session, code_id, now)
        account_id = await self._account_of(session, tried.phone, given.name, now)
        token = await issue(session, account_id, "session", given.device, now, self._lifetime)
        press_token = await issue(session, account_id, "press", given.device, now)
        await journal.append(session, now, Event("account.signed_in", actor_id=account_id))
        return views.SignedIn(
            token=token,
            expires_at=now + self._lifetime,
            press_token=press_token,
            account=await queries.account(session, account_id),
        )

    async def _account_of(
        self, session: Session, phone: str, name: str | None, now: datetime
    ) -> UUID:
        known = await queries.by_phone(session, phone)
        if known is None:
            return await self._welcome(session, phone, name, now)
        if known.role not in BY_CODE:
            raise StaffPhone
        if known.disabled:
            raise SignInNeeded("this account was closed; speak to your Polsek")
        return known.account_id

    async def _welcome(self, session: Session, phone: str, name: str | None, now: datetime) -> UUID:
        if name is None or not name.strip():
            # Rolls back, so the right code stays good for the repeat with a name.
            raise InvalidInput("name", "this number is new here; say your name")
        newcomer = Newcomer(new_id(), name.strip(), phone)
        account = NewAccount(
            Role.MASYARAKAT, newcomer.name, phone=phone, holder_id=newcomer.masyarakat_id
        )
        await queries.lock_phone(session, phone)
        await make_account(session, account, now)
        await self._register(session, newcomer)
        await journal.append(session, now, Event("account.registered", actor_id=account.id))
        return account.id


def handlers(
    database: Database, port: SmsPort, clock: Callable[[], datetime]
) -> dict[str, Handler]:
    """The outbox jobs of this slice."""

    async def deliver(job: Job) -> Outcome:
        """Make a code, remember its hash, send it. A repeat sends a new one: the newest counts."""
        code_id, now = UUID(job.payload["code_id"]), clock()
        code = f"{secrets.randbelow(1_000_000):06d}"
        async with database.transaction() as session:
            due = await queries.set_code(session, code_id, code_hash(code_id, code), now)
        if due is None:
            return Done()
        phone, expires_at = due
        return await port.send(phone, message(code, expires_at - now))

    return {JOB: deliver}


def message(code: str, left: timedelta) -> str:
    """One text message long, in letters every phone has."""
    minutes = max(1, round(left.total_seconds() / 60))
    return (
        f"Kode masuk CAS: {code}. Berlaku {minutes} menit. "
        "Jangan berikan kepada siapa pun, juga tidak kepada polisi."
    )
