"""Devices come and go."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import Session
from cas_server.errors import Conflict
from cas_server.push import queries
from cas_server.push.port import Device
from cas_server.push.views import DeviceView


class IdTaken(Conflict):
    code = "device_id_taken"

    def __init__(self) -> None:
        super().__init__("device_id: another account's device has it; make a new one")


async def register(
    session: Session, account_id: UUID, device_id: UUID, view: DeviceView, now: datetime
) -> None:
    """From now on this account is told there, and nobody who had it before."""
    device = Device(device_id, account_id, view.platform, view.address_type, view.address)
    if not await queries.put(session, device, now):
        raise IdTaken


async def unregister(session: Session, account_id: UUID, device_id: UUID) -> None:
    """Tell this account nothing there any more."""
    await queries.delete(session, device_id, account_id)
