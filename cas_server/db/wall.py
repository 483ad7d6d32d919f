"""The second wall: behind it a query sees one Satuan's subtree, whatever its WHERE forgets."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from cas_server.db.pool import Connection

ROLE = "cas_desk"
POLICIES = Path(__file__).parent.parent / "migrations" / "wall.sql"

_MAKE_ROLE = f"CREATE ROLE {ROLE} NOLOGIN"
_EXISTS = f"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}')"  # noqa: S608 - a constant
_IS_MEMBER = f"SELECT pg_has_role(current_user, '{ROLE}', 'MEMBER')"
_JOIN_ROLE = f"GRANT {ROLE} TO CURRENT_USER"
_STAMP = "COMMENT ON VIEW wall_called IS '{}'"
_STAMPED = "SELECT obj_description(to_regclass('wall_called'), 'pg_class')"

# What the wall consists of in this database, as PostgreSQL itself has it.
_AS_BUILT = f"""
SELECT md5(string_agg(part, E'\\n' ORDER BY part)) FROM (
    SELECT concat_ws('|', tablename, policyname, permissive, roles, cmd, qual, with_check) AS part
    FROM pg_policies WHERE schemaname = current_schema()
    UNION ALL SELECT 'walled ' || relname FROM pg_class
    WHERE relrowsecurity AND relnamespace = current_schema()::regnamespace
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
    WHERE proname IN ('cas_sees', 'wall_ground') AND pronamespace = current_schema()::regnamespace
    UNION ALL SELECT pg_get_viewdef(to_regclass('wall_called'))
    UNION ALL SELECT 'unbound' FROM pg_roles
    WHERE rolname = '{ROLE}' AND (rolsuper OR rolbypassrls)
) parts
"""  # noqa: S608 - a constant

# Both: the login may take the role on, and this database's tables have let the role in.
_STANDS = f"""
SELECT to_regclass('wall_called') IS NOT NULL
   AND coalesce((SELECT pg_has_role(current_user, oid, 'MEMBER')
                    AND has_table_privilege(oid, 'alarm', 'SELECT')
                 FROM pg_roles WHERE rolname = '{ROLE}'), false)
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Wall:
    """Where what may be seen ends: at the subtree of `satuan_path`."""

    satuan_path: str

    @property
    def raised(self) -> str:
        """The SQL that puts the present transaction behind it."""
        # As text, because one round trip holds BEGIN and this; the path is our own, quoted anyway.
        path = self.satuan_path.replace("'", "''")
        return f"SET LOCAL ROLE {ROLE}; SET LOCAL cas.wall = '/{path}'"


async def stands(sql: Connection) -> bool:
    """True when this login can go behind the wall in this database."""
    return bool(await sql.fetchval(_STANDS))


async def build(sql: Connection) -> bool:
    """Bring role and policies up to date; False when this login may not make or join the role."""
    try:
        if not await sql.fetchval(_EXISTS):
            await sql.execute(_MAKE_ROLE)
        if not await sql.fetchval(_IS_MEMBER):
            await sql.execute(_JOIN_ROLE)
    except asyncpg.InsufficientPrivilegeError:
        return False
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        return await build(sql)  # another database of this cluster made it in the same moment
    if await differs(sql) is not None:
        async with sql.transaction():
            await sql.execute("SET LOCAL lock_timeout = '5s'")
            await sql.execute(POLICIES.read_text())
            await sql.execute(_STAMP.format(f"{_written()} {await sql.fetchval(_AS_BUILT)}"))
    return True


def _written() -> str:
    return hashlib.sha256(POLICIES.read_bytes()).hexdigest()


async def differs(sql: Connection) -> str | None:
    """How the wall in this database is not the one of this version; None when it is."""
    written, _, built = str(await sql.fetchval(_STAMPED) or "").partition(" ")
    if written != _written():
        return "it was built by another version"
    if built != await sql.fetchval(_AS_BUILT):
        return "its policies were changed in the database since it was built"
    return None
