"""The Personil's forms: added, changed, moved, taken out of service and brought back."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from cas_server.administration import forms
from cas_server.administration import personil_queries as queries
from cas_server.administration.effects import Effect, EffectKind, changed, counted
from cas_server.administration.personil_views import PersonilForm, PersonilRecord
from cas_server.db.session import Session
from cas_server.dispatch import offers
from cas_server.errors import CasError, Conflict, InvalidInput, NotFound
from cas_server.identity.phones import normal_phone
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.service import AccountTaken, make_account
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.presence import service as presence
from cas_server.presence.service import StillOnAlarm
from cas_server.registry.importing.cells import code_of
from cas_server.registry.importing.personil import NRP

_VALUES = ("name", "rank", "satuan_id", "skills", "phone")


class NrpTaken(Conflict):
    """Says no more: who has it may be of another Polres."""

    code = "nrp_taken"

    def __init__(self) -> None:
        super().__init__("nrp: somebody with this NRP is registered already, here or elsewhere")

    def facts(self) -> dict[str, str]:
        return {"field": "nrp"}


class PhoneTaken(Conflict):
    code = "phone_taken"

    def __init__(self) -> None:
        super().__init__("phone: another Personil in service has this number")

    def facts(self) -> dict[str, str]:
        return {"field": "phone"}


class OnAlarm(CasError):
    """Nobody is taken from people who wait for them."""

    code = "personil_on_alarm"
    status = HTTPStatus.CONFLICT

    def __init__(self, alarm: object) -> None:
        self.alarm = alarm
        super().__init__(f"they are on alarm {alarm}; release them at the desk first")

    def facts(self) -> dict[str, str]:
        return {"alarm": str(self.alarm)}


async def put(
    session: Session, subject: Subject, personil_id: UUID, form: PersonilForm, now: datetime
) -> list[Effect]:
    """Bring a Personil to what the form says, and say what that did."""
    await forms.take_turn(session)
    before = await queries.locked(session, subject.satuan_path, personil_id)
    if before is None:
        if form.version is not None:
            raise NotFound("Personil", personil_id)
        return await _add(session, subject, personil_id, form, now)
    forms.refuse_stale(form.version, before.version)
    if form.nrp.strip() != before.nrp:
        raise InvalidInput("nrp", "stays what it is; take this one out of service and add the new")
    wanted = await _cleaned(session, personil_id, form)
    path, satuan_name = await _satuan(session, subject, form.satuan_id)
    effects = _differences(before, wanted, satuan_name)
    if not effects and before.in_service == form.in_service:
        return []
    leaves = before.in_service and not form.in_service
    if leaves or before.satuan_id != wanted.satuan_id:
        effects += await _leave(session, subject, before, now, for_good=leaves)
    await queries.change(session, personil_id, *(getattr(wanted, name) for name in _VALUES))
    kind = "changed"
    if before.in_service != form.in_service:
        await queries.set_service(session, personil_id, now if leaves else None)
        effects.append(Effect(what=EffectKind.ENDS if leaves else EffectKind.RETURNS))
        kind = "left" if leaves else "returned"
    event = Event(f"personil.{kind}", None, subject.account_id, path, _told(personil_id, effects))
    await journal.append(session, now, event)
    return effects


async def _add(
    session: Session, subject: Subject, personil_id: UUID, form: PersonilForm, now: datetime
) -> list[Effect]:
    nrp = form.nrp.strip()
    path, _ = await _satuan(session, subject, form.satuan_id)
    if not NRP.fullmatch(nrp):
        raise InvalidInput("nrp", "must be an NRP (8 digits) or a NIP (18 digits)")
    wanted = await _cleaned(session, personil_id, form)
    if not await queries.add(
        session, personil_id, nrp, *(getattr(wanted, name) for name in _VALUES)
    ):
        raise NrpTaken
    account = NewAccount(
        role=Role.PERSONIL,
        name=wanted.name,
        username=nrp,
        holder_id=personil_id,
        satuan_id=wanted.satuan_id,
        satuan_path=path,
    )
    try:
        await make_account(session, account, now)
    except AccountTaken:
        raise NrpTaken from None
    effects = [Effect(what=EffectKind.ADDED)]
    if wanted.phone:
        effects.append(Effect(what=EffectKind.MAY_SIGN_IN))
    event = Event("personil.added", None, subject.account_id, path, _told(personil_id, effects))
    await journal.append(session, now, event)
    return effects


async def _cleaned(session: Session, personil_id: UUID, form: PersonilForm) -> PersonilForm:
    """The form in the registry's own writing; InvalidInput names the field that cannot be."""
    skills = {code_of(skill).replace("-", "_") for skill in form.skills} - {""}
    phone = normal_phone(form.phone) if form.phone and form.phone.strip() else None
    if phone and form.in_service:
        # Also next door: a number two have proves neither.
        async with session.beyond_the_wall():
            taken = await queries.is_number_taken(session, phone, personil_id)
        if taken:
            raise PhoneTaken
    return form.model_copy(
        update={
            "name": forms.words("name", form.name),
            "rank": forms.words("rank", form.rank),
            "skills": sorted(skills),
            "phone": phone,
        }
    )


async def _satuan(session: Session, subject: Subject, satuan_id: UUID) -> tuple[str, str]:
    """Path and name of the Satuan they are to be at."""
    found = await queries.satuan(session, satuan_id, subject.satuan_path)
    if found is None:
        raise InvalidInput("satuan_id", "there is no such Satuan that is open and yours")
    return found


def _differences(before: PersonilRecord, wanted: PersonilForm, satuan_name: str) -> list[Effect]:
    moved = changed("satuan_id", before.satuan_name, satuan_name)
    return [
        *changed("name", before.name, wanted.name),
        *changed("rank", before.rank, wanted.rank),
        *(moved if before.satuan_id != wanted.satuan_id else []),
        *changed("skills", ", ".join(before.skills), ", ".join(wanted.skills)),
        *changed("phone", before.phone or "", wanted.phone or ""),
    ]


async def _leave(
    session: Session, subject: Subject, who: PersonilRecord, now: datetime, *, for_good: bool
) -> list[Effect]:
    """What ends where they were: duty, calls, sign-ins, their desa; refused while on an alarm."""
    if who.alarm is not None:
        raise OnAlarm(who.alarm)
    effects: list[Effect] = []
    try:
        # Calls of a Polres next door end, too. In the order of whoever accepts an offer.
        async with session.beyond_the_wall():
            await offers.lapse(session, who.id, now)
        await presence.end_duty(session, who.id, now, subject.account_id)
    except StillOnAlarm as error:
        raise OnAlarm(error.alarm_id) from error
    if who.on_duty:
        effects.append(Effect(what=EffectKind.OFF_DUTY))
    ended = await queries.end_sign_ins(session, who.id, now, for_good=for_good)
    effects += counted(EffectKind.SIGN_INS_END, ended)
    if who.desa:
        await queries.leave_desa(session, who.id)
        effects.append(Effect(what=EffectKind.DESA_WITHOUT, names=who.desa))
    return effects


def _told(personil_id: UUID, effects: list[Effect]) -> dict[str, object]:
    """Whom and which fields: what stood there stays out of a journal that is never rewritten."""
    fields = [effect.field for effect in effects if effect.what is EffectKind.CHANGED]
    return {"personil_id": str(personil_id), "fields": fields}
