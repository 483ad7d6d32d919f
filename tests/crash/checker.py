"""The books: what clients were promised, against the database and the push service's log.

Shares no code with the server: files, SQL, and the sentences of the order of work.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

FLOWS_WITHIN_S = 5.0
TAKEN = ("well", "slow", "never_delivered")
"""How the push service behaves when it has taken a message; what it failed must be asked again."""
LATE = frozenset({"flow", "push late"})
"""What a machine that has no processor free can be guilty of itself."""
CLOCKS_S = 0.5
"""Two clocks on one machine, and a line written just before the request."""

Row = dict[str, Any]
_SIX_DIGITS = re.compile(r"\b\d{6}\b")
_CODES = "SELECT id, code_hash FROM one_time_code"
_ALARMS = "SELECT * FROM alarm WHERE starts_with(satuan_path, $1)"
_OF_ALARMS = {
    "alias": "SELECT x.* FROM alarm_alias x",
    "offer": "SELECT x.* FROM offer x",
    "responder": "SELECT x.* FROM responder x",
    "journal": "SELECT x.kind, x.alarm_id, x.payload::text FROM journal x",
    "picture": "SELECT x.id, octet_length(content) AS stored, sha256(content) = sha256 AS whole"
    " FROM alarm_picture x",
    "sound": "SELECT x.id, encode(sha256(content), 'hex') AS sha256 FROM alarm_sound x",
    "push": "SELECT x.*, d.address FROM push_outcome x LEFT JOIN device d ON d.id = x.device_id",
}


@dataclass(frozen=True)
class Finding:
    """A promise that was broken: which, and the words for it."""

    what: str
    words: str

    def __str__(self) -> str:
        return f"{self.what}: {self.words}"


@dataclass
class Evidence:
    """Everything there is to judge by."""

    town: Row
    lines: list[Row]
    asked: list[Row]
    alarms: dict[str, Row]
    rows: dict[str, list[Row]]
    jobs: list[Row]
    given_up: list[Row]
    codes: dict[str, str]
    outside: Row

    def said(self, what: str) -> list[Row]:
        return [line for line in self.lines if line["what"] == what]

    @property
    def promises(self) -> int:
        return sum(line["what"].endswith(".promised") for line in self.lines)


async def load(dsn: str, folder: Path) -> Evidence:
    """Read the diaries, the push service's log and the rows of this schedule's Polres."""
    town = json.loads((folder / "town.json").read_text())
    lines = _lines(folder)
    sql = await asyncpg.connect(dsn)
    try:
        alarms = {str(row["id"]): dict(row) for row in await sql.fetch(_ALARMS, town["prefix"])}
        rows = {
            name: [
                dict(row)
                for row in await sql.fetch(
                    f"{select} JOIN alarm a ON a.id = x.alarm_id"
                    " WHERE starts_with(a.satuan_path, $1)",
                    town["prefix"],
                )
            ]
            for name, select in _OF_ALARMS.items()
        }
        jobs = [
            dict(row)
            for row in await sql.fetch("SELECT kind, payload::text, created_at FROM outbox")
        ]
        given_up = await sql.fetch(
            "SELECT payload::text FROM journal WHERE kind = 'outbox.gave_up'"
        )
        codes = {str(row["id"]): row["code_hash"] for row in await sql.fetch(_CODES)}
    finally:
        await sql.close()
    asked = json.loads((folder / "asked.json").read_text())
    outside = json.loads((folder / "outside.json").read_text())
    gave_up = [dict(row) for row in given_up]
    return Evidence(town, lines, asked, alarms, rows, jobs, gave_up, codes, outside)


def _lines(folder: Path) -> list[Row]:
    return [
        json.loads(line)
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]


def check(evidence: Evidence) -> list[Finding]:
    """Every broken promise, each named by what was promised."""
    judges = (
        _presses, _photos, _sounds, _texts, _contacts, _acceptances, _receipts, _acknowledgements,
        _offered_twice, _primaries, _heard, _stuck, _pictures, _flows, _false_receipts,
        _pushes, _browsers, _late_pushes,
    )  # fmt: skip
    return [finding for judge in judges for finding in judge(evidence)]


def _presses(evidence: Evidence) -> Iterator[Finding]:
    alias = {str(row["id"]): str(row["alarm_id"]) for row in evidence.rows["alias"]}
    for line in evidence.said("press.refused"):
        yield Finding("press refused", f"{line['press_id']}: {line['answer']}")
    for line in evidence.said("press.promised"):
        press_id, alarm_id = line["press_id"], line["alarm_id"]
        if alarm_id not in evidence.alarms:
            yield Finding(
                "press lost", f"{press_id} was answered and alarm {alarm_id} is not there"
            )
        elif press_id != alarm_id and alias.get(press_id) != alarm_id:
            yield Finding("press lost", f"{press_id} does not lead to alarm {alarm_id}")


def _photos(evidence: Evidence) -> Iterator[Finding]:
    """Pictures that people sent are as whole as the database said."""
    kept = {str(row["id"]): row for row in evidence.rows["picture"]}
    for line in evidence.said("picture.refused"):
        yield Finding("picture refused", f"{line['picture_id']}: {line['answer']}")
    for line in evidence.said("picture.promised"):
        row = kept.get(line["picture_id"])
        if row is None or not row["whole"] or row["stored"] != line["size_bytes"]:
            yield Finding("picture lost", f"{line['who']}: {line['picture_id']} is {row}")


def _sounds(evidence: Evidence) -> Iterator[Finding]:
    """Recordings are what was sent, to the byte."""
    kept = {str(row["id"]): row["sha256"] for row in evidence.rows["sound"]}
    for line in evidence.said("sound.refused"):
        yield Finding("recording refused", f"{line['sound_id']}: {line['answer']}")
    for line in evidence.said("sound.promised"):
        if kept.get(line["sound_id"]) != line["sha256"]:
            yield Finding("recording lost", f"{line['who']}: {line['sound_id']}")


def _texts(evidence: Evidence) -> Iterator[Finding]:
    """Whoever was promised a code has been sent the one that opens."""
    sent: dict[str, list[str]] = defaultdict(list)
    for text in evidence.outside["texts"]:
        sent[text["phone"]] += _SIX_DIGITS.findall(text["text"])
    for line in evidence.said("code.refused"):
        yield Finding("code refused", f"{line['phone']}: {line['answer']}")
    for line in evidence.said("code.promised"):
        stored, id_ = evidence.codes.get(line["code_id"]), UUID(line["code_id"]).bytes
        tried = [hashlib.sha256(id_ + code.encode()).hexdigest() for code in sent[line["phone"]]]
        if stored not in tried:
            yield Finding("code lost", f"{line['phone']} was sent {len(tried)}, and none opens")


def _contacts(evidence: Evidence) -> Iterator[Finding]:
    """Whoever a site has named was told of its alarm, or it is written down why not."""
    told = {text["phone"] for text in evidence.outside["texts"] if "alarm" in text["text"]}
    for alarm_id, row in evidence.alarms.items():
        here = row["site_id"] is not None and alarm_id not in _put_off(evidence)
        if here and evidence.town["contact"] not in told:
            yield Finding("contact not told", f"nobody heard of alarm {alarm_id} at the bank")


def _browsers(evidence: Evidence) -> Iterator[Finding]:
    """Every desk's browser was pushed every alarm, or it is written down why not."""
    told = {(one["to"], one["alarm_id"]) for one in evidence.outside["pushed"]}
    told |= _ended(evidence)
    for address in evidence.outside["browsers"]:
        for alarm_id in evidence.alarms:
            if (address, alarm_id) not in told and alarm_id not in _put_off(evidence):
                yield Finding("browser not woken", f"never told of alarm {alarm_id}")


def _ended(evidence: Evidence) -> set[tuple[str, str]]:
    """Where a push has come to an end, by what the server has written down."""
    ended = [row for row in evidence.rows["push"] if row["outcome"] not in ("retry", "sent")]
    return {(row["address"], str(row["alarm_id"])) for row in ended}


def _put_off(evidence: Evidence) -> str:
    """Of what the server says aloud that it gave up, or has yet to do."""
    return " ".join(row["payload"] for row in (*evidence.given_up, *evidence.jobs))


def _acceptances(evidence: Evidence) -> Iterator[Finding]:
    offers = {str(row["id"]): row for row in evidence.rows["offer"]}
    taken = {(row["alarm_id"], row["personil_id"]) for row in evidence.rows["responder"]}
    for line in evidence.said("accept.promised"):
        offer = offers.get(line["offer_id"])
        if offer is None or offer["state"] != "accepted":
            state = offer["state"] if offer else "not there"
            yield Finding("acceptance lost", f"{line['who']}: offer {line['offer_id']} is {state}")
        elif (offer["alarm_id"], offer["personil_id"]) not in taken:
            yield Finding(
                "acceptance lost", f"{line['who']} is no responder of {offer['alarm_id']}"
            )


def _receipts(evidence: Evidence) -> Iterator[Finding]:
    received = {str(row["id"]) for row in evidence.rows["offer"] if row["received_at"]}
    for line in evidence.said("receipt.promised"):
        if line["offer_id"] not in received:
            yield Finding("receipt lost", f"{line['who']}: offer {line['offer_id']}")


def _acknowledgements(evidence: Evidence) -> Iterator[Finding]:
    for line in evidence.said("acknowledgement.promised"):
        row = evidence.alarms.get(line["alarm_id"])
        if row is None or row["acknowledged_at"] is None:
            yield Finding("acknowledgement lost", f"{line['who']}: alarm {line['alarm_id']}")


def _false_receipts(evidence: Evidence) -> Iterator[Finding]:
    said: dict[str, float] = {}
    for line in evidence.said("receipt.asked"):
        said.setdefault(line["offer_id"], line["at"])
    for row in evidence.rows["offer"]:
        offer_id, at = str(row["id"]), row["received_at"]
        if at and (offer_id not in said or at.timestamp() < said[offer_id] - CLOCKS_S):
            yield Finding("false receipt", f"nobody had said that offer {offer_id} was on a screen")


def _offered_twice(evidence: Evidence) -> Iterator[Finding]:
    entries = [row for row in evidence.rows["journal"] if row["kind"] == "offer.made"]
    made: Counter[tuple[str, str, int]] = Counter()
    for entry in entries:
        told = json.loads(entry["payload"])
        made[str(entry["alarm_id"]), told["personil_id"], told["ring"]] += 1
    seen: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for line in evidence.said("offer.seen"):
        seen[line["alarm_id"], line["who"], line["ring"]].add(line["offer_id"])
    twice = [key for key, count in made.items() if count > 1]
    twice += [key for key, offers in seen.items() if len(offers) > 1]
    for alarm_id, who, ring in twice:
        yield Finding("offered twice", f"{who} for ring {ring} of alarm {alarm_id}")


def _primaries(evidence: Evidence) -> Iterator[Finding]:
    promised: dict[str, set[str]] = defaultdict(set)
    for line in evidence.said("accept.promised"):
        if line["part"] == "primary":
            promised[line["alarm_id"]].add(line["who"])
    for row in evidence.rows["responder"]:
        if row["part"] == "primary" and row["state"] != "released":
            who = evidence.town["names"].get(str(row["personil_id"]), str(row["personil_id"]))
            promised[str(row["alarm_id"])].add(who)
    for alarm_id, who in promised.items():
        if len(who) > 1:
            yield Finding("two primaries", f"alarm {alarm_id}: {sorted(who)}")


def _heard(evidence: Evidence) -> Iterator[Finding]:
    """By a console or an officer; else the failure must be loud."""
    heard = {line["alarm_id"] for line in evidence.said("alarm.seen")}
    heard |= {line["alarm_id"] for line in evidence.said("offer.seen")}
    for alarm_id, row in evidence.alarms.items():
        if alarm_id not in heard and not row["unanswered_at"]:
            yield Finding("alarm unheard", f"{alarm_id} reached nobody, and nobody was told so")


def _stuck(evidence: Evidence) -> Iterator[Finding]:
    offers = [row for row in evidence.rows["offer"] if row["state"] == "open"]
    open_offers = {str(row["alarm_id"]) for row in offers}
    [settled] = evidence.said("settled")
    over = [row for row in offers if row["expires_at"].timestamp() < settled["at"] - FLOWS_WITHIN_S]
    for alarm_id in sorted({str(row["alarm_id"]) for row in over}):
        yield Finding("alarm stuck", f"{alarm_id}: offers stay open long after their end")
    for alarm_id, row in evidence.alarms.items():
        waits = row["status"] == "raised" and not row["closed_at"] and not row["call_held"]
        if waits and alarm_id not in open_offers and not row["unanswered_at"]:
            yield Finding("alarm stuck", f"{alarm_id}: nobody is asked and nobody has it")
    for job in evidence.jobs:
        if job["created_at"].timestamp() > settled["at"] - FLOWS_WITHIN_S:
            continue  # an alarm has just climbed
        yield Finding("outbox stuck", f"{job['kind']} {job['payload']}")


def _pictures(evidence: Evidence) -> Iterator[Finding]:
    pictures = {line["who"]: line["alarms"] for line in evidence.said("picture")}
    fresh = pictures.pop("fresh")
    there = {alarm_id for alarm_id, row in evidence.alarms.items() if not row["closed_at"]}
    if missing := there - fresh.keys():
        yield Finding("picture differs", f"a fresh console does not show {sorted(missing)}")
    for who, alarms in pictures.items():
        for alarm_id in sorted(fresh.keys() | alarms.keys()):
            if alarms.get(alarm_id) != fresh.get(alarm_id):
                difference = _difference(alarms.get(alarm_id), fresh.get(alarm_id))
                yield Finding("picture differs", f"{who}, alarm {alarm_id}: {difference}")


def _difference(one: Row | None, other: Row | None) -> str:
    if one is None or other is None:
        return f"shown: {one is not None}, to a fresh one: {other is not None}"
    return ", ".join(f"{key} {one[key]} / {other[key]}" for key in one if one[key] != other[key])


def _flows(evidence: Evidence) -> Iterator[Finding]:
    for line in evidence.said("flow"):
        if line["seconds"] > FLOWS_WITHIN_S:
            starved = f"{line['starved']:.0%} of it somebody waited for a processor"
            yield Finding("flow", f"{line['step']} after {line['seconds']:.1f} s; {starved}")


def _pushes(evidence: Evidence) -> Iterator[Finding]:
    """Every desk's browser is told of every alarm, or it is written down why not."""
    taken = [one for one in evidence.asked if one["behaviour"] in TAKEN]
    asked = {_told(one["to"], one["message"].get("data", {})) for one in taken}
    ended = [row for row in evidence.rows["push"] if row["outcome"] != "retry"]
    asked |= {(row["address"], str(row["alarm_id"])) for row in ended}
    given_up = " ".join(row["payload"] for row in evidence.given_up)
    waiting = " ".join(row["payload"] for row in evidence.jobs)
    for address in evidence.town["desks"]:
        for alarm_id in evidence.alarms:
            if (address, alarm_id) not in asked and alarm_id not in given_up + waiting:
                yield Finding("push lost", f"{address} was never told of alarm {alarm_id}")


def _late_pushes(evidence: Evidence) -> Iterator[Finding]:
    """A fault of ours must not hold a push back for long; the service's own may."""
    [mended] = evidence.said("mended")
    if mended["fcm"]:
        return
    first: dict[tuple[str, str], float] = {}
    for one in evidence.asked:
        key = one["to"], one["message"].get("data", {}).get("alarm_id", "")
        first.setdefault(key, datetime.fromisoformat(one["at"]).timestamp())
    for address in evidence.town["desks"]:
        for alarm_id, row in evidence.alarms.items():
            since = max(row["raised_at"].timestamp(), mended["at"])
            late_s = first.get((address, alarm_id), since) - since
            if late_s > FLOWS_WITHIN_S:
                yield Finding("push late", f"{address}, alarm {alarm_id}: {late_s:.1f} s")


def _told(to: str, data: Row) -> tuple[str, Any]:
    return to, data.get("alarm_id")


def listed(findings: Iterable[Finding]) -> str:
    """One a line, for people."""
    return "\n".join(f"  {finding}" for finding in findings)
