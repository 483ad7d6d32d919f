"""Every way into the server names one action, and the table of roles holds for each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import httpx2
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from cas_server.app import create_app
from cas_server.db.session import Database, ReadTransaction, WriteTransaction
from cas_server.identity.presser import attest
from cas_server.identity.roles import PERMISSIONS, Action, Role
from cas_server.identity.subject import allow, public
from cas_server.kit.ids import new_id
from cas_server.settings import Settings
from tests.factories import (
    Person,
    Regency,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_staff,
)

TRANSACTIONS = [get_args(kind)[1].dependency for kind in (WriteTransaction, ReadTransaction)]
PAGES = {"/", "/komando", "/masyarakat", "/instansi", "/personil"}
"""Files that everybody may read: they show nothing without a sign-in."""


@dataclass(frozen=True)
class Way:
    """One way into the server, and the marks its dependencies leave on it."""

    method: str
    path: str
    marks: tuple[allow | public, ...]
    asks_first: bool = True
    """Whether it knows who asks before it opens its transaction."""

    @property
    def actions(self) -> set[Action]:
        return {mark.action for mark in self.marks}

    @property
    def is_heard_from_everybody(self) -> bool:
        """True for the press: whoever proves nothing is heard all the same."""
        return any(isinstance(mark, attest) for mark in self.marks)

    @property
    def is_open(self) -> bool:
        return any(isinstance(mark, public) for mark in self.marks)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def ways(app: FastAPI) -> Iterator[Way]:
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        for method in getattr(context, "methods", None) or {"-"}:
            yield Way(method, str(context.path), tuple(_marks(dependant)), _asks_first(dependant))


def _marks(dependant: Dependant | None) -> Iterator[allow | public]:
    for below in dependant.dependencies if dependant else []:
        if isinstance(below.call, allow | public):
            yield below.call
        yield from _marks(below)


def _asks_first(dependant: Dependant | None) -> bool:
    calls = [below.call for below in dependant.dependencies] if dependant else []
    first = next((at for at, call in enumerate(calls) if isinstance(call, allow | public)), 0)
    opened = [at for at, call in enumerate(calls) if call in TRANSACTIONS]
    return all(at > first for at in opened)


def unmarked(app: FastAPI) -> set[str]:
    return {way.path for way in ways(app) if len(way.actions) != 1} - PAGES


SIGN_OUT = "DELETE /v1/sessions/current"

# Signing out comes last: after it a token opens nothing any more.
ALL = sorted(ways(create_app(Settings(), "")), key=lambda way: (SIGN_OUT in str(way), str(way)))
GUARDED = [way for way in ALL if not way.is_open and way.path not in PAGES]


def test_every_route_and_the_socket_name_exactly_one_action() -> None:
    app = create_app(Settings(), "")

    assert unmarked(app) == set()
    assert "/v1/live" in {way.path for way in ALL}
    assert len(GUARDED) > 25


def test_a_route_that_names_no_action_is_found() -> None:
    app = create_app(Settings(), "")
    app.add_api_route("/v1/secret", lambda: None)
    app.add_api_route("/v1/double", lambda: None, dependencies=[
        Depends(allow(Action.PRESS)), Depends(allow(Action.ASSIGN)),
    ])  # fmt: skip

    assert unmarked(app) == {"/v1/secret", "/v1/double"}


def test_every_route_knows_who_asks_before_it_opens_its_transaction() -> None:
    """So that the wall can be raised, and nobody holds one connection while waiting for another."""
    late = [str(way) for way in ALL if not way.asks_first]

    assert late == [], "put the subject before the session in the arguments of these routes"


def test_every_action_of_the_table_is_used_somewhere() -> None:
    used = {action for way in ALL for action in way.actions}

    # WATCH is asked of whoever says hello on the socket, which itself is open.
    assert used | {Action.WATCH} == set(Action)


async def one_of_each_role(database: Database, regency: Regency) -> dict[Role, Person]:
    async with database.transaction() as session:
        return {
            Role.MASYARAKAT: await make_masyarakat(session),
            Role.INSTANSI: (await make_instansi(session, regency.centre))[0],
            Role.PERSONIL: await make_personil(session, regency.kota),
            Role.OPERATOR: await make_staff(session, regency.polres),
            Role.PIMPINAN: await make_staff(session, regency.polres, Role.PIMPINAN),
            Role.ADMIN: await make_staff(session, regency.polres, Role.ADMIN),
        }


def address(way: Way) -> str:
    return re.sub(r"\{[^}]+\}", lambda _: str(new_id()), way.path)


async def test_each_role_outside_the_table_is_refused_on_every_route(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    people = await one_of_each_role(database, regency)
    wrong = []
    for way in GUARDED:
        [action] = way.actions
        for role, who in people.items():
            answer = await client.request(way.method, address(way), headers=who.bearer)
            if (answer.status_code == 403) == (role in PERMISSIONS[action]):
                wrong.append((str(way), role, answer.status_code))

    assert wrong == []


async def test_without_a_sign_in_every_guarded_route_is_401(
    client: httpx2.AsyncClient, regency: Regency
) -> None:
    bearers: list[dict[str, str]] = [{}, {"Authorization": "Bearer cas_guessed"}]
    answers = {
        (str(way), (await client.request(way.method, address(way), headers=bearer)).status_code)
        for way in GUARDED
        for bearer in bearers
        if not way.is_heard_from_everybody
    }

    assert {status for _, status in answers} == {401}
    assert regency.polres.code == "bjn"


async def test_a_press_only_credential_opens_no_other_route(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        device = await make_masyarakat(session, scope="press")
    opened = {
        str(way)
        for way in GUARDED
        if (await client.request(way.method, address(way), headers=device.bearer)).status_code
        != 403
    }

    assert opened == {"PUT /v1/alarms/{alarm_id}"}
    assert regency.polres.code == "bjn"
