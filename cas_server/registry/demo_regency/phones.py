"""Signed-in phones for the simulation, which is then a client of the public API like any other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cas_server.db.session import Session
from cas_server.identity.queries import phone_hash
from cas_server.identity.service import issue_all
from cas_server.kit.geo import Position
from cas_server.registry.demo_regency import people
from cas_server.registry.demo_regency.people import Citizen

DEVICE = "simulasi"
"""What these credentials are called, so that the next ones replace them."""

MASYARAKAT = 200
INSTANSI = 10
VALID_FOR = timedelta(days=365)

# `home` of a Personil is their Satuan's place, of an Instansi its site.
_ACCOUNTS = """
SELECT account.id, account.role, account.name, account.username, account.phone_hash,
       account.holder_id,
       ST_Y(coalesce(satuan.at, site.at)) AS lat, ST_X(coalesce(satuan.at, site.at)) AS lon
FROM account
LEFT JOIN satuan ON satuan.id = account.satuan_id
LEFT JOIN site ON site.instansi_id = account.holder_id
WHERE account.demo AND (
    account.role = 'personil'
    OR account.phone_hash = ANY ($1)
    OR account.id IN (SELECT id FROM account WHERE demo AND role = 'instansi'
                      ORDER BY username LIMIT $2))
ORDER BY account.role, account.username, account.id
"""

_PUT_AWAY = """
DELETE FROM credential USING account
WHERE account.id = account_id AND account.demo AND device = $1
"""


@dataclass(frozen=True, slots=True)
class DemoPhone:
    """A phone that is signed in, and holds the token that can only press."""

    account_id: UUID
    holder_id: UUID
    role: str
    name: str
    sign_in_name: str
    token: str
    press_token: str
    home: Position


async def provision_phones(session: Session, now: datetime) -> list[DemoPhone]:
    """Sign in every demo Personil and some others; tokens handed out earlier stop working."""
    await session.sql.execute(_PUT_AWAY, DEVICE)
    citizens = {
        await phone_hash(session, each.phone): each for each in people.masyarakat()[:MASYARAKAT]
    }
    rows = await session.sql.fetch(_ACCOUNTS, list(citizens), INSTANSI)
    ids = [row["id"] for row in rows]
    tokens = await issue_all(session, ids, "session", DEVICE, now, VALID_FOR)
    press_tokens = await issue_all(session, ids, "press", DEVICE, now)
    return [
        _phone(row, citizens.get(row["phone_hash"]), token, press_token)
        for row, token, press_token in zip(rows, tokens, press_tokens, strict=True)
    ]


def _phone(row: Any, citizen: Citizen | None, token: str, press_token: str) -> DemoPhone:
    return DemoPhone(
        account_id=row["id"],
        holder_id=row["holder_id"],
        role=row["role"],
        name=citizen.name if citizen else row["name"],
        sign_in_name=citizen.phone if citizen else row["username"],
        token=token,
        press_token=press_token,
        home=citizen.home if citizen else Position(row["lat"], row["lon"]),
    )
