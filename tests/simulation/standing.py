"""What must hold at any moment: one picture of the database, and the journal so far."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from tests.simulation.picture import Alarm, Book, Line, Offer, Picture, Responder

MOST_ATTEMPTS = 8
ANSWER_WITHIN_S = 20.0
RECEIVE_WITHIN_S = 5.0
A_MICROSECOND = 1e-6
LAST_CLIMB = 2
OVER = ("resolved", "cancelled")
STEPS = ("raised", "accepted", "en_route", "on_scene")
TAKES = ("offer.accepted", "personil.assigned")
ENDS = {
    "offer.accepted": "accepted", "personil.assigned": "accepted", "offer.declined": "declined",
    "offer.expired": "expired", "offer.stood_down": "stood_down", "offer.superseded": "stood_down",
}  # fmt: skip
PASSES = {
    "offer.accepted": "accepted", "personil.assigned": "accepted",
    "responder.en_route": "en_route", "responder.on_scene": "on_scene",
    "responder.released": "released",
}  # fmt: skip


class Moment:
    """A picture, with what several rules ask of it."""

    def __init__(self, picture: Picture, book: Book) -> None:
        self.picture = picture
        self.book = book
        self.alarms = {alarm.id: alarm for alarm in picture.alarms}
        self.active: dict[UUID, list[Responder]] = {}
        for one in picture.responders:
            if one.active:
                self.active.setdefault(one.alarm_id, []).append(one)
        self.on_it = {(r.alarm_id, r.personil_id) for each in self.active.values() for r in each}
        self.open = [offer for offer in picture.offers if offer.state == "open"]
        self.asking = {offer.alarm_id for offer in self.open}
        self.of_rings = [offer for offer in picture.offers if offer.ring > 0]


def findings(picture: Picture, book: Book) -> Iterator[str]:
    """The name of every rule that does not hold now."""
    moment = Moment(picture, book)
    return (name for name, broken in _RULES.items() if broken(moment))


def _two_lead(now: Moment) -> bool:
    return any(sum(r.part == "primary" for r in each) > 1 for each in now.active.values())


def _nobody_leads(now: Moment) -> bool:
    return any(all(r.part != "primary" for r in each) for each in now.active.values())


def _offered_twice(now: Moment) -> bool:
    asked = Counter((o.alarm_id, o.personil_id, o.ring) for o in now.picture.offers)
    return any(times > 1 for times in asked.values())


def _over_and_asks(now: Moment) -> bool:
    asking = (now.alarms[alarm_id] for alarm_id in now.asking)
    return any(a.closed or a.merged or a.status in OVER for a in asking)


def _over_and_keeps(now: Moment) -> bool:
    # Whoever has said what it was is bound no longer, and stays written beside a duplicate.
    return any(
        now.alarms[each].closed or (now.alarms[each].merged and not all(r.reported for r in on_it))
        for each, on_it in now.active.items()
    )


def _on_it_and_asked(now: Moment) -> bool:
    return any((offer.alarm_id, offer.personil_id) in now.on_it for offer in now.open)


def _no_end(now: Moment) -> bool:
    return any((o.state == "open") is not (o.answered_s is None) for o in now.picture.offers)


def _answered_late(now: Moment) -> bool:
    return any(
        o.state in ("accepted", "declined")
        and o.answered_s is not None
        and o.answered_s >= o.expires_s
        for o in now.of_rings
    )


def _expired_early(now: Moment) -> bool:
    return any(
        o.state == "expired" and o.answered_s is not None and o.answered_s < o.expires_s
        for o in now.picture.offers
    )


def _waits_too_long(now: Moment) -> bool:
    return any(
        o.expires_s > o.at_s + ANSWER_WITHIN_S + A_MICROSECOND
        or o.receive_by_s > o.at_s + RECEIVE_WITHIN_S + A_MICROSECOND
        for o in now.of_rings
    )


def _not_as_far(now: Moment) -> bool:
    for alarm in now.picture.alarms:
        furthest = max((STEPS.index(r.state) for r in now.active.get(alarm.id, ())), default=0)
        if alarm.status not in OVER and alarm.status != STEPS[furthest]:
            return True
    return False


def _forgotten(now: Moment) -> bool:
    return any(
        alarm.status == "raised" and _is_callable(alarm) and alarm.id not in now.asking
        and not _desk_was_told(now.book.of_alarm.get(alarm.id, []))
        for alarm in now.picture.alarms
    )  # fmt: skip


def _is_callable(alarm: Alarm) -> bool:
    quiet = alarm.closed or alarm.merged or alarm.call_held or alarm.unanswered
    return alarm.placed and not quiet


def _desk_was_told(lines: list[Line]) -> bool:
    """Since somebody last had it."""
    for line in reversed(lines):
        if line.kind == "alarm.unanswered":
            return True
        if line.kind in (*TAKES, "alarm.separated"):
            return False
    return False


def _climbs_to_nobody(now: Moment) -> bool:
    return any(
        not (a.acknowledged or a.closed or a.climb_s is not None) and a.climbed < LAST_CLIMB
        for a in now.picture.alarms
    )


def _bound_elsewhere(now: Moment) -> bool:
    bound = {(d.alarm_id, d.personil_id) for d in now.picture.duty if d.alarm_id is not None}
    return not bound <= now.on_it


def _reported_and_bound(now: Moment) -> bool:
    bound = {(d.alarm_id, d.personil_id) for d in now.picture.duty}
    return any(r.reported and (r.alarm_id, r.personil_id) in bound for r in now.picture.responders)


def _busy_without(now: Moment) -> bool:
    return any((d.availability == "busy") is (d.alarm_id is None) for d in now.picture.duty)


def _map_differs(now: Moment) -> bool:
    free = {duty.personil_id: duty.availability == "available" for duty in now.picture.duty}
    return any(
        available is None or available is not free.get(who) for who, available in now.picture.places
    )


def _offer_told_otherwise(now: Moment) -> bool:
    told = ((offer, now.book.of_offer.get(offer.id, [])) for offer in now.of_rings)
    return any(now.book.is_new(offer, lines) and _differs(offer, lines) for offer, lines in told)


def _differs(offer: Offer, lines: list[Line]) -> bool:
    told = Counter(line.kind for line in lines)
    ended = [ENDS[line.kind] for line in lines if line.kind in ENDS]
    return (
        told["offer.made"] != 1
        or told["offer.received"] != offer.received
        or told["offer.unreached"] != offer.unreached
        or ended != ([] if offer.state == "open" else [offer.state])
    )


def _responder_told_otherwise(now: Moment) -> bool:
    for one in now.picture.responders:
        lines = reversed(now.book.of_alarm.get(one.alarm_id, []))
        of_them = (line for line in lines if line.personil_id == one.personil_id)
        told = next((PASSES[line.kind] for line in of_them if line.kind in PASSES), None)
        if not now.alarms[one.alarm_id].closed and told != one.state:
            return True
    return False


def _alarm_told_otherwise(now: Moment) -> bool:
    told = ((alarm, now.book.of_alarm.get(alarm.id, [])) for alarm in now.picture.alarms)
    return any(now.book.is_new(alarm, lines) and _strays(alarm, lines) for alarm, lines in told)


def _strays(alarm: Alarm, lines: list[Line]) -> bool:
    told = Counter(line.kind for line in lines)
    once = {
        "alarm.raised": True, "alarm.closed": alarm.closed, "alarm.duress": alarm.duress,
        "alarm.cancelled": alarm.cancelled,
    }  # fmt: skip
    return (
        any(told[kind] != expected for kind, expected in once.items())
        or alarm.acknowledged > told["alarm.acknowledged"]
        or alarm.merged > told["alarm.merged"]
    )


def _tried_too_often(now: Moment) -> bool:
    return any(job.attempts > MOST_ATTEMPTS for job in now.picture.jobs)


_RULES: Mapping[str, Callable[[Moment], bool]] = {
    "two primaries on one alarm": _two_lead,
    "somebody is on it and nobody leads": _nobody_leads,
    "offered twice in one ring": _offered_twice,
    "an alarm that is over, or led by another, still asks": _over_and_asks,
    "an alarm that was closed, or is led by another, keeps officers": _over_and_keeps,
    "somebody who is on it is still asked": _on_it_and_asked,
    "an offer has no end, or has ended and is open": _no_end,
    "answered at or after the deadline": _answered_late,
    "expired before its deadline": _expired_early,
    "an offer waits longer than its Satuan lets it": _waits_too_long,
    "the alarm is not as far as its furthest responder": _not_as_far,
    "forgotten: nobody is asked, nobody is on it, and the desk was not told": _forgotten,
    "nobody has acknowledged it and it climbs to nobody": _climbs_to_nobody,
    "still bound to an alarm without being on it": _bound_elsewhere,
    "has reported and is still bound": _reported_and_bound,
    "busy without an alarm, or free with one": _busy_without,
    "the map says otherwise than duty whether somebody is free": _map_differs,
    "the journal tells of an offer otherwise than its row": _offer_told_otherwise,
    "the journal tells of a responder otherwise than the row": _responder_told_otherwise,
    "the journal tells of an alarm otherwise than its row": _alarm_told_otherwise,
    "a job was tried more often than the retry policy allows": _tried_too_often,
}
