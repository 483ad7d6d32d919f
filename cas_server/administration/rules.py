"""The figures by which a Satuan calls: shown with what they come from, changed with foresight."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.administration import queries
from cas_server.administration.queries import Settings
from cas_server.administration.views import CallingRules, RuleChange, RulesView
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch.policy import Rules
from cas_server.errors import InvalidInput, NotFound
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.registry import store

_RULES = tuple(CallingRules.model_fields)
_ORDERED = (
    ("ring_1_radius_m", "ring_2_radius_m", "the second ring must reach as far as the first"),
    ("climb_first_s", "climb_second_s", "the second climb must not come before the first"),
    (
        "receipt_s",
        "accept_s",
        "a phone must have said that it rings before its time to answer ends",
    ),
)


async def show(session: ReadSession, subject: Subject, satuan_id: UUID) -> RulesView:
    """What is set at a Satuan, and what would hold without it."""
    known = await _known(session, subject, satuan_id)
    return RulesView(
        satuan_id=known.id,
        own=CallingRules(**_of(known.own)),
        inherited=CallingRules(**_holding(known.above)),
    )


async def change(
    session: Session, subject: Subject, satuan_id: UUID, wanted: CallingRules, now: datetime
) -> list[RuleChange]:
    """Set the figures of a Satuan, and say what that changes there and below."""
    known = await _known(session, subject, satuan_id)
    others = {name: value for name, value in known.own.items() if name not in _RULES}
    chosen = wanted.model_dump(exclude_none=True)
    _refuse_disorder(_holding(known.above | chosen), chosen)
    before = await queries.effective_below(session, known.path)
    await queries.set_settings(session, known.id, others | chosen)
    await store.refresh_effective(session)
    after = await queries.effective_below(session, known.path)
    changes = [
        RuleChange(satuan_name=one.name, rule=rule, before=was, after=holds)
        for satuan, one in after.items()
        for rule, was, holds in _different(before[satuan].settings, one.settings)
    ]
    facts = {"satuan": known.code, "rules": chosen}
    event = Event("satuan.rules_changed", None, subject.account_id, known.path, facts)
    await journal.append(session, now, event)
    return changes


async def _known(session: ReadSession, subject: Subject, satuan_id: UUID) -> Settings:
    known = await queries.settings_of(session, satuan_id, subject.satuan_path)
    if known is None:
        raise NotFound("Satuan", satuan_id)
    return known


def _of(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in _RULES if name in settings}


def _holding(settings: dict[str, Any]) -> dict[str, Any]:
    """Every figure: as set, else as it is in the order of work."""
    return _of(asdict(Rules()) | settings)


def _different(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, float, float]]:
    was, holds = _holding(before), _holding(after)
    return [(name, was[name], holds[name]) for name in _RULES if was[name] != holds[name]]


def _refuse_disorder(holding: dict[str, Any], chosen: dict[str, Any]) -> None:
    for first, second, why in _ORDERED:
        if holding[first] > holding[second]:
            raise InvalidInput(second if second in chosen else first, why)
