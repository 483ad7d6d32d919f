"""Passkeys over HTTP: enrolment, removal, and sign-in with nothing else."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends

from cas_server.db.session import DatabaseOf, WriteTransaction
from cas_server.identity import passkeys, staff_views, views
from cas_server.identity.passkeys import Place
from cas_server.identity.routes import CallerOf, SettingsOf, open_to_all
from cas_server.identity.signing_in import Terms
from cas_server.identity.staff_routes import FactorOwner, SteppingUp, TermsOf
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1", tags=["identity"])


async def _place(settings: SettingsOf) -> Place:
    return Place(settings)


PlaceOf = Annotated[Place, Depends(_place)]


async def _place_and_terms(place: PlaceOf, terms: TermsOf) -> tuple[Place, Terms]:
    return place, terms


@router.post("/account/passkeys/options")
async def begin_enrolment(
    subject: FactorOwner, session: WriteTransaction, terms: TermsOf, place: PlaceOf
) -> staff_views.PasskeyOptions:
    """What navigator.credentials.create() needs."""
    return await passkeys.begin_enrolment(session, subject, terms, place, utc_now())


@router.post("/account/passkeys", status_code=HTTPStatus.CREATED)
async def enrol(
    body: staff_views.NewPasskey,
    subject: FactorOwner,
    database: DatabaseOf,
    terms: TermsOf,
    place: PlaceOf,
) -> staff_views.FactorAdded:
    """Keep a new passkey; with the first factor come ten recovery codes, shown this once."""
    return await passkeys.enrol(database, subject, body, place, terms, utc_now())


@router.delete("/account/passkeys/{passkey_id}", status_code=HTTPStatus.NO_CONTENT)
async def drop(
    passkey_id: str, subject: FactorOwner, session: WriteTransaction, terms: TermsOf
) -> None:
    """Forget a passkey; refused when it is the only factor of staff."""
    await passkeys.drop(session, subject, passkey_id, terms, utc_now())


@router.post("/passkey-challenges", dependencies=open_to_all)
async def begin_sign_in(
    session: WriteTransaction, place: PlaceOf, caller: CallerOf
) -> staff_views.PasskeyOptions:
    """What navigator.credentials.get() needs."""
    return await passkeys.begin_sign_in(session, place, caller)


@router.post("/sessions/passkey", status_code=HTTPStatus.CREATED, dependencies=open_to_all)
async def sign_in(
    body: staff_views.PasskeySignIn,
    session: WriteTransaction,
    place: PlaceOf,
    caller: CallerOf,
    terms: TermsOf,
) -> views.Session:
    """Sign in with a passkey alone."""
    return await passkeys.sign_in(session, body, place, caller, terms)


@router.post("/sessions/current/step-up/passkey")
async def step_up(
    body: staff_views.PasskeyProof,
    subject: SteppingUp,
    session: WriteTransaction,
    at: Annotated[tuple[Place, Terms], Depends(_place_and_terms)],
    caller: CallerOf,
) -> views.Session:
    """Prove again who is there, with a passkey; the challenge is that of a sign-in."""
    return await passkeys.step_up(session, subject, body, at, caller)
