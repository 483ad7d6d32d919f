"""Where a phone or browser says how it can be woken."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from cas_server.db.session import WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.push import service
from cas_server.push.views import DeviceView

router = APIRouter(prefix="/v1", tags=["push"])

Registering = Annotated[Subject, Depends(allow(Action.REGISTER_DEVICE))]


@router.put("/devices/{device_id}", status_code=HTTPStatus.NO_CONTENT)
async def register(
    device_id: UUID, view: DeviceView, subject: Registering, session: WriteTransaction
) -> None:
    """Wake me here. The id is the device's own; repeating changes nothing."""
    await service.register(session, subject.account_id, device_id, view, utc_now())


@router.delete("/devices/{device_id}", status_code=HTTPStatus.NO_CONTENT)
async def unregister(device_id: UUID, subject: Registering, session: WriteTransaction) -> None:
    """Do not wake me here any more; harmless when it is not registered."""
    await service.unregister(session, subject.account_id, device_id)
