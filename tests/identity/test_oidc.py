"""Staff of a Polda sign in through its own provider; what is not exactly right is refused."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from cas_server.identity import oidc_routes
from cas_server.settings import Settings
from tests.identity import oidc_server
from tests.identity.conftest import Front
from tests.identity.oidc_server import CLIENT_ID, CLIENT_SECRET, Provider
from tests.identity.staff import Staff, hire


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_server.running() as provider:
        yield provider


@pytest_asyncio.fixture
async def sri(front: Front, caller: httpx2.AsyncClient, provider: Provider) -> Staff:
    front.app.include_router(oidc_routes.router)
    tell(front, provider)
    return await hire(front, caller)


def tell(front: Front, provider: Provider, **more: Any) -> None:
    front.app.state.settings = Settings(
        public_url="http://cas",
        oidc_issuer=provider.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        **more,
    )


async def agree(caller: httpx2.AsyncClient) -> str:
    """Off to the provider and back: the address of our callback."""
    away = await caller.get("/oidc/start")
    assert away.status_code == 303, away.text
    async with httpx2.AsyncClient() as browser:
        back = await browser.get(away.headers["location"])
    assert back.status_code == 302
    return str(back.headers["location"])


async def arrive(caller: httpx2.AsyncClient) -> str:
    """What the page finds behind the # when the browser is back."""
    landed = await caller.get(await agree(caller))
    assert landed.status_code == 303
    assert landed.headers["location"].startswith("/komando/#")
    return urlsplit(landed.headers["location"]).fragment


async def sign_in(caller: httpx2.AsyncClient, fragment: str) -> httpx2.Response:
    name, _, code = fragment.partition("=")
    assert name == "oidc"
    return await caller.post("/sessions/oidc", json={"code": code})


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_staff_come_in_by_a_one_time_code_and_no_token_is_in_a_url(
    sri: Staff, provider: Provider, algorithm: str
) -> None:
    provider.algorithm = algorithm

    fragment = await arrive(sri.caller)
    session = await sign_in(sri.caller, fragment)
    again = await sign_in(sri.caller, fragment)

    assert session.status_code == 201
    assert session.json()["account"]["account_id"] == str(sri.person.account_id)
    assert "cas_" not in fragment.removeprefix("oidc=")
    assert (again.status_code, again.json()["code"]) == (401, "oidc_refused")


async def test_our_second_factor_is_asked_for_unless_the_provider_says_it_did(
    sri: Staff, front: Front, provider: Provider
) -> None:
    plain = (await sign_in(sri.caller, await arrive(sri.caller))).json()
    tell(front, provider, oidc_acr="dua-faktor")
    unsaid = (await sign_in(sri.caller, await arrive(sri.caller))).json()
    provider.wrong = {"acr": "dua-faktor"}
    said = (await sign_in(sri.caller, await arrive(sri.caller))).json()

    stages = [each["stage"] for each in (plain, unsaid, said)]
    assert stages == ["enrol_second_factor", "enrol_second_factor", "complete"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://another.example"},
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
        {"iat": int(time.time()) + 3_600},
        {"preferred_username": "nobody"},
        {"preferred_username": None},
        {"preferred_username": ["sri"]},
    ],
)
async def test_a_token_with_one_wrong_claim_signs_nobody_in(
    sri: Staff, provider: Provider, wrong: dict[str, Any]
) -> None:
    provider.wrong = wrong

    assert await arrive(sri.caller) == "oidc_fault=oidc_refused"


@pytest.mark.parametrize("fault", ["unknown key", "forged", "issuer"])
async def test_a_strange_key_or_issuer_signs_nobody_in(
    sri: Staff, provider: Provider, fault: str
) -> None:
    url = await agree(sri.caller)
    provider.fault = fault

    landed = await sri.caller.get(url)

    assert landed.headers["location"] == "/komando/#oidc_fault=oidc_refused"


async def test_an_unsigned_token_signs_nobody_in(sri: Staff, provider: Provider) -> None:
    provider.algorithm = "none"

    assert await arrive(sri.caller) == "oidc_fault=oidc_refused"


async def test_a_clock_that_is_half_a_minute_off_does_not_matter(
    sri: Staff, provider: Provider
) -> None:
    provider.wrong = {"exp": int(time.time()) - 30, "iat": int(time.time()) - 330}

    assert (await arrive(sri.caller)).startswith("oidc=")


async def test_a_callback_is_good_once_and_only_in_the_browser_that_began(
    sri: Staff, front: Front
) -> None:
    url, stolen = await agree(sri.caller), await agree(sri.caller)
    async with front.caller("198.51.100.7") as other:
        elsewhere = await other.get(stolen)
    url = await agree(sri.caller)
    first, second = await sri.caller.get(url), await sri.caller.get(url)
    tampered = await sri.caller.get(
        "/oidc/callback", params={**parse_qs(urlsplit(url).query), "state": "guessed"}
    )

    assert elsewhere.headers["location"].endswith("#oidc_fault=oidc_refused")
    assert "#oidc=" in first.headers["location"]
    assert second.headers["location"].endswith("#oidc_fault=oidc_refused")
    assert tampered.headers["location"].endswith("#oidc_fault=oidc_refused")


async def test_an_answer_in_the_name_of_another_issuer_is_refused(sri: Staff) -> None:
    url = await agree(sri.caller)

    landed = await sri.caller.get(f"{url}&iss=https%3A%2F%2Fanother.example")

    assert landed.headers["location"].endswith("#oidc_fault=oidc_refused")


async def test_only_staff_come_in_this_way(sri: Staff) -> None:
    await sri.rows("UPDATE account SET role = 'personil'")

    assert await arrive(sri.caller) == "oidc_fault=oidc_refused"


async def test_without_a_provider_or_while_it_is_away_that_is_said(
    sri: Staff, front: Front
) -> None:
    offered = (await sri.caller.get("/oidc")).json()
    front.app.state.settings = Settings(oidc_issuer="http://127.0.0.1:9")
    away = await sri.caller.get("/oidc/start")
    front.app.state.settings = Settings()
    none = await sri.caller.get("/oidc/start")

    assert offered == {"offered": True}
    assert (await sri.caller.get("/oidc")).json() == {"offered": False}
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    assert (none.status_code, none.json()["code"]) == (404, "not_found")
