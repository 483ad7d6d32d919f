"""Signing in and out over HTTP."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from cas_server.db.session import DatabaseOf, ReadTransaction, WriteTransaction
from cas_server.identity import codes, press_keys, queries, service, signing_in, verification, views
from cas_server.identity.roles import Action
from cas_server.identity.service import Caller
from cas_server.identity.signing_in import Terms
from cas_server.identity.subject import Subject, allow, bearer_token, public
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings

router = APIRouter(prefix="/v1", tags=["identity"])

Self = Annotated[Subject, Depends(allow(Action.SEE_ACCOUNT))]
Leaver = Annotated[Subject, Depends(allow(Action.SIGN_OUT))]
open_to_all = [Depends(public(Action.SIGN_IN))]


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _caller(request: Request) -> Caller:
    return Caller(request.client.host if request.client else "", utc_now())


SettingsOf = Annotated[Settings, Depends(_settings)]
CallerOf = Annotated[Caller, Depends(_caller)]


async def _requests(request: Request) -> codes.Requests:
    requests: codes.Requests = request.app.state.code_requests
    return requests


async def _verification(
    request: Request, database: DatabaseOf, settings: SettingsOf
) -> verification.Verification:
    people: verification.People = request.app.state.people
    lifetime = timedelta(days=settings.session_days)
    return verification.Verification(database, people, lifetime)


@router.post("/sessions", status_code=HTTPStatus.CREATED, dependencies=open_to_all)
async def sign_in(
    body: views.PasswordSignIn, database: DatabaseOf, settings: SettingsOf, caller: CallerOf
) -> views.Session:
    """Sign in with username (Personil: NRP) and password; `stage` says what is still missing."""
    return await signing_in.with_password(database, body, caller, Terms.of(settings))


@router.delete("/sessions/current", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(request: Request, subject: Leaver, session: WriteTransaction) -> None:
    """End this sign-in. The device's press credential stays: a press is never refused."""
    await service.sign_out(session, subject, bearer_token(request), utc_now())


@router.get("/account")
async def see_account(subject: Self, session: ReadTransaction) -> views.Account:
    """Who is signed in."""
    return await queries.account(session, subject.account_id)


@router.post("/codes", status_code=HTTPStatus.ACCEPTED, dependencies=open_to_all)
async def request_code(
    body: views.CodeRequest,
    database: DatabaseOf,
    caller: CallerOf,
    requests: Annotated[codes.Requests, Depends(_requests)],
) -> views.CodeSent:
    """Send a one-time code to a phone number. Never says whether the number is known."""
    return await requests.request(database, body, caller)


@router.post(
    "/codes/{code_id}/verification", status_code=HTTPStatus.CREATED, dependencies=open_to_all
)
async def verify_code(
    code_id: UUID,
    body: views.CodeVerification,
    exchange: Annotated[verification.Verification, Depends(_verification)],
) -> views.SignedIn:
    """Exchange a code for a sign-in and a press credential; an unknown number is registered."""
    return await exchange.verify(code_id, body, utc_now())


KeyHolder = Annotated[Subject, Depends(allow(Action.REGISTER_PRESS_KEY))]


@router.post("/press-keys", status_code=HTTPStatus.CREATED)
async def register_press_key(
    body: views.PressKeyRegistration, subject: KeyHolder, session: WriteTransaction
) -> views.PressKey:
    """Register the public key that this phone signs its presses with (RFC 9421, Ed25519).

    Sign `"@method" "@path" "content-digest"` under the label `press` with the parameters
    `created`, `nonce`, `keyid`, `alg`, in this order, anew at every sending. A press without a
    signature, or with a bad one, is heard all the same.
    """
    return await press_keys.register(session, subject, body, utc_now())


@router.delete("/press-keys/{key_id}", status_code=HTTPStatus.NO_CONTENT)
async def revoke_press_key(key_id: UUID, subject: KeyHolder, session: WriteTransaction) -> None:
    """End a key of one's own, of a phone that was lost or sold."""
    await press_keys.revoke(session, subject, key_id, utc_now())
