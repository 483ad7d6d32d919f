"""Consent, export and erasure over HTTP."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.identity import consent
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow, public
from cas_server.kit.clock import utc_now
from cas_server.privacy import service
from cas_server.privacy.views import AccountExport, ConsentGiven, ConsentText, Erasure

router = APIRouter(prefix="/v1", tags=["privacy"])

Self = Annotated[Subject, Depends(allow(Action.SEE_ACCOUNT))]
Leaving = Annotated[Subject, Depends(allow(Action.ERASE_ACCOUNT))]
Confirmed = Annotated[
    Literal["HAPUS"], Query(description="the word that says: delete my account for good")
]


@router.get("/consent-text", dependencies=[Depends(public(Action.SIGN_IN))])
async def consent_text() -> ConsentText:
    """What a Masyarakat is asked to agree to."""
    return ConsentText(version=consent.VERSION, text=consent.TEXT)


@router.post("/account/consents", status_code=HTTPStatus.NO_CONTENT)
async def agree(body: ConsentGiven, subject: Self, session: WriteTransaction) -> None:
    """Agree to the present text; saying so twice is harmless."""
    await service.agree(session, subject, body.version, utc_now())


@router.get("/account/export")
async def export(response: Response, subject: Self, session: ReadTransaction) -> AccountExport:
    """Everything that is kept about the account that asks."""
    response.headers["Content-Disposition"] = 'attachment; filename="data-saya.json"'
    return await service.export(session, subject, utc_now())


@router.delete("/account", status_code=HTTPStatus.ACCEPTED)
async def erase(confirm: Confirmed, subject: Leaving, session: WriteTransaction) -> Erasure:
    """Forget this person: at once, or when their open alarm is closed. Evidence stays, nameless."""
    assert confirm == "HAPUS"
    return await service.erase(session, subject, utc_now())
