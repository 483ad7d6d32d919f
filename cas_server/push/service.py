"""Devices come and go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cas_server.db.session import Session
from cas_server.errors import Conflict, InvalidInput
from cas_server.push import queries
from cas_server.push.port import AddressType, Device, Platform, SubscriptionKeys
from cas_server.push.subscription import is_push_service
from cas_server.push.views import DeviceView


class IdTaken(Conflict):
    code = "device_id_taken"

    def __init__(self) -> None:
        super().__init__("device_id: another account's device has it; make a new one")


async def register(session: Session, device: Device, now: datetime) -> None:
    """From now on its account is told there, and nobody who had it before."""
    if not await queries.put(session, device, now):
        raise IdTaken


def device_of(
    device_id: UUID, account_id: UUID, view: DeviceView, push_origins: Sequence[str]
) -> Device:
    """What a phone or browser told of itself; InvalidInput names what does not fit."""
    keys = SubscriptionKeys(view.keys.p256dh, view.keys.auth) if view.keys else None
    if view.address_type is AddressType.WEB_PUSH:
        if view.platform is not Platform.WEB:
            raise InvalidInput("platform", "only a browser (web) has a web_push address")
        if not is_push_service(view.address, push_origins):
            why = "is at no push service known here; CAS_PUSH_ORIGINS may name further ones"
            raise InvalidInput("address", why)
    return Device(device_id, account_id, view.platform, view.address_type, view.address, keys)


async def unregister(session: Session, account_id: UUID, device_id: UUID) -> None:
    """Tell this account nothing there any more."""
    await queries.delete(session, device_id, account_id)
