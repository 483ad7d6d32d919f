"""The Wilayah's form: another Satuan answers for it. Outlines come by file."""

from datetime import datetime

from cas_server.administration import desks, forms, satuan_queries
from cas_server.administration import wilayah_queries as queries
from cas_server.administration.effects import Effect, EffectKind, changed, counted
from cas_server.administration.ground_views import WilayahForm
from cas_server.db.session import Session
from cas_server.errors import InvalidInput, NotFound
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event


async def put(
    session: Session, subject: Subject, code: str, form: WilayahForm, now: datetime
) -> list[Effect]:
    """Let another Satuan answer for a Wilayah, and say what that did.

    Alarms that are open there stay at the desk that has them; new ones go to the other.
    """
    await forms.take_turn(session)
    found = await queries.answered_at(session, subject.satuan_path, code)
    if not found:
        raise NotFound("Wilayah", code)
    [before] = found
    forms.refuse_stale(form.version, before.version)
    to = await satuan_queries.below(session, subject.satuan_path, form.satuan_id)
    if not to or not to[0].open:
        raise InvalidInput("satuan_id", "there is no such Satuan that is open and yours")
    if before.satuan_id == form.satuan_id:
        return []
    async with session.beyond_the_wall():
        known = await satuan_queries.without_desk(session)
        codes = await queries.affected(session, code, before.satuan_id)
        follow = list(codes)
        sites = await queries.sites_of(session, follow, before.satuan_id)
        alarms = await queries.alarms_open(session, follow)
        await queries.answer(session, code, follow, form.satuan_id)
        await desks.refuse_without(session, known)
    effects = [
        *changed("satuan_id", before.satuan_name, to[0].name),
        *counted(EffectKind.WILAYAH_FOLLOW, len(follow) - 1, to[0].name),
        *counted(EffectKind.SITES_FOLLOW, sites, to[0].name),
        *counted(EffectKind.ALARMS_STAY, alarms, before.satuan_name),
    ]
    payload = {"wilayah": code, "from": before.satuan_name, "to": to[0].code, "codes": follow}
    event = Event("wilayah.answered", None, subject.account_id, to[0].path, payload)
    await journal.append(session, now, event)
    return effects
