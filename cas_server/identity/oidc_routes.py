"""Signing in through an OpenID provider, over HTTP."""

from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Cookie, Depends, Query
from fastapi.responses import RedirectResponse

from cas_server.db.session import DatabaseOf
from cas_server.errors import CasError
from cas_server.identity import oidc, views
from cas_server.identity.oidc import Return
from cas_server.identity.roles import Action
from cas_server.identity.routes import CallerOf, SettingsOf
from cas_server.identity.signing_in import Terms
from cas_server.identity.subject import public
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings

COOKIE = "cas_oidc"
PAGE = "/komando/"

log = structlog.get_logger()
router = APIRouter(prefix="/v1", tags=["identity"], dependencies=[Depends(public(Action.SIGN_IN))])

Browser = Annotated[str, Cookie(alias=COOKIE, max_length=100)]
Told = Annotated[str, Query(max_length=4_000)]


@router.get("/oidc")
async def see_provider(settings: SettingsOf) -> views.OidcOffer:
    """Whether this house has a provider to sign in with."""
    return views.OidcOffer(offered=settings.oidc_issuer is not None)


@router.get("/oidc/start", status_code=HTTPStatus.SEE_OTHER, response_class=RedirectResponse)
async def depart(database: DatabaseOf, settings: SettingsOf, caller: CallerOf) -> RedirectResponse:
    """Send the browser to the provider."""
    departure = await oidc.depart(database, settings, caller)
    answer = RedirectResponse(departure.url, HTTPStatus.SEE_OTHER)
    _remember(answer, departure.browser, settings)
    return answer


@router.get("/oidc/callback", status_code=HTTPStatus.SEE_OTHER, response_class=RedirectResponse)
async def arrive(
    database: DatabaseOf,
    settings: SettingsOf,
    state: Told = "",
    code: Told = "",
    iss: Told | None = None,
    cas_oidc: Browser = "",
) -> RedirectResponse:
    """Back from the provider: the page gets a one-time code, never a token."""
    try:
        came = Return(state, code, cas_oidc, iss)
        once = await oidc.arrive(database, settings, came, utc_now())
    except CasError as error:
        log.info("oidc.refused", code=error.code, why=getattr(error, "why", ""))
        return RedirectResponse(f"{PAGE}#oidc_fault={error.code}", HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"{PAGE}#oidc={once}", HTTPStatus.SEE_OTHER)


@router.post("/sessions/oidc", status_code=HTTPStatus.CREATED)
async def sign_in(
    body: views.OidcSignIn,
    database: DatabaseOf,
    settings: SettingsOf,
    caller: CallerOf,
    cas_oidc: Browser = "",
) -> views.Session:
    """Exchange the one-time code of the callback for a sign-in."""
    return await oidc.sign_in(database, body, cas_oidc, caller, Terms.of(settings))


def _remember(answer: RedirectResponse, browser: str, settings: Settings) -> None:
    answer.set_cookie(
        COOKIE,
        browser,
        max_age=int(oidc.STATE_HOLDS.total_seconds()),
        path="/v1",
        httponly=True,
        samesite="lax",
        secure=settings.reached_at.startswith("https:"),
    )
