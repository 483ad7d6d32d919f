"""SQL of an Instansi's own sites, and of the lines from them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session
from cas_server.instansi.views import LostLine, OwnSite, SiteChange, SiteContactBody
from cas_server.registry.queries import SATUAN_OF_SITE
from cas_server.vault.masks import mask_phone
from cas_server.vault.service import open_sealed, ring_of

_INSTANSI = """
SELECT i.id, i.name, a.manager FROM account a JOIN instansi i ON i.id = a.holder_id
WHERE a.id = $1
"""
_SITES = """
SELECT id, code, name, address, ST_Y(at) AS lat, ST_X(at) AS lon, floor, responder_notes,
       contacts::text, contacts_sealed
FROM site WHERE instansi_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY code
"""
_CHANGE = """
UPDATE site SET floor = $3, responder_notes = $4, contacts = $5::text::jsonb, contacts_sealed = $6,
    written_at = $7
WHERE id = $1 AND instansi_id = $2
"""
_GROUND = f"""
SELECT satuan.path FROM site JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
WHERE site.id = $1 AND starts_with(satuan.path, $2)
"""  # noqa: S608 - a constant

# Written at most twice a minute, however often a device says that it is there.
_HEAR = """
INSERT INTO site_line AS known (site_id, device, label, account_id, since, seen_at)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (site_id, device) DO UPDATE SET
    label = excluded.label, account_id = excluded.account_id, seen_at = excluded.seen_at
WHERE known.seen_at < excluded.seen_at - interval '25 seconds'
RETURNING since = $5
"""
_ONLY_NEWEST = """
DELETE FROM site_line WHERE site_id = $1 AND device NOT IN (
    SELECT device FROM site_line WHERE site_id = $1 ORDER BY seen_at DESC, device LIMIT $2)
"""
_CLOSE = "DELETE FROM site_line WHERE site_id = $1 AND device = $2"
# Of sites whose newest word is old; what was silent for a month has been put away.
_LOST = f"""
SELECT site.id AS site_id, i.name AS instansi_name, site.name, site.address, l.since, l.devices
FROM (
    SELECT site_id, max(seen_at) AS since, count(*) AS devices FROM site_line
    WHERE seen_at > $2 GROUP BY site_id HAVING max(seen_at) < $1
) l
JOIN site ON site.id = l.site_id JOIN instansi i ON i.id = site.instansi_id
JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
WHERE starts_with(satuan.path, $3)
ORDER BY l.since DESC LIMIT 200
"""  # noqa: S608 - a constant


async def instansi_of(session: ReadSession, account_id: UUID) -> Any:
    """The Instansi an account belongs to, and whether it may manage it; None when it has none."""
    return await session.sql.fetchrow(_INSTANSI, account_id)


async def sites(
    session: ReadSession, instansi_id: UUID, site_id: UUID | None = None, *, whole: bool
) -> list[OwnSite]:
    """An Instansi's sites, or one of them; with `whole`, the contact persons' numbers unmasked."""
    rows = await session.sql.fetch(_SITES, instansi_id, site_id)
    return [await _site(session, row, whole=whole) for row in rows]


async def _site(session: ReadSession, row: Any, *, whole: bool) -> OwnSite:
    contacts = None
    if whole:
        contacts = await open_sealed(session, row["contacts_sealed"], "site.contacts", row["id"])
    known = msgspec.json.decode(contacts or row["contacts"])
    return OwnSite(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        address=row["address"],
        lat=row["lat"],
        lon=row["lon"],
        floor=row["floor"],
        responder_notes=row["responder_notes"],
        # Not checked again: what an import has taken is shown as it is.
        contacts=[SiteContactBody.model_construct(**each) for each in known],
    )


async def change_site(
    session: Session, instansi_id: UUID, site_id: UUID, change: SiteChange, now: datetime
) -> None:
    """Write what the manager says; contact persons as masks, and whole under the seal."""
    ring = await ring_of(session)
    contacts = [each.model_dump() for each in change.contacts]
    shown = [{**each, "phone": each["phone"] and mask_phone(each["phone"])} for each in contacts]
    whole = msgspec.json.encode(contacts).decode()
    await session.sql.execute(
        _CHANGE,
        site_id,
        instansi_id,
        change.floor,
        change.responder_notes,
        msgspec.json.encode(shown).decode(),
        ring.seal(whole, "site.contacts", site_id),
        now,
    )


async def ground_of(session: ReadSession, site_id: UUID, path: str) -> str | None:
    """The path of the Satuan that answers for a site; None when it is not below `path`."""
    found: str | None = await session.sql.fetchval(_GROUND, site_id, path)
    return found


async def hear(session: Session, site_id: UUID, line: tuple[str, str, UUID], now: datetime) -> bool:
    """Note that a device (its name, what people call it, whose) is there; True when it is new."""
    return bool(await session.sql.fetchval(_HEAR, site_id, *line, now))


async def keep_newest(session: Session, site_id: UUID, most: int) -> None:
    """Forget a site's devices beyond the `most` that were heard last."""
    await session.sql.execute(_ONLY_NEWEST, site_id, most)


async def close_line(session: Session, site_id: UUID, device: str) -> bool:
    """The counter is closed: its silence means nothing. False when it was not open."""
    return bool(await session.sql.execute(_CLOSE, site_id, device) != "DELETE 0")


async def lost(
    session: ReadSession, path: str, silent_since: datetime, after: datetime
) -> list[LostLine]:
    """Sites not heard of since a time, but after the other; the last to fall silent first."""
    rows = await session.sql.fetch(_LOST, silent_since, after, path)
    return [LostLine(**dict(row)) for row in rows]
