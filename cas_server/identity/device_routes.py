"""Devices over HTTP: one's own, and those of Personil that wait for a superior."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from cas_server.db.session import DatabaseOf, ReadTransaction, WriteTransaction
from cas_server.identity import activation, device_queries, devices, views
from cas_server.identity.roles import Action
from cas_server.identity.routes import CallerOf
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1", tags=["identity"])

Self = Annotated[Subject, Depends(allow(Action.SEE_ACCOUNT))]
Owner = Annotated[Subject, Depends(allow(Action.DISOWN_DEVICE))]
Newcomer = Annotated[Subject, Depends(allow(Action.ACTIVATE_DEVICE))]
Superior = Annotated[Subject, Depends(allow(Action.CONFIRM_DEVICE))]


@router.get("/account/devices")
async def own_devices(subject: Self, session: ReadTransaction) -> list[views.OwnDevice]:
    """Where this account was signed in, newest first: a new one here was perhaps somebody else."""
    return await device_queries.of_account(session, subject.account_id)


@router.delete("/account/devices/{own_device_id}", status_code=HTTPStatus.NO_CONTENT)
async def disown(own_device_id: UUID, subject: Owner, session: WriteTransaction) -> None:
    """Disown a device: its sign-in, press credential and press keys end."""
    await devices.disown(session, subject, own_device_id, utc_now())


@router.post("/account/device-activation", status_code=HTTPStatus.NO_CONTENT)
async def activate(
    body: views.DeviceActivation, subject: Newcomer, database: DatabaseOf, caller: CallerOf
) -> None:
    """A Personil confirms the waiting device they hold, with a code printed for them before."""
    await activation.activate(database, subject, body.code, caller)


@router.get("/device-confirmations")
async def waiting_devices(subject: Superior, session: ReadTransaction) -> list[views.WaitingDevice]:
    """New devices of Personil at one's own Satuan and below that wait for a superior's word."""
    return await device_queries.waiting_below(session, subject.satuan_path)


@router.post(
    "/device-confirmations/{confirmation_id}/confirmation", status_code=HTTPStatus.NO_CONTENT
)
async def confirm(confirmation_id: UUID, subject: Superior, session: WriteTransaction) -> None:
    """The officer has this phone: asked by a call or in person, not by a message to it."""
    await devices.decide(session, subject, confirmation_id, views.DeviceState.CONFIRMED, utc_now())


@router.post("/device-confirmations/{confirmation_id}/refusal", status_code=HTTPStatus.NO_CONTENT)
async def refuse(confirmation_id: UUID, subject: Superior, session: WriteTransaction) -> None:
    """It is not the officer's: all that was handed out on it ends."""
    await devices.decide(session, subject, confirmation_id, views.DeviceState.REFUSED, utc_now())
