"""Duplicates over HTTP, behind both walls: what desk, reporter and the desk below are answered."""

from dataclasses import dataclass

import httpx2
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff


@dataclass
class Border:
    """One event seen from both sides of the border of two Polsek, and their desks."""

    client: httpx2.AsyncClient
    officer: Person
    first: Person
    second: Person
    polres: Person
    kota: Person
    dander: Person
    lead: str
    double: str

    async def ask(self, who: Person, method: str, path: str, **body: object) -> httpx2.Response:
        sent = {"json": body} if body else {}
        return await self.client.request(method, f"/v1{path}", headers=who.bearer, **sent)  # type: ignore[arg-type]

    async def merge(self, who: Person) -> httpx2.Response:
        return await self.ask(who, "PUT", f"/alarms/{self.double}/merging", lead_id=self.lead)


@pytest_asyncio.fixture
async def border(client: httpx2.AsyncClient, regency: Regency, database: Database) -> Border:
    async with database.transaction() as session:
        border = Border(
            client,
            await make_personil(session, regency.kota, regency.at(-10_000)),
            await make_masyarakat(session),
            await make_masyarakat(session),
            await make_staff(session, regency.polres),
            await make_staff(session, regency.kota),
            await make_staff(session, regency.dander),
            str(new_id()),
            str(new_id()),
        )
    for who, alarm, metres in (
        (border.first, border.lead, -11_000),
        (border.second, border.double, -11_300),
    ):
        place = regency.at(metres)
        body = {"position": {"lat": place.lat, "lon": place.lon, "accuracy_m": 10}}
        pressed = await client.put(f"/v1/alarms/{alarm}", headers=who.bearer, json=body)
        assert pressed.status_code == 201
    return border


async def test_the_desk_above_both_merges_and_every_side_is_told_its_part(border: Border) -> None:
    refused = [(await border.merge(who)).status_code for who in (border.kota, border.dander)]
    merged = await border.merge(border.polres)
    offers = (await border.ask(border.officer, "GET", "/offers")).json()
    [offer] = [one for one in offers if one["alarm_id"] == border.lead]
    await border.ask(border.officer, "POST", f"/offers/{offer['offer_id']}/acceptance")

    own = (await border.ask(border.second, "GET", f"/own-alarms/{border.double}")).json()
    below = (await border.ask(border.dander, "GET", f"/alarms/{border.double}")).json()
    hidden = await border.ask(border.dander, "GET", f"/alarms/{border.lead}")
    assert refused == [404, 404]
    assert merged.status_code == 200, merged.text
    assert (own["status"], own["personil_coming"], own["joint"]) == ("accepted", 1, True)
    assert below["merged_into"]["alarm_id"] == border.lead
    assert hidden.status_code == 404


async def test_the_desk_of_either_side_ends_or_parts_them(border: Border) -> None:
    await border.merge(border.polres)
    parted = await border.ask(border.dander, "DELETE", f"/alarms/{border.double}/merging")
    again = await border.merge(border.polres)

    closed = await border.ask(
        border.kota, "POST", f"/alarms/{border.lead}/closing", disposition="genuine", note="selesai"
    )

    double = (await border.ask(border.dander, "GET", f"/alarms/{border.double}")).json()
    assert (parted.status_code, parted.json()["merged_into"]) == (200, None)
    assert again.status_code == 200
    assert closed.status_code == 200, closed.text
    assert double["closed"]["disposition"] == "duplicate"
