"""Accounts of everybody in the demo regency, and the password they share."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cas_server.db.session import Session
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.registry.demo_regency.people import petugas_names, petugas_phone
from cas_server.registry.demo_regency.places import KECAMATAN, POLRES_CODE
from cas_server.vault.sealing import Ring
from cas_server.vault.service import ring_of

_SATUAN = "SELECT code, id, path FROM satuan WHERE demo"
_PERSONIL = """
SELECT personil.id, nrp, personil.name, satuan_id, satuan.path
FROM personil JOIN satuan ON satuan.id = satuan_id WHERE personil.demo ORDER BY nrp
"""
_MASYARAKAT = "SELECT id, name_sealed, phone_sealed FROM masyarakat WHERE demo ORDER BY id"
_INSTANSI = "SELECT id, code, name FROM instansi WHERE demo ORDER BY code"

_STAFF_OF_POLRES = (
    (Role.ADMIN, "Admin Polres Bojonegoro", "admin", POLRES_CODE),
    (Role.OPERATOR, "Operator Polres Bojonegoro", "operator", POLRES_CODE),
    (Role.PIMPINAN, "Kapolres Bojonegoro", "kapolres", POLRES_CODE),
)


async def demo_accounts(session: Session, password_hash: str) -> list[NewAccount]:
    """One account for each Personil, Masyarakat and Instansi, its people, and the staff."""
    ring = await ring_of(session)
    instansi = await session.sql.fetch(_INSTANSI)
    satuan = {row["code"]: (row["id"], row["path"]) for row in await session.sql.fetch(_SATUAN)}
    return [
        *_staff(satuan, password_hash),
        *[_of_personil(row, password_hash) for row in await session.sql.fetch(_PERSONIL)],
        *[_of_masyarakat(ring, row) for row in await session.sql.fetch(_MASYARAKAT)],
        *[_of_instansi(row, password_hash) for row in instansi],
        *petugas(instansi),
    ]


def _staff(satuan: dict[str, tuple[UUID, str]], password_hash: str) -> list[NewAccount]:
    posts = list(_STAFF_OF_POLRES)
    for each in KECAMATAN:
        place = each.polsek_code.removeprefix("polsek-")
        posts += [
            (Role.PIMPINAN, f"Kapolsek {each.polsek_place}", f"kapolsek.{place}", each.polsek_code),
            (Role.OPERATOR, f"Operator {each.polsek_name}", f"operator.{place}", each.polsek_code),
        ]
    return [
        NewAccount(
            role=role,
            name=name,
            username=username,
            password_hash=password_hash,
            satuan_id=satuan[code][0],
            satuan_path=satuan[code][1],
            demo=True,
        )
        for role, name, username, code in posts
    ]


def _of_personil(row: Any, password_hash: str) -> NewAccount:
    return NewAccount(
        role=Role.PERSONIL,
        name=row["name"],
        username=row["nrp"],
        password_hash=password_hash,
        holder_id=row["id"],
        satuan_id=row["satuan_id"],
        satuan_path=row["path"],
        demo=True,
    )


def _of_masyarakat(ring: Ring, row: Any) -> NewAccount:
    return NewAccount(
        role=Role.MASYARAKAT,
        name=ring.open(row["name_sealed"], "masyarakat.name", row["id"]),
        phone=ring.open(row["phone_sealed"], "masyarakat.phone", row["id"]),
        holder_id=row["id"],
        demo=True,
    )


def _of_instansi(row: Any, password_hash: str) -> NewAccount:
    return NewAccount(
        role=Role.INSTANSI,
        name=row["name"],
        username=row["code"],
        password_hash=password_hash,
        holder_id=row["id"],
        demo=True,
    )


def petugas(instansi: Sequence[Any]) -> list[NewAccount]:
    """Two people at the counter of each Instansi: who manages it, and a colleague."""
    names = petugas_names()
    return [
        NewAccount(
            role=Role.INSTANSI,
            name=names[number],
            phone=petugas_phone(number),
            holder_id=row["id"],
            manager=number % 2 == 0,
            demo=True,
        )
        for at, row in enumerate(instansi)
        for number in (2 * at, 2 * at + 1)
    ]
