"""The second wall: behind it a query sees a subtree or what is one's own, whatever it forgets."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from cas_server.db.pool import Connection

ROLE = "cas_desk"
OWN_ROLE = "cas_own"
ROLES = (ROLE, OWN_ROLE)
POLICIES = Path(__file__).parent.parent / "migrations" / "wall.sql"

_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
_IS_MEMBER = "SELECT pg_has_role(current_user, $1, 'MEMBER')"
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
    WHERE proname IN ('cas_sees', 'wall_ground', 'cas_accounts', 'cas_holders')
      AND pronamespace = current_schema()::regnamespace
    UNION ALL SELECT pg_get_viewdef(to_regclass('wall_called'))
    UNION ALL SELECT 'unbound' FROM pg_roles
    WHERE rolname IN {ROLES} AND (rolsuper OR rolbypassrls)
) parts
"""  # noqa: S608 - a constant

# Of both roles: the login may take it on, and this database's tables have let it in.
_STANDS = f"""
SELECT to_regclass('wall_called') IS NOT NULL
   AND (SELECT count(*) FROM pg_roles WHERE rolname IN {ROLES}
        AND pg_has_role(current_user, oid, 'MEMBER')
        AND has_table_privilege(oid, 'alarm', 'SELECT')) = {len(ROLES)}
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


@dataclass(frozen=True, slots=True)
class OwnWall:
    """Where what a person may read of themselves ends; behind it nothing can be written.

    What they may change touches rows of others (officers are called, alarms are taken), so only
    reading stands behind this wall.
    """

    account_id: UUID
    holder_id: UUID | None
    beside: tuple["OwnWall", ...] = ()
    """Others whose own is read in the same transaction."""

    @property
    def raised(self) -> str:
        """The SQL that puts the present transaction behind it."""
        people = (self, *self.beside)
        accounts = ",".join(str(one.account_id) for one in people)
        holders = ",".join(str(one.holder_id) for one in people if one.holder_id)
        return (
            f"SET LOCAL ROLE {OWN_ROLE}; SET LOCAL cas.account = '{accounts}'; "
            f"SET LOCAL cas.holder = '{holders}'"
        )


async def stands(sql: Connection) -> bool:
    """True when this login can go behind the wall in this database."""
    return bool(await sql.fetchval(_STANDS))


async def build(sql: Connection) -> bool:
    """Bring roles and policies up to date; False when this login may not make or join the roles."""
    try:
        for role in ROLES:
            if not await sql.fetchval(_EXISTS, role):
                await sql.execute(f"CREATE ROLE {role} NOLOGIN")
            if not await sql.fetchval(_IS_MEMBER, role):
                await sql.execute(f"GRANT {role} TO CURRENT_USER")
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
