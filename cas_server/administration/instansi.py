"""The Instansi's forms: entered, renamed, closed and opened again. Sites come by file."""

from datetime import datetime
from uuid import UUID

from cas_server.administration import forms
from cas_server.administration import instansi_queries as queries
from cas_server.administration.desks import AlarmsOpen
from cas_server.administration.effects import Effect, EffectKind, changed, counted
from cas_server.administration.forms import CodeTaken
from cas_server.administration.instansi_views import InstansiForm
from cas_server.db.session import Session
from cas_server.errors import Conflict, InvalidInput, NotFound
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.registry.importing.cells import code_of


class SitesElsewhere(Conflict):
    code = "sites_elsewhere"

    def __init__(self) -> None:
        super().__init__("it has sites outside your ground; an admin above both may change it")


async def put(
    session: Session, subject: Subject, instansi_id: UUID, form: InstansiForm, now: datetime
) -> list[Effect]:
    """Bring an Instansi to what the form says, and say what that did."""
    await forms.take_turn(session)
    # Whose it is, is asked with the path: its people stand at no Satuan, behind every wall.
    async with session.beyond_the_wall():
        before = await queries.one(session, subject.satuan_path, instansi_id)
        if before is None:
            if form.version is not None:
                raise NotFound("Instansi", instansi_id)
            return await _add(session, subject, instansi_id, form, now)
        forms.refuse_stale(form.version, before.version)
        if await queries.sites_outside(session, instansi_id, subject.satuan_path):
            raise SitesElsewhere
        if form.code not in ("", before.code):
            raise InvalidInput("code", "stays what it is; enter another one and close this one")
        wanted = form.model_copy(update={"name": forms.words("name", form.name)})
        effects = [
            *changed("name", before.name, wanted.name),
            *changed("kind", before.kind, wanted.kind),
        ]
        await queries.change(session, instansi_id, wanted)
        if before.open and not wanted.open:
            effects += await _close(session, instansi_id, now)
        elif wanted.open and not before.open:
            staff = await queries.reopen(session, instansi_id)
            effects += [Effect(what=EffectKind.RETURNS), *counted(EffectKind.PEOPLE_RETURN, staff)]
        if effects:
            await _record(session, subject, "instansi.changed", before.code, effects, now)
        return effects


async def _add(
    session: Session, subject: Subject, instansi_id: UUID, form: InstansiForm, now: datetime
) -> list[Effect]:
    wanted = form.model_copy(update={"name": forms.words("name", form.name)})
    code = code_of(form.code or form.name)
    if not code:
        raise InvalidInput("code", "must hold letters or digits")
    if not await queries.add(session, instansi_id, code, wanted, subject.satuan_id):
        raise CodeTaken(code)
    effects = [Effect(what=EffectKind.ADDED)]
    await _record(session, subject, "instansi.added", code, effects, now)
    return effects


async def _close(session: Session, instansi_id: UUID, now: datetime) -> list[Effect]:
    """Nobody signs in for it any more; refused while somebody there waits for help."""
    if numbers := await queries.alarms_open(session, instansi_id):
        raise AlarmsOpen(numbers)
    people, ended = await queries.close(session, instansi_id, now)
    return [
        Effect(what=EffectKind.ENDS),
        *counted(EffectKind.PEOPLE_END, people),
        *counted(EffectKind.SIGN_INS_END, ended),
    ]


async def _record(
    session: Session, subject: Subject, kind: str, code: str, effects: list[Effect], now: datetime
) -> None:
    told = [{"what": one.what, "field": one.field, "count": one.count} for one in effects]
    payload = {"instansi": code, "effects": told}
    event = Event(kind, None, subject.account_id, subject.satuan_path, payload)
    await journal.append(session, now, event)
