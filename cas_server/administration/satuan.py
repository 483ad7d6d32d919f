"""The Satuan's forms: entered, changed, moved in the tree, closed and opened again."""

from datetime import datetime
from uuid import UUID

from cas_server.administration import desks, forms, mending
from cas_server.administration import satuan_queries as queries
from cas_server.administration.desks import AlarmsOpen
from cas_server.administration.effects import Effect, EffectKind, changed, counted
from cas_server.administration.forms import CodeTaken
from cas_server.administration.ground_views import SatuanForm, SatuanRecord
from cas_server.db.session import Session
from cas_server.errors import Conflict, InvalidInput, NotFound
from cas_server.identity.phones import normal_phone
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.registry import store
from cas_server.registry.importing import indonesia
from cas_server.registry.importing.cells import EMERGENCY_NUMBER, code_of
from cas_server.registry.importing.indonesia import Box, Whereabouts
from cas_server.registry.importing.tree import MAY_STAND_UNDER


class StillAbove(Conflict):
    code = "satuan_still_above"

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(f"move or close what stands below it first: {', '.join(names)}")

    def facts(self) -> dict[str, str]:
        return {"names": ", ".join(self.names)}


async def put(
    session: Session, subject: Subject, satuan_id: UUID, form: SatuanForm, now: datetime
) -> list[Effect]:
    """Bring a Satuan to what the form says, and say what that did."""
    await forms.take_turn(session)
    found = await queries.below(session, subject.satuan_path, satuan_id)
    if not found:
        if form.version is not None:
            raise NotFound("Satuan", satuan_id)
        return await _add(session, subject, satuan_id, form, now)
    [before] = found
    forms.refuse_stale(form.version, before.version)
    if form.kind is not before.kind or form.code not in ("", before.code):
        field = "code" if form.kind is before.kind else "kind"
        raise InvalidInput(field, "stays what it is; enter another Satuan and close this one")
    wanted = _cleaned(form, before)
    effects = _differences(before, wanted)
    # What follows reaches rows that no wall lets through, such as the old side of a move.
    async with session.beyond_the_wall():
        known = await queries.without_desk(session)
        if before.parent_id != wanted.parent_id:
            effects += await _move(session, subject, before, wanted, now)
        await queries.change(session, satuan_id, wanted)
        if before.parent_id != wanted.parent_id:
            await store.refresh_tree(session)
            await mending.promise(session, now)
        if before.open != wanted.open:
            effects += await (_reopen if wanted.open else _close)(session, subject, before, now)
        await desks.refuse_without(session, known)
    if effects:
        await _record(session, subject, "changed", before, effects, now)
    return effects


async def _add(
    session: Session, subject: Subject, satuan_id: UUID, form: SatuanForm, now: datetime
) -> list[Effect]:
    parent = await _parent(session, subject, form)
    code = code_of(form.code or form.name)
    if not code:
        raise InvalidInput("code", "must hold letters or digits")
    if not await queries.add(session, satuan_id, code, _cleaned(form)):
        raise CodeTaken(code)
    async with session.beyond_the_wall():
        await store.refresh_effective(session)
    effects = [Effect(what=EffectKind.ADDED, after=parent.name)]
    payload = {"satuan": code, "fields": []}
    path = f"{parent.path}{code}/"
    event = Event("satuan.added", None, subject.account_id, path, payload)
    await journal.append(session, now, event)
    return effects


async def _parent(session: Session, subject: Subject, form: SatuanForm) -> SatuanRecord:
    """The Satuan it is to stand under: the asker's own or one below, open, of a fitting kind."""
    if form.parent_id is None:
        raise InvalidInput("parent_id", "choose the Satuan it stands under")
    found = await queries.below(session, subject.satuan_path, form.parent_id)
    if not found or not found[0].open:
        raise InvalidInput("parent_id", "there is no such Satuan that is open and yours")
    if found[0].kind not in MAY_STAND_UNDER[form.kind]:
        raise InvalidInput("parent_id", f"a {form.kind} cannot stand under a {found[0].kind}")
    return found[0]


def _cleaned(form: SatuanForm, before: SatuanRecord | None = None) -> SatuanForm:
    """The form in the registry's own writing; InvalidInput names the field that cannot be."""
    phone = (form.phone or "").strip()
    if (
        phone
        and (before is None or phone != before.phone)
        and not EMERGENCY_NUMBER.fullmatch(phone)
    ):
        phone = normal_phone(phone)
    if before is None or (before.lat, before.lon) != (form.lat, form.lon):
        _refuse_place(form)
    name = forms.words("name", form.name)
    return form.model_copy(update={"name": name, "phone": phone or None})


def _refuse_place(form: SatuanForm) -> None:
    if (form.lat is None) != (form.lon is None):
        raise InvalidInput(
            "lat" if form.lat is None else "lon", "latitude and longitude go together"
        )
    if form.lat is not None and form.lon is not None:
        box = Box(form.lon, form.lat, form.lon, form.lat)
        if indonesia.whereabouts(box) is not Whereabouts.INSIDE:
            raise InvalidInput("lat", "the place lies outside Indonesia")


def _differences(before: SatuanRecord, wanted: SatuanForm) -> list[Effect]:
    def place(of: SatuanRecord | SatuanForm) -> str:
        return "" if of.lat is None else f"{of.lat:.6f}, {of.lon:.6f}"

    return [
        *changed("name", before.name, wanted.name),
        *changed("phone", before.phone or "", wanted.phone or ""),
        *changed("lat", place(before), place(wanted)),
    ]


async def _move(
    session: Session, subject: Subject, before: SatuanRecord, form: SatuanForm, now: datetime
) -> list[Effect]:
    """To another parent, with all that stands below; while no alarm is open there."""
    _refuse_own(subject, before, "parent_id")
    parent = await _parent(session, subject, form)
    if parent.path.startswith(before.path):
        raise InvalidInput("parent_id", "it cannot stand under itself")
    if numbers := await queries.alarms_below(session, before.path):
        raise AlarmsOpen(numbers)
    below = await queries.below(session, before.path)
    [old] = await queries.below(session, "", before.parent_id)
    await _tell_the_old_desks(session, before.path, now)
    ended = await queries.end_desk_sign_ins(session, before.path, now)
    return [
        *changed("parent_id", old.name, parent.name),
        *counted(EffectKind.SATUAN_FOLLOW, len(below) - 1),
        *counted(EffectKind.PERSONIL_FOLLOW, sum(one.personil for one in below)),
        *counted(EffectKind.WILAYAH_FOLLOW, sum(one.wilayah for one in below)),
        *counted(EffectKind.SIGN_INS_END, ended),
    ]


async def _tell_the_old_desks(session: Session, path: str, now: datetime) -> None:
    """Whoever is on duty there stays so, and is seen from elsewhere now."""
    await journal.append_all(session, now, [
        Event("duty.changed", satuan_path=row["satuan_path"], payload={
            "personil_id": str(row["personil_id"]),
            "availability": row["availability"],
            "on_alarm_id": str(row["alarm_id"]) if row["alarm_id"] else None,
        })
        for row in await queries.on_duty_below(session, path)
    ])  # fmt: skip


async def _close(
    session: Session, subject: Subject, before: SatuanRecord, now: datetime
) -> list[Effect]:
    """What hangs on it goes to the Satuan above; its own desk is no more."""
    _refuse_own(subject, before, "open")
    if names := await queries.open_below(session, before.id):
        raise StillAbove(names)
    if numbers := await queries.alarms_below(session, before.path):
        raise AlarmsOpen(numbers)
    assert before.parent_id is not None, "what stands below an admin's own has a parent"
    [above] = await queries.below(session, "", before.parent_id)
    ended = await queries.end_desk_sign_ins(session, before.path, now)
    staff = await queries.close(session, before.id, now)
    await queries.hand_all(session, before.id, above.id)
    await store.refresh_paths(session)
    return [
        Effect(what=EffectKind.ENDS),
        *counted(EffectKind.PERSONIL_FOLLOW, before.personil, above.name),
        *counted(EffectKind.WILAYAH_FOLLOW, before.wilayah, above.name),
        *counted(EffectKind.DESKS_END, staff),
        *counted(EffectKind.SIGN_INS_END, ended),
    ]


async def _reopen(
    session: Session, subject: Subject, before: SatuanRecord, _: datetime
) -> list[Effect]:
    _refuse_own(subject, before, "open")
    [above] = await queries.below(session, "", before.parent_id)
    if not above.open:
        raise InvalidInput("parent_id", f"{above.name} is closed; open it first")
    staff = await queries.reopen(session, before.id)
    return [Effect(what=EffectKind.RETURNS), *counted(EffectKind.DESKS_RETURN, staff)]


def _refuse_own(subject: Subject, before: SatuanRecord, field: str) -> None:
    if before.path == subject.satuan_path or before.parent_id is None:
        raise InvalidInput(field, "of your own Satuan only an admin above it may change this")


async def _record(
    session: Session,
    subject: Subject,
    what: str,
    before: SatuanRecord,
    effects: list[Effect],
    now: datetime,
) -> None:
    told = [
        {"what": one.what, "field": one.field, "before": one.before, "after": one.after,
         "count": one.count}
        for one in effects
    ]  # fmt: skip
    payload = {"satuan": before.code, "effects": told}
    event = Event(f"satuan.{what}", None, subject.account_id, before.path, payload)
    await journal.append(session, now, event)
