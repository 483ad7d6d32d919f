"""Call a ring: weigh, choose, write down why; and go on to the next while nobody is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session
from cas_server.dispatch import escalation, offers, policy, queries
from cas_server.dispatch.escalation import Reach, Summons
from cas_server.dispatch.policy import Candidate, Need, Plan, Rules
from cas_server.dispatch.queries import RingRecord
from cas_server.dispatch.views import CandidateView, DecisionView
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Call:
    """An alarm as far as calling people needs to know it.

    `polres_paths` are the Polres whose Personil may be called: its own, and those whose border is
    near. `at` None: nobody knows where it is, so nobody can be called yet.
    """

    alarm_id: UUID
    version: int
    at: Position | None
    satuan_path: str
    polres_path: str
    polres_paths: tuple[str, ...]
    need: Need
    rules: Rules


@dataclass(frozen=True, slots=True)
class Called:
    """What became of calling: the ring reached, how many it called, whom to tell beside them.

    `count` 0 means that every ring has been tried and nobody could be called.
    """

    ring: int
    count: int
    summons: tuple[Summons, ...]


async def call_from(
    session: Session,
    call: Call,
    first_ring: int,
    now: datetime,
    *,
    near: Sequence[Candidate] | None = None,
) -> Called:
    """Call `first_ring`, or the first ring after it that has somebody to call.

    `near` are the nearest, when the caller has them already.
    """
    ring: int | None = first_ring
    reached, summons = first_ring, list[Summons]()
    while ring is not None and call.at is not None:
        reached = ring
        summons += escalation.summons_of_ring(ring)
        candidates = await _candidates(session, call, call.at, ring, now, near)
        plan = policy.plan(candidates, call.need, call.rules, ring)
        await queries.store_ring(session, _record(call, plan, now))
        if plan.chosen:
            return Called(ring, len(plan.chosen), tuple(summons))
        ring = escalation.next_ring(ring)
    return Called(reached, 0, tuple(summons))


def first_ring(call: Call, near: Sequence[Candidate], now: datetime) -> RingRecord | None:
    """The first ring of an alarm that is not stored yet; None when it has nobody to call."""
    plan = policy.plan(near, call.need, call.rules, 1)
    return _record(call, plan, now) if plan.chosen else None


async def _candidates(
    session: ReadSession,
    call: Call,
    at: Position,
    ring: int,
    now: datetime,
    near: Sequence[Candidate] | None,
) -> Sequence[Candidate]:
    if call.rules.radius_m(ring) is None:
        return await queries.all_on_duty(session, at, call.alarm_id, now, call.polres_path)
    if near is not None:
        return near
    return await queries.nearest(session, at, call.alarm_id, now, list(call.polres_paths))


def _record(call: Call, plan: Plan, now: datetime) -> RingRecord:
    expires_at = now + call.rules.accept_within
    offer_ids = [new_id() for _ in plan.chosen]
    offered = list(zip(offer_ids, plan.chosen, strict=True))
    pushes = [
        (
            "push.personil",
            push(call.alarm_id, call.version, chosen.personil_id, "offer", offer_id)
            | {"expires_at": expires_at.isoformat()},
        )
        for offer_id, chosen in offered
    ]
    entries: list[tuple[str, dict[str, Any]]] = [
        ("ring.called", {"ring": plan.ring, "called": len(offered)}),
        *(
            ("offer.made", {"offer_id": str(offer_id), "personil_id": str(chosen.personil_id),
                            "ring": plan.ring})
            for offer_id, chosen in offered
        ),
    ]  # fmt: skip
    return RingRecord(
        alarm_id=call.alarm_id,
        plan=plan,
        offer_ids=offer_ids,
        now=now,
        expires_at=expires_at,
        receive_by=now + call.rules.receipt_within,
        pushes=pushes,
        entries=entries,
        actor_id=None,
        satuan_path=call.satuan_path,
    )


def push(
    alarm_id: UUID, version: int, personil_id: UUID, message: str, offer_id: UUID
) -> dict[str, Any]:
    """The outbox payload that wakes one Personil's phones."""
    return {
        "alarm_id": str(alarm_id),
        "version": version,
        "personil_id": str(personil_id),
        "message": message,
        "offer_id": str(offer_id),
    }


async def ring_is_over(session: ReadSession, alarm_id: UUID, ring: int) -> bool:
    """True when nobody of the alarm's present ring is being waited for."""
    asked = await offers.offers_of_ring(session, alarm_id, ring)
    return escalation.ring_is_over(_reach(offer) for offer in asked)


def _reach(offer: Any) -> Reach:
    if offer["state"] == "accepted":
        return Reach.TAKEN
    if offer["state"] != "open":
        return Reach.ANSWERED
    return Reach.UNREACHED if offer["unreached_at"] else Reach.WAITING


async def why(session: ReadSession, alarm_id: UUID) -> list[DecisionView]:
    """Every decision about an alarm, with every candidate: the answer to "why him?"."""
    return [
        DecisionView(
            ring=row["ring"],
            decided_at=row["decided_at"],
            radius_m=row["radius_m"],
            candidates=[
                CandidateView.model_validate(candidate)
                for candidate in msgspec.json.decode(row["candidates"])
            ],
        )
        for row in await queries.decisions(session, alarm_id)
    ]
