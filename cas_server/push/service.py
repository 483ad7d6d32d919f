"""Devices come and go."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import Session
from cas_server.push import queries
from cas_server.push.port import Device
from cas_server.push.views import DeviceView


async def register(
    session: Session, account_id: UUID, device_id: UUID, view: DeviceView, now: datetime
) -> None:
    """From now on this account is told there, and nobody who had it before."""
    device = Device(device_id, account_id, view.platform, view.address_type, view.address)
    await queries.put(session, device, now)


async def unregister(session: Session, account_id: UUID, device_id: UUID) -> None:
    """Tell this account nothing there any more."""
    await queries.delete(session, device_id, account_id)
