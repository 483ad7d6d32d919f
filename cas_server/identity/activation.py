"""A Personil's first device without a superior at hand: a code printed in advance, good once."""

from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from cas_server.db.session import Database, Session
from cas_server.errors import CasError
from cas_server.identity import brake, device_queries, recovery, tickets
from cas_server.identity.devices import DecidedAlready
from cas_server.identity.service import Caller
from cas_server.identity.subject import Subject
from cas_server.identity.views import DeviceState
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event

HOLDS = timedelta(days=7)
TRIES = 5


class WrongActivation(CasError):
    """Wrong, used, over, or another officer's: no more is said."""

    code = "wrong_activation"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("code: is wrong, was used, or is over; ask for a new one")

    def facts(self) -> dict[str, str]:
        return {"field": "code"}


def _purpose(personil_id: UUID) -> str:
    return f"device.activation {personil_id}"


async def issue(session: Session, personil_id: UUID, now: datetime) -> str:
    """A code for this officer, told once; one given earlier ends. Only its slow hash is kept."""
    code = recovery.new_codes()[0]
    await tickets.withdraw(session, _purpose(personil_id))
    hashed = await recovery.hashed(personil_id, code)
    await tickets.issue(session, hashed, _purpose(personil_id), {}, now + HOLDS)
    event = Event("device.activation_issued", payload={"personil_id": str(personil_id)})
    await journal.append(session, now, event)
    return code


async def activate(database: Database, subject: Subject, code: str, caller: Caller) -> None:
    """The device that asks is confirmed by the officer's code; a wrong one stays counted."""
    limits = [brake.Limit.of("activation", str(subject.account_id), most=TRIES)]
    async with database.transaction() as session:
        await brake.count(session, limits, caller.now)
    hashed = await recovery.hashed(subject.personil_id, code)
    async with database.transaction() as session:
        purpose = _purpose(subject.personil_id)
        if await tickets.take(session, hashed, purpose, caller.now) is None:
            raise WrongActivation
        device_id = await device_queries.confirm_own(session, subject.token_hash, caller.now)
        if device_id is None:
            raise DecidedAlready(DeviceState.CONFIRMED)  # which also leaves the code as it was
        await brake.release(session, limits, caller.now)
        payload = {"device_id": str(device_id), "account_id": str(subject.account_id),
                   "by": "activation code"}  # fmt: skip
        event = Event("device.confirmed", actor_id=subject.account_id,
                      satuan_path=subject.satuan_path, payload=payload)  # fmt: skip
        await journal.append(session, caller.now, event)
