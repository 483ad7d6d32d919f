"""SQL of the people of an Instansi: accounts with a number that are held by it."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.identity.queries import phone_hash
from cas_server.instansi.views import Petugas
from cas_server.registry.queries import SATUAN_OF_SITE
from cas_server.vault.masks import mask_name
from cas_server.vault.service import open_sealed, ring_of

_OF = """
SELECT id, name, name_sealed, phone, manager, created_at, disabled_at FROM account
WHERE role = 'instansi' AND holder_id = $1 AND phone_hash IS NOT NULL
  AND ($2::uuid IS NULL OR id = $2)
ORDER BY disabled_at IS NOT NULL, created_at, id
"""
_HAS_NUMBER = "SELECT EXISTS (SELECT FROM account WHERE id = $1 AND phone_hash = $2)"
# One after the other, or two managers could remove each other at once.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('petugas ' || $1::text, 0))"
_CHANGE = "UPDATE account SET name = $2, name_sealed = $3, manager = $4 WHERE id = $1"
_REMOVE = "UPDATE account SET disabled_at = $2 WHERE id = $1"
_END_SIGN_INS = """
UPDATE credential SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL
"""
_END_KEYS = "UPDATE press_key SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL"
_RESTORE = "UPDATE account SET disabled_at = NULL WHERE id = $1"
_LET_GO = """
UPDATE account SET phone = NULL, phone_sealed = NULL, phone_hash = NULL
WHERE role = 'instansi' AND phone_hash = $1 AND disabled_at IS NOT NULL
RETURNING id
"""
# Entered there or with a site there, and with none elsewhere; and not closed.
_IS_BELOW = f"""
SELECT EXISTS (SELECT FROM instansi i WHERE i.id = $1 AND i.closed_at IS NULL AND (
        EXISTS (SELECT FROM site WHERE site.instansi_id = i.id)
        OR EXISTS (SELECT FROM satuan WHERE id = i.satuan_id AND starts_with(path, $2)))
    AND NOT EXISTS (SELECT FROM site JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
        WHERE site.instansi_id = i.id AND NOT starts_with(satuan.path, $2)))
"""  # noqa: S608 - a constant


async def is_below(session: ReadSession, instansi_id: UUID, path: str) -> bool:
    """Whether an Instansi belongs to the ground of a path and to no other."""
    return bool(await session.sql.fetchval(_IS_BELOW, instansi_id, path))


async def lock(session: Session, instansi_id: UUID) -> None:
    """One change of an Instansi's people at a time, until the commit."""
    await session.sql.execute(_LOCK, str(instansi_id))


async def petugas(
    session: ReadSession, instansi_id: UUID, petugas_id: UUID | None = None
) -> list[Petugas]:
    """The people of an Instansi, or one of them; those who were removed come last."""
    return [
        Petugas(
            id=row["id"],
            name=await open_sealed(session, row["name_sealed"], "account.name", row["id"])
            or row["name"],
            phone=row["phone"],
            manager=row["manager"],
            added_at=row["created_at"],
            removed_at=row["disabled_at"],
        )
        for row in await session.sql.fetch(_OF, instansi_id, petugas_id)
    ]


async def has_number(session: ReadSession, petugas_id: UUID, phone: str) -> bool:
    """Whether this is the petugas's number."""
    hashed = await phone_hash(session, phone)
    return bool(await session.sql.fetchval(_HAS_NUMBER, petugas_id, hashed))


async def change(session: Session, petugas_id: UUID, name: str, *, manager: bool) -> None:
    sealed = (await ring_of(session)).seal(name, "account.name", petugas_id)
    await session.sql.execute(_CHANGE, petugas_id, mask_name(name), sealed, manager)


async def remove(session: Session, petugas_id: UUID, now: datetime) -> None:
    """Nothing of theirs opens anything any more; a press of their phone is still heard."""
    for statement in (_REMOVE, _END_SIGN_INS, _END_KEYS):
        await session.sql.execute(statement, petugas_id, now)


async def restore(session: Session, petugas_id: UUID) -> None:
    await session.sql.execute(_RESTORE, petugas_id)


async def let_go(session: Session, phone: str) -> UUID | None:
    """Free a number from whoever was removed with it, here or at another Instansi."""
    freed: UUID | None = await session.sql.fetchval(_LET_GO, await phone_hash(session, phone))
    return freed
