"""One valid row per line: a regency, its people, and the tokens they sign in with."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import Session
from cas_server.identity import service as identity
from cas_server.identity.passwords import hash_password
from cas_server.identity.queries import NewAccount, Scope, shown_name
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject
from cas_server.identity.tokens import token_hash
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from cas_server.presence import service as presence
from cas_server.presence.views import Availability
from cas_server.registry import store

BOJONEGORO = Position(-7.15, 111.88)
METRES_PER_DEGREE = 111_195.0

_number = itertools.count(1)
_NAMES = ("Budi", "Siti", "Agus", "Dewi", "Eko", "Fitri", "Gatot", "Hesti", "Joko", "Kartika")

_SATUAN = """
INSERT INTO satuan (id, code, name, kind, parent_id, path, polres_path, at, phone, settings,
                    effective)
VALUES ($1, $2, $3, $4, $5, $6, $7, ST_SetSRID(ST_MakePoint($8, $9), 4326), '(0353) 881110',
        $10, $10)
"""
_WILAYAH = """
INSERT INTO wilayah (id, code, name, kind, parent_code, area, label_at, satuan_id)
SELECT $1, $2, $3, $4, NULL, ST_Multi(box), ST_Centroid(box), $9
FROM ST_MakeEnvelope($5, $6, $7, $8, 4326) box
"""
_PERSONIL = """
INSERT INTO personil (id, nrp, name, rank, satuan_id, skills, phone)
VALUES ($1, $2, $3, 'Bripka', $4, $5, $6)
"""
_LAST_POSITION = """
INSERT INTO last_position (personil_id, satuan_path, available, at, indexed_at, accuracy_m,
                           fixed_at, changed_at)
SELECT personil_id, satuan_path, availability = 'available', point, point, $4, $5, $5
FROM duty, ST_SetSRID(ST_MakePoint($2, $3), 4326) point WHERE personil_id = $1
"""


@dataclass(frozen=True)
class Satuan:
    """A unit as tests speak of it."""

    id: UUID
    code: str
    name: str
    path: str
    polres_path: str


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in: as a Subject for services, as a token for HTTP and sockets."""

    subject: Subject
    token: str

    @property
    def account_id(self) -> UUID:
        return self.subject.account_id

    @property
    def holder_id(self) -> UUID:
        assert self.subject.holder_id is not None
        return self.subject.holder_id

    @property
    def name(self) -> str:
        return self.subject.name

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Regency:
    """A Polres with two Polsek side by side, and the Polsek of a neighbour in the east.

    Kota's ground reaches 0.1 degrees (11 km) from `centre` to every side; Dander's lies south of
    it, Rengel's, of the Polres next door, east of it. North and west of Kota is nobody's ground.
    """

    centre: Position
    polres: Satuan
    kota: Satuan
    dander: Satuan
    neighbour: Satuan
    rengel: Satuan

    def at(self, north_m: float = 0.0, east_m: float = 0.0) -> Position:
        """A place so many metres from the centre."""
        return moved(self.centre, north_m, east_m)


def moved(start: Position, north_m: float = 0.0, east_m: float = 0.0) -> Position:
    """A place so many metres from another; exact enough near the equator."""
    lat = start.lat + north_m / METRES_PER_DEGREE
    return Position(lat, start.lon + east_m / (METRES_PER_DEGREE * 0.9922), 8.0)


async def make_satuan(
    session: Session,
    code: str,
    kind: str,
    *,
    parent: Satuan | None = None,
    at: Position | None = None,
    settings: dict[str, Any] | None = None,
) -> Satuan:
    """A unit; what `settings` says holds for it alone."""
    path = f"{parent.path if parent else ''}{code}/"
    polres_path = parent.polres_path if parent and kind != "polres" else path
    name = f"{kind.capitalize()} {code.split('-')[-1].capitalize()}"
    satuan = Satuan(new_id(), code, name, path, polres_path)
    await session.sql.execute(
        _SATUAN, satuan.id, code, name, kind, parent.id if parent else None, path, polres_path,
        at.lon if at else None, at.lat if at else None,
        msgspec.json.encode(settings or {}).decode(),
    )  # fmt: skip
    return satuan


async def make_wilayah(
    session: Session, satuan: Satuan, centre: Position, *, kind: str = "kecamatan"
) -> str:
    """A square of 0.2 degrees around `centre` that `satuan` answers for; its code."""
    code = f"{next(_number):05}"
    await session.sql.execute(
        _WILAYAH, new_id(), code, satuan.name.split()[-1], kind,
        centre.lon - 0.1, centre.lat - 0.1, centre.lon + 0.1, centre.lat + 0.1, satuan.id,
    )  # fmt: skip
    return code


async def make_regency(
    session: Session,
    code: str = "bjn",
    *,
    centre: Position = BOJONEGORO,
    settings: dict[str, Any] | None = None,
) -> Regency:
    """The Satuan and Wilayah of a Regency, all with the same settings."""
    south = Position(centre.lat - 0.2, centre.lon)
    east = Position(centre.lat, centre.lon + 0.2)
    polres = await make_satuan(session, code, "polres", at=centre, settings=settings)
    neighbour = await make_satuan(session, f"{code}-tuban", "polres", at=east, settings=settings)
    kota = await make_satuan(
        session, f"{code}-kota", "polsek", parent=polres, at=centre, settings=settings
    )
    dander = await make_satuan(
        session, f"{code}-dander", "polsek", parent=polres, at=south, settings=settings
    )
    rengel = await make_satuan(
        session, f"{code}-rengel", "polsek", parent=neighbour, at=east, settings=settings
    )
    for satuan, middle in ((kota, centre), (dander, south), (rengel, east)):
        await make_wilayah(session, satuan, middle)
    return Regency(centre, polres, kota, dander, neighbour, rengel)


async def make_personil(
    session: Session,
    satuan: Satuan,
    at: Position | None = None,
    *,
    on_duty: bool = True,
    age_s: float = 0.0,
    skills: tuple[str, ...] = (),
) -> Person:
    """A Personil with an account; on duty and available at `at`, whose fix is `age_s` old."""
    number, now = next(_number), utc_now()
    name, holder_id = f"{_NAMES[number % len(_NAMES)]} {number}", new_id()
    await session.sql.execute(
        _PERSONIL, holder_id, f"8{number:07}", name, satuan.id, list(skills), _phone(number)
    )
    if on_duty:
        await presence.begin_duty(session, holder_id, Availability.AVAILABLE, now)
        if at is not None:
            fixed_at = now - timedelta(seconds=age_s)
            await session.sql.execute(
                _LAST_POSITION, holder_id, at.lon, at.lat, at.accuracy_m, fixed_at
            )
    return await _sign_in(session, _account(Role.PERSONIL, name, holder_id, satuan))


async def make_masyarakat(
    session: Session, *, scope: Scope = "session", name: str = "", phone: str = ""
) -> Person:
    """A citizen; with `scope` "press" the token can do nothing else."""
    number, holder_id = next(_number), new_id()
    name, phone = name or f"Warga {number}", phone or _phone(number)
    await store.add_masyarakat(session, holder_id, name, phone)
    account = NewAccount(role=Role.MASYARAKAT, name=name, phone=phone, holder_id=holder_id)
    return await _sign_in(session, account, scope)


async def make_instansi(session: Session, at: Position) -> tuple[Person, UUID]:
    """An Instansi with one site, and that site."""
    number, holder_id, site_id = next(_number), new_id(), new_id()
    name = f"Bank {number}"
    await session.sql.execute(
        "INSERT INTO instansi (id, code, name, kind) VALUES ($1, $2, $3, 'bank')",
        holder_id, f"bank-{number}", name,
    )  # fmt: skip
    await session.sql.execute(
        """INSERT INTO site (id, instansi_id, code, name, address, at)
           VALUES ($1, $2, $3, $4, 'Jl. Satu', ST_SetSRID(ST_MakePoint($5, $6), 4326))""",
        site_id, holder_id, f"bank-{number}-1", name, at.lon, at.lat,
    )  # fmt: skip
    account = NewAccount(role=Role.INSTANSI, name=name, holder_id=holder_id)
    return await _sign_in(session, account), site_id


async def make_petugas(
    session: Session, instansi: Person, *, phone: str = "", manager: bool = False
) -> Person:
    """Somebody who works at an Instansi and signs in with their own number."""
    number = next(_number)
    account = NewAccount(
        role=Role.INSTANSI,
        name=f"Petugas {number}",
        phone=phone or _phone(number),
        holder_id=instansi.holder_id,
        manager=manager,
    )
    return await _sign_in(session, account)


async def make_staff(
    session: Session,
    satuan: Satuan,
    role: Role = Role.OPERATOR,
    *,
    username: str | None = None,
    password: str | None = None,
    demo: bool = False,
) -> Person:
    """An operator, pimpinan or admin; with a password, one who can also sign in by hand.

    In a demo house those of the demo need no second factor.
    """
    account = NewAccount(
        role=role,
        name=f"{role.value.capitalize()} {satuan.name}",
        username=username,
        password_hash=await hash_password(password) if password else None,
        satuan_id=satuan.id,
        satuan_path=satuan.path,
        demo=demo,
    )
    return await _sign_in(session, account)


def _phone(number: int) -> str:
    return f"+62812{number:08}"


def _account(role: Role, name: str, holder_id: UUID, satuan: Satuan) -> NewAccount:
    return NewAccount(
        role=role, name=name, holder_id=holder_id, satuan_id=satuan.id, satuan_path=satuan.path
    )


async def _sign_in(session: Session, account: NewAccount, scope: Scope = "session") -> Person:
    now = utc_now()
    await identity.make_account(session, account, now)
    token = await identity.issue(session, account.id, scope, "test", now)
    subject = Subject(
        account_id=account.id,
        role=account.role,
        name=shown_name(account),
        holder_id=account.holder_id,
        satuan_id=account.satuan_id,
        satuan_path=account.satuan_path,
        demo=account.demo,
        scope=scope,
        expires_at=identity.expiry(scope, now, identity.SESSION_LIFETIME),
        verified_at=now,
        token_hash=token_hash(token),
    )
    return Person(subject, token)
