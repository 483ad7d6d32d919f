"""What must hold between one step and the next, told from two pictures of the database."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from tests.simulation.network import Asked
from tests.simulation.picture import Offer, Picture, Promised

LEFT_FOR_S = 600.0
LAST_RING = 3
MOST_ATTEMPTS = 8
ALARM_MAY_BECOME: Mapping[str, frozenset[str]] = {
    "resolved": frozenset({"resolved"}),
    "cancelled": frozenset({"cancelled", "resolved"}),
}
"""From everywhere else an alarm can come everywhere within one step."""
FORWARD = ("accepted", "en_route", "on_scene", "released")


def findings(before: Picture, after: Picture) -> Iterator[str]:
    """Every rule that a step has broken, in plain words; what holds at any moment is `standing`."""
    yield from _alarms(before, after)
    yield from _offers(before, after)
    yield from _responders(before, after)
    yield from _calls(before, after)


def _alarms(before: Picture, after: Picture) -> Iterator[str]:
    now = {alarm.id: alarm for alarm in after.alarms}
    looked, looks = before.prints, after.prints
    for alarm in before.alarms:
        then = now.get(alarm.id)
        if then is None:
            yield "an alarm is gone"
            continue
        if then.status not in ALARM_MAY_BECOME.get(alarm.status, {then.status}):
            yield f"an alarm that was {alarm.status} became {then.status}"
        if then.version <= alarm.version and looks[alarm.id] != looked[alarm.id]:
            yield "an alarm changed and its version did not rise"
    if not before.pressed <= after.pressed:
        yield "a press is gone"


def _offers(before: Picture, after: Picture) -> Iterator[str]:
    now = {offer.id: offer for offer in after.offers}
    for offer in before.offers:
        then = now.get(offer.id)
        if then is None:
            yield "an offer is gone"
        elif offer.state not in ("open", then.state) and offer.ring > 0:
            yield f"an offer that was {offer.state} became {then.state}"


def _responders(before: Picture, after: Picture) -> Iterator[str]:
    now = {(one.alarm_id, one.personil_id): one for one in after.responders}
    for one in before.responders:
        then = now.get((one.alarm_id, one.personil_id))
        if then is None:
            yield "a responder is gone"
        elif then.accepted_s == one.accepted_s and (
            FORWARD.index(then.state) < FORWARD.index(one.state)
        ):
            yield f"a responder went back from {one.state} to {then.state}"


def _calls(before: Picture, after: Picture) -> Iterator[str]:
    known = {offer.id for offer in before.offers}
    fresh = [offer for offer in after.offers if offer.id not in known and offer.ring > 0]
    for offer in fresh:
        yield from _one_call(before, after, offer)
    for key in {(offer.alarm_id, offer.ring) for offer in fresh}:
        called = [o for o in fresh if (o.alarm_id, o.ring) == key]
        elsewhere = [_elsewhere(before, after, offer) for offer in called]
        if any(elsewhere) and not all(elsewhere) and not _is_sos(after, key[0]):
            yield "somebody on another alarm was called beside somebody who is free"


def _one_call(before: Picture, after: Picture, offer: Offer) -> Iterator[str]:
    who = offer.personil_id
    duties = [d for p in (before, after) for d in p.duty if d.personil_id == who]
    if not duties:
        yield "somebody off duty was called"
    resting = len(duties) == 2 and all(duty.availability == "break" for duty in duties)
    if resting and offer.ring < LAST_RING and not _is_sos(after, offer.alarm_id):
        yield "somebody on a break was called before the last ring"
    for one in before.responders:
        if (one.alarm_id, one.personil_id) != (offer.alarm_id, who):
            continue
        if one.active:
            yield "somebody who was on it was called to it"
        elif one.released_s and offer.at_s - one.released_s < LEFT_FOR_S:
            yield "somebody who has just left it was called to it again"


def _elsewhere(before: Picture, after: Picture, offer: Offer) -> bool:
    """True when they were on another alarm, before the step and after it."""
    bound = [
        any(d.personil_id == offer.personil_id and d.alarm_id not in (None, offer.alarm_id)
            for d in picture.duty)
        for picture in (before, after)
    ]  # fmt: skip
    return all(bound)


def _is_sos(picture: Picture, alarm_id: UUID) -> bool:
    return any(a.id == alarm_id and a.reporter_role == "personil" for a in picture.alarms)


def retries(
    before: Sequence[Promised],
    after: Sequence[Promised],
    asked: Sequence[Asked],
    now_s: float,
) -> Iterator[str]:
    """What a round of the outbox did with each job, held against the policy of trying again."""
    kept = {job.id: job for job in after}
    for job in before:
        if job.kind != "push.device" or job.run_at > now_s:
            continue
        answers = [one for one in asked if _is_of(job, one)]
        if not answers:
            continue
        left, attempt = kept.get(job.id), job.attempts + 1
        yield from _retried(left, attempt, answers[-1], now_s)


def _retried(left: Promised | None, attempt: int, answer: Asked, now_s: float) -> Iterator[str]:
    if not answer.again:
        if left is not None:
            yield "a job that was done is kept"
        return
    if attempt >= MOST_ATTEMPTS:
        if left is not None:
            yield f"a job is tried again after {attempt} attempts"
        return
    if left is None:
        yield f"a push that could have been tried again was given up after {attempt} attempts"
        return
    wish_s = answer.after.total_seconds() if answer.after else 0.0
    wait_s = max(min(2.0 ** (attempt - 1), 60.0), wish_s)
    if abs(left.run_at - now_s - wait_s) > 0.01:
        yield f"attempt {attempt} is followed by {left.run_at - now_s:.1f} s, not {wait_s:.1f} s"


def _is_of(job: Promised, one: Asked) -> bool:
    facts, notice = dict(one.facts), job.payload["notice"]
    told = (notice["kind"], notice.get("alarm_id"), notice.get("offer_id"), notice["version"])
    same = told == (
        facts["kind"], facts.get("alarm_id"), facts.get("offer_id"), int(facts["version"]),
    )  # fmt: skip
    return same and job.payload["device_id"] == str(one.device_id)
