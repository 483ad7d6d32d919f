"""New devices on old accounts: the others are told, and a Personil's waits for a superior."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import Session
from cas_server.errors import Conflict, NotFound
from cas_server.identity import device_queries
from cas_server.identity.device_queries import SeenDevice
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject
from cas_server.identity.views import Account, DeviceState
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.ids import new_id
from cas_server.outbox import queries as outbox

TELL_JOB = "push.account"


class DecidedAlready(Conflict):
    code = "decided_already"

    def __init__(self, state: DeviceState) -> None:
        super().__init__(f"this device is {state} already; the officer may ask again from it")


async def meet(session: Session, account: Account, device: SeenDevice, now: datetime) -> bool:
    """Note where somebody signs in, and tell their other devices. True: it must be confirmed.

    The demo's Personil need no superior: there is nobody to ask in a simulation.
    """
    must_wait = account.role is Role.PERSONIL and not account.demo
    first = DeviceState.WAITING if must_wait else DeviceState.CONFIRMED
    met = await device_queries.meet(session, new_id(), account.account_id, device, first, now)
    if met.is_new:
        event = Event("account.new_device", actor_id=account.account_id,
                      payload={"device_id": str(met.id), "state": met.state})  # fmt: skip
        await journal.append(session, now, event)
        if met.has_others:
            told = {"account_id": str(account.account_id), "message": "new_device"}
            await outbox.add(session, now, TELL_JOB, told)
    return met.state is not DeviceState.CONFIRMED


async def decide(
    session: Session, by: Subject, device_id: UUID, state: DeviceState, now: datetime
) -> None:
    """A superior's word on a device; the same word twice changes nothing. A refused one is out."""
    device = await device_queries.lock(session, device_id, by.satuan_path)
    if device is None:
        raise NotFound("device", device_id)
    if device.state is state:
        return
    if device.state is not DeviceState.WAITING:
        raise DecidedAlready(device.state)
    await device_queries.decide(session, device.id, state, by.account_id, now)
    if state is DeviceState.REFUSED:
        await device_queries.end_credentials(session, device, now)
    payload = {"device_id": str(device.id), "account_id": str(device.account_id)}
    event = Event(f"device.{state}", actor_id=by.account_id, satuan_path=device.satuan_path,
                  payload=payload)  # fmt: skip
    await journal.append(session, now, event)


async def disown(session: Session, subject: Subject, device_id: UUID, now: datetime) -> None:
    """A device of one's own is somebody else's: all that was handed out on it ends."""
    device = await device_queries.disown(session, device_id, subject.account_id, now)
    if device is None:
        raise NotFound("device", device_id)
    await device_queries.end_credentials(session, device, now)
    await device_queries.end_press_keys(session, device, now)
    event = Event("account.device_disowned", actor_id=subject.account_id,
                  payload={"device_id": str(device.id)})  # fmt: skip
    await journal.append(session, now, event)
