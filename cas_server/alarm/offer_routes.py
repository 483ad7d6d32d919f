"""Offers over HTTP, for the Personil who were called."""

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from cas_server.alarm import backup, response, showing
from cas_server.alarm.views import OfferView
from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.dispatch.views import ResponderState
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.kit.wire import Wire

router = APIRouter(prefix="/v1/offers", tags=["offer"])

Answerer = Annotated[Subject, Depends(allow(Action.ANSWER_OFFER))]
Responder = Annotated[Subject, Depends(allow(Action.RESPOND))]


class Refusal(Wire):
    """Why not; declining has no cost."""

    reason: str = Field("", max_length=500)


class Step(Wire):
    """What the responder does now; `released` leaves the alarm to others."""

    step: Literal[ResponderState.EN_ROUTE, ResponderState.ON_SCENE, ResponderState.RELEASED]
    reason: str | None = Field(None, max_length=500)


@router.get("")
async def see_offers(subject: Answerer, session: ReadTransaction) -> list[OfferView]:
    """One's own open offers and present tasks."""
    offers = await showing.offers_of(session, [subject.personil_id])
    return offers[subject.personil_id]


@router.post("/{offer_id}/receipt", status_code=HTTPStatus.NO_CONTENT)
async def receive(offer_id: UUID, subject: Answerer, session: WriteTransaction) -> None:
    """The offer is on the screen."""
    await response.receive(session, subject.personil_id, offer_id, utc_now())


@router.post("/{offer_id}/acceptance")
async def accept(offer_id: UUID, subject: Answerer, session: WriteTransaction) -> OfferView:
    """Take the alarm on; 409 names who has it when there is no place left."""
    return await response.accept(session, subject.personil_id, offer_id, utc_now())


@router.post("/{offer_id}/refusal")
async def decline(
    offer_id: UUID, body: Refusal, subject: Answerer, session: WriteTransaction
) -> OfferView:
    """Say no."""
    return await response.decline(session, subject.personil_id, offer_id, body.reason, utc_now())


@router.post("/{offer_id}/backup")
async def ask_backup(offer_id: UUID, subject: Responder, session: WriteTransaction) -> OfferView:
    """Ask for more Personil: the next ring is called and the desk rings. Repeats are harmless."""
    return await backup.ask(session, subject, offer_id, utc_now())


@router.post("/{offer_id}/steps")
async def step(
    offer_id: UUID, body: Step, subject: Responder, session: WriteTransaction
) -> OfferView:
    """En route, on scene, or released."""
    return await response.step(
        session, subject.personil_id, offer_id, body.step, body.reason, utc_now()
    )
