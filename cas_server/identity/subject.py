"""Who is asking: from a bearer token to a Subject, and to a yes or no."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import Request

from cas_server.db.session import Database, DatabaseOf
from cas_server.db.wall import OwnWall, Wall
from cas_server.errors import CasError, NotAllowed, SignInNeeded
from cas_server.identity.roles import (
    BEFORE_CONFIRMATION,
    PERMISSIONS,
    Action,
    Relation,
    Role,
    needs_proof,
    relation,
)
from cas_server.identity.stage import ALLOWED, Stage
from cas_server.identity.tokens import token_hash
from cas_server.kit.clock import utc_now

# Expiry is told, not hidden: a press whose sign-in has expired is still heard.
_FIND = """
SELECT a.id, a.role, a.name, a.holder_id, a.satuan_id, a.satuan_path, a.demo, c.scope, c.expires_at,
       c.token_hash, c.id AS sign_in_id, c.stage, c.verified_at,
       coalesce(c.last_used_at, c.created_at) AS last_used_at, c.idle_after,
       -- Not even looked at for anybody else: a citizen's press is not to pay for it.
       CASE WHEN a.role = 'personil' THEN EXISTS (
           SELECT FROM known_device d
           WHERE d.account_id = a.id AND d.name = c.device AND d.state <> 'confirmed')
       ELSE false END AS unconfirmed
FROM credential c JOIN account a ON a.id = c.account_id
WHERE c.token_hash = ANY ($1) AND c.revoked_at IS NULL AND a.disabled_at IS NULL
"""

# Written at most once a minute; a press does not come by here.
_TOUCH = "UPDATE credential SET last_used_at = $2 WHERE token_hash = $1"
TOUCH_EVERY = timedelta(minutes=1)
PROOF_HOLDS = timedelta(minutes=10)
"""How long a password or a second factor counts for dangerous actions."""


class SignInIncomplete(CasError):
    """The sign-in still needs something; `stage` says what."""

    code = "sign_in_incomplete"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        super().__init__(f"finish signing in first: {stage.value.replace('_', ' ')}")

    def facts(self) -> dict[str, str]:
        return {"stage": self.stage.value}


class StepUpNeeded(CasError):
    code = "step_up_needed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("prove who you are again: POST /v1/sessions/current/step-up")


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
    stage: Stage = Stage.COMPLETE
    verified_at: datetime | None = None
    last_used_at: datetime | None = None
    token_hash: bytes = b""
    sign_in_id: UUID | None = None
    """Stays when a step gives the sign-in a new token."""

    def may(self, action: Action) -> bool:
        """True when the role has the action; a press-only credential has PRESS and no other.

        A sign-in that is not complete has what completes it.
        """
        if self.scope == "press" and action is not Action.PRESS:
            return False
        if self.unconfirmed and action not in BEFORE_CONFIRMATION:
            return False
        return relation(self.role, action) is not None and action in ALLOWED[self.stage]

    def require(self, action: Action, now: datetime) -> None:
        """Refuse what this sign-in may not do, and say what is missing."""
        if self.unconfirmed and action not in BEFORE_CONFIRMATION:
            raise DeviceUnconfirmed
        if not self.may(action):
            if self.scope != "press" and relation(self.role, action) is not None:
                raise SignInIncomplete(self.stage)
            raise NotAllowed(action.value)
        if needs_proof(self.role, action) and not self.proved_lately(now):
            raise StepUpNeeded

    def proved_lately(self, now: datetime) -> bool:
        return self.verified_at is not None and now < self.verified_at + PROOF_HOLDS

    def wall(self, action: Action) -> Wall | OwnWall | None:
        """The wall before what this action reaches; None where it reaches everywhere."""
        reach = relation(self.role, action)
        if reach is Relation.SUBTREE:
            return Wall(self.satuan_path)
        if reach is None or reach is Relation.ALL:
            return None
        return self.own_wall

    @property
    def own_wall(self) -> OwnWall:
        """The wall around what is the account's own."""
        return OwnWall(self.account_id, self.holder_id)

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
    (found,) = await identify_all(database, [token])
    if isinstance(found, SignInNeeded):
        raise found
    return found


async def identify_all(database: Database, tokens: Sequence[str]) -> list[Subject | SignInNeeded]:
    """The same for many in one look, in their order; what would be raised is returned."""
    hashes = [token_hash(token) for token in tokens]
    async with database.statement() as sql:
        rows = {row["token_hash"]: row for row in await sql.fetch(_FIND, hashes)}
    return [_signed_in(rows.get(each)) for each in hashes]


def _signed_in(row: Any) -> Subject | SignInNeeded:
    if row is None:
        return SignInNeeded("this sign-in is not known here or was ended; sign in again")
    # Only staff sign-ins end by being idle, and staff do not press.
    if row["idle_after"] is not None and row["last_used_at"] + row["idle_after"] <= utc_now():
        return SignInNeeded("this sign-in was not used for too long; sign in again")
    return replace(
        subject_of(row),
        stage=Stage(row["stage"]),
        verified_at=row["verified_at"],
        last_used_at=row["last_used_at"],
        token_hash=row["token_hash"],
        sign_in_id=row["sign_in_id"],
    )


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


async def _touch(database: Database, subject: Subject, now: datetime) -> None:
    if subject.last_used_at is not None and now - subject.last_used_at >= TOUCH_EVERY:
        async with database.statement() as sql:
            await sql.execute(_TOUCH, subject.token_hash, now)


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
        now = utc_now()
        if not subject.fresh(now):
            raise SignInNeeded("your sign-in has expired; sign in again")
        subject.require(self.action, now)
        request.state.wall = subject.wall(self.action)
        await _touch(database, subject, now)
        return subject


class public:  # noqa: N801 - reads as an adjective: Depends(public(Action.SEE_MAP))
    """Marks a route that anybody may call; its action must allow every role."""

    def __init__(self, action: Action) -> None:
        assert PERMISSIONS[action].keys() == set(Role)
        self.action = action

    async def __call__(self) -> None:
        return None
