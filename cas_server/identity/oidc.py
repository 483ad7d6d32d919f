"""Sign-in through a provider the Polda already has (OpenID Connect: code, PKCE, state, nonce)."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cas_server.db.session import Database
from cas_server.errors import CasError, NotFound, Unavailable
from cas_server.identity import brake, sign_in_queries, tickets, views
from cas_server.identity.roles import STAFF
from cas_server.identity.service import Caller
from cas_server.identity.signing_in import Terms, of_beginnings, open_session
from cas_server.identity.stage import next_stage
from cas_server.settings import Settings

ALGORITHMS = ["RS256", "ES256"]
CLOCK_SKEW_S = 60
TIMEOUT_S = 5.0
STATE_HOLDS = timedelta(minutes=10)
CODE_HOLDS = timedelta(minutes=1)
CALLBACK = "/v1/oidc/callback"


class OidcRefused(CasError):
    """The provider's answer is not one to believe; `why` is for the log, the page says less."""

    code = "oidc_refused"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the sign-in through the provider was refused: {why}")


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what it must bring back."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Return:
    """What comes back to the callback."""

    state: str
    code: str
    browser: str
    issuer: str | None


class Provider:
    """One OpenID provider; asked anew each time, because sign-ins are few and keys change."""

    def __init__(self, settings: Settings) -> None:
        if settings.oidc_issuer is None:
            raise NotFound("OIDC provider", "here")
        self.issuer = settings.oidc_issuer
        self.client_id = settings.oidc_client_id
        self.acr = settings.oidc_acr
        self._secret = settings.oidc_client_secret.get_secret_value()
        self.callback = settings.reached_at.rstrip("/") + CALLBACK

    async def description(self) -> dict[str, Any]:
        """The provider's own description, from under its issuer's exact name."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await _ask("GET", url)
        if found.get("issuer") != self.issuer:
            raise OidcRefused("its description names another issuer")
        return found

    async def exchange(self, described: dict[str, Any], code: str, verifier: str) -> str:
        """The ID token for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": verifier,
            "client_id": self.client_id,
        }
        auth = (quote(self.client_id), quote(self._secret)) if self._secret else None
        answer = await _ask("POST", described["token_endpoint"], data=form, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcRefused("it sent no ID token")
        return token

    async def believe(self, described: dict[str, Any], token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is signed, meant for us, fresh, and of this sign-in."""
        keys = await _ask("GET", described["jwks_uri"])
        try:
            decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # a key set as it came; a wrong one raises
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self.client_id},
                },
                params={"nonce": nonce, "client_id": self.client_id},
            )
            claims.validate(now=int(time.time()), leeway=CLOCK_SKEW_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OidcRefused(f"its ID token is not good ({type(error).__name__})") from error
        return dict(claims)


async def _ask(method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT_S) as client:
            answer = await client.request(method, url, **more)
        found = answer.raise_for_status().json()
    except httpx2.HTTPStatusError as error:
        if error.response.is_server_error:
            raise Unavailable("the sign-in provider") from error
        raise OidcRefused(f"it answered {error.response.status_code}") from error
    except (httpx2.HTTPError, ValueError) as error:
        raise Unavailable("the sign-in provider") from error
    if not isinstance(found, dict):
        raise OidcRefused("its answer has the wrong shape")
    return found


async def depart(database: Database, settings: Settings, caller: Caller) -> Departure:
    """Begin a sign-in: what the provider needs, and what only this browser will know."""
    provider, now = Provider(settings), caller.now
    async with database.transaction() as session:
        await brake.count(session, of_beginnings(caller.address), now)
    described = await provider.description()
    state, nonce, browser = (secrets.token_urlsafe(32) for _ in range(3))
    verifier = secrets.token_urlsafe(64)
    payload = {"nonce": nonce, "verifier": verifier, "browser": _fingerprint(browser)}
    async with database.transaction() as session:
        await tickets.issue(session, state.encode(), "oidc.state", payload, now + STATE_HOLDS)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.callback,
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
        **({"acr_values": provider.acr} if provider.acr else {}),
    }
    return Departure(f"{described['authorization_endpoint']}?{urlencode(asked)}", browser)


async def arrive(database: Database, settings: Settings, came: Return, now: datetime) -> str:
    """A one-time code for the page, when the provider vouches for somebody of our staff."""
    provider = Provider(settings)
    async with database.transaction() as session:
        begun = await tickets.take(session, came.state.encode(), "oidc.state", now)
    if begun is None or begun["browser"] != _fingerprint(came.browser):
        raise OidcRefused("it was not begun in this browser, or too long ago")
    if came.issuer is not None and came.issuer != provider.issuer:
        raise OidcRefused("the answer names another issuer")
    described = await provider.description()
    token = await provider.exchange(described, came.code, begun["verifier"])
    claims = await provider.believe(described, token, begun["nonce"])
    username, code = claims.get("preferred_username"), secrets.token_urlsafe(32)
    async with database.transaction() as session:
        known = (
            await sign_in_queries.by_username(session, username)
            if isinstance(username, str) and username
            else None
        )
        if known is None or known.role not in STAFF:
            raise OidcRefused("nobody of the staff here has this username")
        payload = {
            "account_id": str(known.account_id),
            "browser": begun["browser"],
            "proved": provider.acr is not None and claims.get("acr") == provider.acr,
        }
        await tickets.issue(session, code.encode(), "oidc.sign_in", payload, now + CODE_HOLDS)
    return code


async def sign_in(
    database: Database, asked: views.OidcSignIn, browser: str, caller: Caller, terms: Terms
) -> views.Session:
    """A session for the one-time code, in the browser that began.

    Unless the provider was told to demand a second factor and says that it did (`acr`), ours is.
    """
    async with database.transaction() as session:
        given = await tickets.take(session, asked.code.encode(), "oidc.sign_in", caller.now)
    if given is None or given["browser"] != _fingerprint(browser):
        raise OidcRefused("this code was used, is over, or belongs to another browser")
    async with database.transaction() as session:
        account_id = UUID(given["account_id"])
        standing = await sign_in_queries.standing_locked(session, account_id)
        proved = given["proved"]
        stage = next_stage(
            has_factor=standing.has_factor,
            proved=proved,
            must_change=False,
            demanded=terms.demand(standing) and not proved,
        )
        return await open_session(session, standing, stage, (asked.device, caller), terms)


def _fingerprint(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
