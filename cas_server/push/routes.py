"""Where a phone or browser says how it can be woken."""

import asyncio
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from cas_server.db.session import WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.routes import SettingsOf
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.push import service, subscription, vapid
from cas_server.push.views import DeviceView, WakingView

router = APIRouter(prefix="/v1", tags=["push"])

Registering = Annotated[Subject, Depends(allow(Action.REGISTER_DEVICE))]


@router.put("/devices/{device_id}", status_code=HTTPStatus.NO_CONTENT)
async def register(
    device_id: UUID,
    view: DeviceView,
    subject: Registering,
    settings: SettingsOf,
    session: WriteTransaction,
) -> None:
    """Wake me here. The id is the device's own; repeating changes nothing."""
    origins = subscription.named(settings.push_origins)
    device = service.device_of(device_id, subject.account_id, view, origins)
    await service.register(session, device, utc_now())


@router.get("/waking")
async def waking(subject: Registering, settings: SettingsOf) -> WakingView:  # noqa: ARG001 - who may ask
    """What a browser subscribes under, so that it is woken with its page closed."""
    key = await asyncio.to_thread(vapid.found_or_made, vapid.key_file(settings))
    return WakingView(application_server_key=vapid.application_server_key(key))


@router.delete("/devices/{device_id}", status_code=HTTPStatus.NO_CONTENT)
async def unregister(device_id: UUID, subject: Registering, session: WriteTransaction) -> None:
    """Do not wake me here any more; harmless when it is not registered."""
    await service.unregister(session, subject.account_id, device_id)
