"""One of the staff at the front door: what they type, and the app that makes their codes."""

from typing import Any

import httpx2
import pyotp

from cas_server.identity.roles import Role
from cas_server.kit.clock import utc_now
from tests.factories import Person, make_regency, make_staff
from tests.identity.conftest import Front

PASSWORD = "tujuh-kerbau-di-sawah"  # noqa: S105 - of people who are invented


class Staff:
    """A person with a browser, a password and an authenticator app."""

    def __init__(self, front: Front, caller: httpx2.AsyncClient, person: Person) -> None:
        self.front = front
        self.caller = caller
        self.person = person
        self.password = PASSWORD
        self.secret = ""
        self.recovery_codes: list[str] = []

    async def give_password(self) -> dict[str, Any]:
        body = {"username": "sri", "password": self.password, "device": "Meja 1"}
        answer = await self.caller.post("/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return self.hold(answer.json())

    def hold(self, session: dict[str, Any]) -> dict[str, Any]:
        """Go on with the token of this answer."""
        self.caller.headers["authorization"] = f"Bearer {session['token']}"
        return session

    def code(self, steps_on: int = 0) -> str:
        """What the app shows, or will show."""
        return pyotp.TOTP(self.secret).at(utc_now(), counter_offset=steps_on)

    async def enrol(self) -> dict[str, Any]:
        """Add the authenticator app; its first code is that of the step before."""
        offer = (await self.caller.post("/account/totp")).json()
        self.secret = offer["secret"]
        answer = await self.caller.post("/account/totp/confirmation", json={"code": self.code(-1)})
        assert answer.status_code == 200, answer.text
        self.recovery_codes = answer.json()["recovery_codes"]
        return self.hold(answer.json()["session"])

    async def prove(self, code: str, kind: str = "totp") -> httpx2.Response:
        body = {"kind": kind, "code": code}
        answer = await self.caller.post("/sessions/current/second-factor", json=body)
        if answer.is_success:
            self.hold(answer.json())
        return answer

    async def rows(self, statement: str) -> list[Any]:
        async with self.front.database.statement() as sql:
            return [tuple(row) for row in await sql.fetch(statement)]

    async def journal(self) -> list[str]:
        return [kind for (kind,) in await self.rows("SELECT kind FROM journal ORDER BY id")]


async def hire(front: Front, caller: httpx2.AsyncClient, role: Role = Role.OPERATOR) -> Staff:
    """Somebody of the staff who has a password and nothing else, and no open sign-in."""
    async with front.database.transaction() as session:
        regency = await make_regency(session)
        person = await make_staff(session, regency.kota, role, username="sri", password=PASSWORD)
        await session.sql.execute("DELETE FROM credential")
    return Staff(front, caller, person)
