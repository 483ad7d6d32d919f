"""The people of an Instansi: added, changed, removed and taken back by its manager."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.errors import Conflict, InvalidInput, NotFound
from cas_server.identity.phones import normal_phone
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.service import AccountTaken, make_account
from cas_server.identity.subject import Subject
from cas_server.instansi import petugas_queries
from cas_server.instansi.service import must_manage
from cas_server.instansi.views import Petugas, PetugasBody
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event

MOST_PETUGAS = 200


class NumberTaken(Conflict):
    code = "number_taken"

    def __init__(self) -> None:
        super().__init__("phone: this number already belongs to a petugas, here or elsewhere")

    def facts(self) -> dict[str, str]:
        return {"field": "phone"}


class LastManager(Conflict):
    code = "last_manager"

    def __init__(self) -> None:
        super().__init__("somebody must manage the Instansi: make another manager first")


class TooManyPetugas(Conflict):
    code = "too_many_petugas"

    def __init__(self) -> None:
        super().__init__(f"an Instansi may have {MOST_PETUGAS} petugas; remove some first")


async def people(session: ReadSession, subject: Subject) -> list[Petugas]:
    """Everybody of the subject's Instansi."""
    return await petugas_queries.petugas(session, await must_manage(session, subject))


async def put(
    session: Session, subject: Subject, petugas_id: UUID, body: PetugasBody, now: datetime
) -> Petugas:
    """Add somebody, or change who they are; saying it twice changes nothing."""
    instansi_id = await must_manage(session, subject)
    await petugas_queries.lock(session, instansi_id)
    phone, name = normal_phone(body.phone), body.name.strip()
    if not name:
        raise InvalidInput("name", "say who it is")
    known = await petugas_queries.petugas(session, instansi_id)
    before = next((each for each in known if each.id == petugas_id), None)
    if before is None:
        await add(session, instansi_id, petugas_id, PetugasBody(
            name=name, phone=phone, manager=body.manager), now)  # fmt: skip
        await _note(session, "petugas.added", subject, petugas_id, now)
    elif not await petugas_queries.has_number(session, petugas_id, phone):
        raise InvalidInput("phone", "a number stays: remove this petugas and add the new number")
    elif (before.name, before.manager) != (name, body.manager):
        _must_leave_a_manager(known, before, stays=body.manager)
        await petugas_queries.change(session, petugas_id, name, manager=body.manager)
        await _note(session, "petugas.changed", subject, petugas_id, now)
    return await _one(session, instansi_id, petugas_id)


async def add(
    session: Session, instansi_id: UUID, petugas_id: UUID, body: PetugasBody, now: datetime
) -> None:
    """Make the account of a petugas; a number that was removed elsewhere is free again."""
    if len(await petugas_queries.petugas(session, instansi_id)) >= MOST_PETUGAS:
        raise TooManyPetugas
    await petugas_queries.let_go(session, body.phone)
    account = NewAccount(
        role=Role.INSTANSI,
        name=body.name,
        phone=body.phone,
        holder_id=instansi_id,
        manager=body.manager,
        id=petugas_id,
    )
    try:
        await make_account(session, account, now)
    except AccountTaken:
        raise NumberTaken from None


async def remove(session: Session, subject: Subject, petugas_id: UUID, now: datetime) -> Petugas:
    """They are out at once, on every device; `restore` takes it back."""
    instansi_id = await must_manage(session, subject)
    await petugas_queries.lock(session, instansi_id)
    before = await _one(session, instansi_id, petugas_id)
    if before.removed_at is None:
        everybody = await petugas_queries.petugas(session, instansi_id)
        _must_leave_a_manager(everybody, before, stays=False)
        await petugas_queries.remove(session, petugas_id, now)
        await _note(session, "petugas.removed", subject, petugas_id, now)
    return await _one(session, instansi_id, petugas_id)


async def restore(session: Session, subject: Subject, petugas_id: UUID, now: datetime) -> Petugas:
    """A slip of the hand: they may sign in again."""
    instansi_id = await must_manage(session, subject)
    await petugas_queries.lock(session, instansi_id)
    before = await _one(session, instansi_id, petugas_id)
    if before.removed_at is not None:
        await petugas_queries.restore(session, petugas_id)
        await _note(session, "petugas.restored", subject, petugas_id, now)
    return await _one(session, instansi_id, petugas_id)


def _must_leave_a_manager(everybody: list[Petugas], changed: Petugas, *, stays: bool) -> None:
    others = any(
        each.manager and each.removed_at is None and each.id != changed.id for each in everybody
    )
    if changed.manager and not stays and not others:
        raise LastManager


async def _one(session: ReadSession, instansi_id: UUID, petugas_id: UUID) -> Petugas:
    found = await petugas_queries.petugas(session, instansi_id, petugas_id)
    if not found:
        raise NotFound("petugas", petugas_id)
    return found[0]


async def _note(
    session: Session, kind: str, subject: Subject, petugas_id: UUID, now: datetime
) -> None:
    """Ids only: whoever is forgotten later leaves no name in the journal."""
    event = Event(kind, actor_id=subject.account_id, payload={"account_id": str(petugas_id)})
    await journal.append(session, now, event)
