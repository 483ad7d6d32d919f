"""Who is asking: from a bearer token to a Subject, and to a yes or no."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import Request

from cas_server.db.session import Database, DatabaseOf
from cas_server.db.wall import Wall
from cas_server.errors import CasError, NotAllowed, SignInNeeded
from cas_server.identity.roles import (
    BEFORE_CONFIRMATION,
    PERMISSIONS,
    Action,
    Relation,
    Role,
    relation,
)
from cas_server.identity.tokens import token_hash
from cas_server.kit.clock import utc_now

# Expiry is told, not hidden: a press whose sign-in has expired is still heard.
_FIND = """
SELECT a.id, a.role, a.name, a.holder_id, a.satuan_id, a.satuan_path, a.demo, c.scope, c.expires_at,
       -- Not even looked at for anybody else: a citizen's press is not to pay for it.
       CASE WHEN a.role = 'personil' THEN EXISTS (
           SELECT FROM known_device d
           WHERE d.account_id = a.id AND d.name = c.device AND d.state <> 'confirmed')
       ELSE false END AS unconfirmed
FROM credential c JOIN account a ON a.id = c.account_id
WHERE c.token_hash = $1 AND c.revoked_at IS NULL AND a.disabled_at IS NULL
"""


class DeviceUnconfirmed(CasError):
    code = "device_unconfirmed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("this device is new: your superior must confirm it; pressing works now")


@dataclass(frozen=True, slots=True)
class Subject:
    """The account behind a request. `holder_id` is the Personil, Masyarakat or Instansi it is."""

    account_id: UUID
    role: Role
    name: str
    holder_id: UUID | None
    satuan_id: UUID | None
    satuan_path: str
    demo: bool
    scope: str
    expires_at: datetime | None
    unconfirmed: bool = False
    """Signed in on a new device that no superior has confirmed yet."""

    def may(self, action: Action) -> bool:
        """True when the role has the action; a press-only credential has PRESS and no other."""
        if self.scope == "press" and action is not Action.PRESS:
            return False
        if self.unconfirmed and action not in BEFORE_CONFIRMATION:
            return False
        return relation(self.role, action) is not None

    def wall(self, action: Action) -> Wall | None:
        """The wall before what this action reaches; None where its queries alone decide."""
        subtree = relation(self.role, action) is Relation.SUBTREE
        return Wall(self.satuan_path) if subtree else None

    def fresh(self, now: datetime) -> bool:
        return self.expires_at is None or self.expires_at > now

    @property
    def personil_id(self) -> UUID:
        """The Personil this account is; only for actions that only Personil have."""
        if self.role is not Role.PERSONIL or self.holder_id is None:
            raise NotAllowed("act as Personil")
        return self.holder_id


async def identify(database: Database, token: str) -> Subject:
    """The account a token stands for; SignInNeeded when it stands for none."""
    async with database.statement() as sql:
        row = await sql.fetchrow(_FIND, token_hash(token))
    if row is None:
        raise SignInNeeded("this sign-in is not known here or was ended; sign in again")
    return subject_of(row)


def subject_of(row: Any) -> Subject:
    """A row of an account and its credential as a Subject."""
    return Subject(
        account_id=row["id"],
        role=Role(row["role"]),
        name=row["name"],
        holder_id=row["holder_id"],
        satuan_id=row["satuan_id"],
        satuan_path=row["satuan_path"],
        demo=row["demo"],
        scope=row["scope"],
        expires_at=row["expires_at"],
        unconfirmed=row["unconfirmed"],
    )


def bearer_token(request: Request) -> str:
    """The token of the Authorization header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignInNeeded("send 'Authorization: Bearer TOKEN' with the token of your sign-in")
    return token.strip()


class allow:  # noqa: N801 - reads as a verb where it is used: Depends(allow(Action.PRESS))
    """A dependency that yields the Subject if it may do the action, and marks the route with it."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, request: Request, database: DatabaseOf) -> Subject:
        subject = await identify(database, bearer_token(request))
        if not subject.fresh(utc_now()):
            raise SignInNeeded("your sign-in has expired; sign in again")
        if subject.unconfirmed and self.action not in BEFORE_CONFIRMATION:
            raise DeviceUnconfirmed
        if not subject.may(self.action):
            raise NotAllowed(self.action.value)
        request.state.wall = subject.wall(self.action)
        return subject


class public:  # noqa: N801 - reads as an adjective: Depends(public(Action.SEE_MAP))
    """Marks a route that anybody may call; its action must allow every role."""

    def __init__(self, action: Action) -> None:
        assert PERMISSIONS[action].keys() == set(Role)
        self.action = action

    async def __call__(self) -> None:
        return None
