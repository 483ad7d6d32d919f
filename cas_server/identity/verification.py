"""One-time codes exchanged for a sign-in: what is told before and after a right code."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from cas_server.db.session import Database, Session
from cas_server.errors import CasError, Conflict, InvalidInput, SignInNeeded
from cas_server.identity import device_queries, devices, queries, views
from cas_server.identity.codes import FindPersonil, RegisteredPersonil, code_hash
from cas_server.identity.device_queries import SeenDevice
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.service import issue, make_account
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.ids import new_id

MOST_TRIES = 5
NOT_SENT = "-" * 64
"""As long as a hash, and none: comparing with it takes as long."""
BY_CODE = frozenset({Role.MASYARAKAT})
"""Who may sign in with a code alone, beside a petugas who says so; for the others it would be a
way around their password."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A Masyarakat who has just proved a phone number that nobody had."""

    masyarakat_id: UUID
    name: str
    phone: str


Register = Callable[[Session, Newcomer], Awaitable[None]]
"""Enters a newcomer in the registry, which stands above this slice and is therefore handed in."""


@dataclass(frozen=True, slots=True)
class People:
    """What is asked of the registry."""

    register: Register
    find_personil: FindPersonil


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


class NoPetugas(SignInNeeded):
    """Told only to whoever gave back the code, and so has the number."""

    code = "no_petugas"

    def __init__(self) -> None:
        super().__init__("no Instansi has this number; ask the one who manages yours to add you")


class AccountClosed(SignInNeeded):
    code = "account_closed"

    def __init__(self) -> None:
        super().__init__("this account was closed; speak to your Polsek")


class Verification:
    """Exchanges codes for sign-ins.

    Until the code was right, nothing depends on whose number it is: not the answer, not the
    statements. Afterwards the holder of the number may be told what their account is.
    """

    def __init__(self, database: Database, people: People, lifetime: timedelta) -> None:
        self._database = database
        self._people = people
        self._lifetime = lifetime

    async def verify(
        self, code_id: UUID, given: views.CodeVerification, now: datetime
    ) -> views.SignedIn:
        """A sign-in and a press credential for a right code; a wrong one stays counted."""
        async with self._database.transaction() as session:
            outcome = await self._exchange(session, code_id, given, now)
        # Raised after the commit: the try is counted, the code is used, whatever is refused.
        if isinstance(outcome, CasError):
            raise outcome
        return outcome

    async def _exchange(
        self, session: Session, code_id: UUID, given: views.CodeVerification, now: datetime
    ) -> views.SignedIn | CasError:
        tried = await queries.try_code(session, code_id, given.device, MOST_TRIES, now)
        if tried is None:
            return CodeOver()
        if not hmac.compare_digest(tried.code_hash or NOT_SENT, code_hash(code_id, given.code)):
            return WrongCode(MOST_TRIES - tried.tries)
        await queries.use_code(session, code_id, now)
        account_id = await self._account_of(session, tried.phone, given, now)
        if isinstance(account_id, CasError):
            return account_id
        return await self._sign_in(session, account_id, given, now)

    async def _sign_in(
        self, session: Session, account_id: UUID, given: views.CodeVerification, now: datetime
    ) -> views.SignedIn:
        device = given.device
        token = await issue(session, account_id, "session", device, now, self._lifetime)
        press_token = await issue(session, account_id, "press", device, now)
        await journal.append(session, now, Event("account.signed_in", actor_id=account_id))
        account = await queries.account(session, account_id)
        return views.SignedIn(
            token=token,
            expires_at=now + self._lifetime,
            press_token=press_token,
            account=account,
            awaiting_confirmation=await devices.meet(
                session, account, SeenDevice(device, given.label.strip()), now
            ),
        )

    async def _account_of(
        self, session: Session, phone: str, given: views.CodeVerification, now: datetime
    ) -> UUID | CasError:
        if given.role is Role.INSTANSI:
            return await _petugas(session, phone)
        # Two codes of one number, given back at once, must not both find nobody and make somebody.
        await queries.lock_phone(session, phone)
        personil = await self._people.find_personil(session, phone)
        if personil is not None:
            return await _officer(session, personil, now)
        known = await queries.by_phone(session, phone, petugas=False)
        if known is None:
            return await self._welcome(session, phone, given.name, now)
        if known.role not in BY_CODE:
            return StaffPhone()
        return AccountClosed() if known.disabled else known.account_id

    async def _welcome(self, session: Session, phone: str, name: str | None, now: datetime) -> UUID:
        if name is None or not name.strip():
            # Rolls back, so the right code stays good for the repeat with a name.
            raise InvalidInput("name", "this number is new here; say your name")
        newcomer = Newcomer(new_id(), name.strip(), phone)
        account = NewAccount(
            Role.MASYARAKAT, newcomer.name, phone=phone, holder_id=newcomer.masyarakat_id
        )
        await make_account(session, account, now)
        await self._people.register(session, newcomer)
        await journal.append(session, now, Event("account.registered", actor_id=account.id))
        return account.id


async def _petugas(session: Session, phone: str) -> UUID | CasError:
    """The account that an Instansi's manager made for this number; nobody makes their own."""
    known = await queries.by_phone(session, phone, petugas=True)
    return NoPetugas() if known is None or known.disabled else known.account_id


async def _officer(
    session: Session, personil: RegisteredPersonil, now: datetime
) -> UUID | CasError:
    """The account of a Personil, made when they first come: the registry says whose number it is.

    Without username and phone: the registry's number counts, also after it has changed there.
    """
    known = await device_queries.account_of_personil(session, personil.personil_id)
    if known is not None:
        return AccountClosed() if known.disabled else known.account_id
    account = NewAccount(
        Role.PERSONIL,
        personil.name,
        holder_id=personil.personil_id,
        satuan_id=personil.satuan_id,
        satuan_path=personil.satuan_path,
    )
    await make_account(session, account, now)
    await journal.append(session, now, Event("account.registered", actor_id=account.id))
    return account.id
