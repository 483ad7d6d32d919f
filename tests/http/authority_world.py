"""A Polda with two Polres side by side, an alarm in each, and somebody of every role everywhere."""

from dataclasses import dataclass, replace
from uuid import UUID

import httpx2

from cas_server.db.session import Database, Session
from cas_server.identity import device_queries
from cas_server.identity.device_queries import SeenDevice
from cas_server.identity.roles import Relation, Role, relation
from cas_server.identity.views import DeviceState
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.factories import (
    Person,
    Regency,
    Satuan,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_regency,
    make_satuan,
    make_staff,
)
from tests.http.test_permissions import Way

HERE, NEXT_DOOR = "here", "next door"
EAST_M = 22_000

_UNDER = """
UPDATE satuan SET parent_id = coalesce(parent_id, $1), path = $2 || path,
    polres_path = $2 || polres_path WHERE id <> $1
"""


@dataclass(frozen=True)
class World:
    """`people` by what they are to the alarm `here`; marks are what betrays a side's secrets."""

    people: dict[str, Person]
    here: Satuan
    alarm: UUID
    foreign_alarm: UUID
    offer: UUID
    foreign_offer: UUID
    device: UUID
    waiting: UUID
    """A new device of the called officer, which waits for a superior."""
    foreign_satuan: UUID
    picture: UUID
    """The id of a picture that the reporter will send."""
    sound: UUID
    """The id of a recording that the reporter will send."""
    marks: dict[str, frozenset[str]]

    @property
    def subtree(self) -> set[str]:
        """Staff at the alarm's Satuan or above it."""
        return {name for name in self.people if name.startswith(("here ", "kota ", "polda "))}

    def related(self, name: str, reach: Relation) -> bool:
        """Whether the alarm `here` lies within this reach of this person."""
        if reach in (Relation.OWN, Relation.OWN_SITE):
            return name == "reporter"
        if reach is Relation.OFFERED:
            return name == "called"
        return reach is Relation.ALL or name in self.subtree

    def hidden_from(self, name: str) -> frozenset[str]:
        """What no answer to this person may hold."""
        if name.startswith("polda "):
            return frozenset()
        if name in ("reporter", "stranger", "bank"):
            return self.marks[NEXT_DOOR if name == "reporter" else HERE]
        return self.marks[HERE if name.startswith("foreign ") else NEXT_DOOR]

    def expected(self, way: Way, name: str) -> bool | None:
        """True: granted; False: as if it were not there; None: forbidden to the role."""
        [action] = way.actions
        reach = relation(self.people[name].subject.role, action)
        return None if reach is None else self.related(name, reach)


async def _under_a_polda(session: Session, regency: Regency) -> tuple[Satuan, Regency]:
    polda = await make_satuan(session, "jatim", "polda", at=regency.centre)
    await session.sql.execute(_UNDER, polda.id, polda.path)
    moved = {
        name: replace(getattr(regency, name), path=polda.path + getattr(regency, name).path,
                      polres_path=polda.path + getattr(regency, name).polres_path)
        for name in ("polres", "kota", "dander", "neighbour", "rengel")
    }  # fmt: skip
    return polda, replace(regency, **moved)


async def _people(session: Session, regency: Regency, polda: Satuan) -> dict[str, Person]:
    staff = (Role.OPERATOR, Role.PIMPINAN, Role.ADMIN)
    places = {"here": regency.polres, "kota": regency.kota, "polda": polda,
              "foreign": regency.neighbour, "foreign sibling": regency.dander}  # fmt: skip
    east = regency.at(0, EAST_M)
    return {
        "reporter": await make_masyarakat(session),
        "stranger": await make_masyarakat(session),
        "bank": (await make_instansi(session, regency.at(200)))[0],
        "called": await make_personil(session, regency.kota, regency.at(10)),
        "idle": await make_personil(session, regency.kota, on_duty=False),
        "foreign officer": await make_personil(session, regency.rengel, east),
    } | {
        f"{place} {role.value}": await make_staff(session, satuan, role)
        for place, satuan in places.items()
        for role in staff
    }


async def _press(client: httpx2.AsyncClient, who: Person, lat: float, lon: float) -> UUID:
    alarm_id = new_id()
    body = {"position": {"lat": lat, "lon": lon, "accuracy_m": 8}}
    answer = await client.put(f"/v1/alarms/{alarm_id}", headers=who.bearer, json=body)
    assert answer.status_code == 201, answer.text
    return alarm_id


def _names(*of: Person) -> set[str]:
    return {str(x) for each in of for x in (each.account_id, each.subject.holder_id, each.token)}


async def make_world(client: httpx2.AsyncClient, database: Database) -> World:
    """Everybody is there, both alarms are raised, and one officer of each side is called."""
    async with database.transaction() as session:
        polda, regency = await _under_a_polda(session, await make_regency(session))
        people = await _people(session, regency, polda)
        waiting = new_id()
        account_id = people["called"].account_id
        await device_queries.meet(
            session, waiting, account_id, SeenDevice("HP baru"), DeviceState.WAITING, utc_now()
        )
    here, east = regency.centre, regency.at(0, EAST_M)
    alarm = await _press(client, people["reporter"], here.lat, here.lon)
    foreign_alarm = await _press(client, people["stranger"], east.lat, east.lon)
    device = new_id()
    body = {"platform": "android", "address_type": "fcm_token", "address": f"token-{device}"}
    headers = people["called"].bearer
    answer = await client.put(f"/v1/devices/{device}", headers=headers, json=body)
    assert answer.status_code == 204, answer.text
    async with database.reading() as session:
        offers = {
            row["alarm_id"]: row["id"]
            for row in await session.sql.fetch("SELECT id, alarm_id FROM offer")
        }
    mine, theirs = offers[alarm], offers[foreign_alarm]
    marks = {
        HERE: {str(alarm), str(mine), str(device), str(waiting)}
        | _names(people["reporter"], people["called"]),
        NEXT_DOOR: {str(foreign_alarm), str(theirs), str(regency.rengel.id)}
        | _names(people["stranger"], people["foreign officer"], people["foreign operator"]),
    }
    kept = {side: frozenset(found - {"None"}) for side, found in marks.items()}
    return World(
        people,
        regency.polres,
        alarm,
        foreign_alarm,
        mine,
        theirs,
        device,
        waiting,
        regency.rengel.id,
        new_id(),
        new_id(),
        kept,
    )
