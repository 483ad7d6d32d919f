"""What a person may ask of their data: agree, see everything, be forgotten."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.identity import consent
from cas_server.identity import queries as identity
from cas_server.identity.queries import Identity
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.lawful import FORGOTTEN
from cas_server.journal.queries import Event
from cas_server.privacy import queries
from cas_server.privacy.views import AccountExport, Erasure

LISTS = (
    "consents",
    "presses",
    "repeated_presses",
    "fixes",
    "pictures",
    "reports",
    "duty_stretches",
    "sounds",
    "sign_ins",
    "devices",
    "drills",
    "looks",
)


async def agree(session: Session, subject: Subject, version: str, now: datetime) -> None:
    """Remember that the present text was agreed to."""
    consent.must_be_present(version)
    await queries.give_consent(session, subject.account_id, version, now)


async def export(session: ReadSession, subject: Subject, now: datetime) -> AccountExport:
    """Everything that is kept about the account."""
    who = await identity.identity(session, subject.account_id)
    assert who is not None, "whoever asks has an account"
    [account] = await queries.own_part(session, "account", subject.account_id)
    holder = await queries.own_part(session, "registered_as", subject.account_id)
    lists: dict[str, Any] = {
        name: await queries.own_part(session, name, subject.account_id) for name in LISTS
    }
    lists["presses"] = [_in_full(press, who) for press in lists["presses"]]
    return AccountExport(
        made_at=now,
        account_id=subject.account_id,
        account=_in_full(account, who),
        registered_as=_in_full(holder[0], who) if holder else None,
        **lists,
    )


def _in_full(part: Mapping[str, Any], who: Identity) -> dict[str, Any]:
    """What is masked and sealed to others, in plain words to whom it belongs."""
    told = {key: value for key, value in part.items() if not key.endswith("_sealed")}
    if "name" in told:
        told["name"] = who.name
    if "phone" in told:
        told["phone"] = who.phone or told["phone"]
    return told


async def erase(session: Session, subject: Subject, now: datetime) -> Erasure:
    """Forget the person now, or as soon as their open alarm is closed."""
    await queries.lock_presses(session, subject.account_id)
    asked_at = await queries.ask_erasure(session, subject.account_id, now)
    event = Event("account.erasure_asked", actor_id=subject.account_id)
    await journal.append(session, now, event)
    if await queries.has_open_alarm(session, subject.account_id):
        return Erasure(state="waiting", asked_at=asked_at)
    await forget(session, subject.account_id, now)
    return Erasure(state="done", asked_at=asked_at)


async def forget(session: Session, account_id: UUID, now: datetime) -> None:
    """Take the person out of everything, and write down out of which alarms."""
    await tell_forgotten(session, await queries.forget(session, account_id, now), now)
    await journal.append(session, now, Event("account.erased", actor_id=account_id))


async def tell_forgotten(session: Session, alarm_ids: Sequence[UUID], now: datetime) -> None:
    """An audit must know why sealed records have lost their reporter's positions."""
    await journal.append_all(session, now, [Event(FORGOTTEN, each) for each in alarm_ids])
