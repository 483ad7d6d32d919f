"""Accounts are made, people sign in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from cas_server.db.session import Session
from cas_server.errors import CasError, Conflict
from cas_server.identity import queries
from cas_server.identity.queries import NewAccount, NewCredential, Scope
from cas_server.identity.subject import Subject
from cas_server.identity.tokens import new_token, token_hash
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event

SESSION_LIFETIME = timedelta(days=30)


class AccountTaken(Conflict):
    code = "account_taken"

    def __init__(self) -> None:
        super().__init__("there is already an account with this username or phone number")


class WrongPassword(CasError):
    """Never says which of the two was wrong."""

    code = "wrong_password"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__("username or password is wrong")


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from and when: what a sign-in is judged by beside its words."""

    address: str
    now: datetime


async def make_account(session: Session, account: NewAccount, now: datetime) -> UUID:
    """Store one account; AccountTaken when its username or phone belongs to another."""
    if not await queries.insert_account_once(session, account, now):
        raise AccountTaken
    return account.id


async def make_accounts(session: Session, accounts: Sequence[NewAccount], now: datetime) -> None:
    """Store thousands at once; all of them must be new."""
    await queries.copy_accounts(session, accounts, now)


def expiry(scope: Scope, now: datetime, lifetime: timedelta) -> datetime | None:
    """A sign-in ends; a press credential never does, because a press is never refused."""
    return now + lifetime if scope == "session" else None


async def issue(
    session: Session,
    account_id: UUID,
    scope: Scope,
    device: str,
    now: datetime,
    lifetime: timedelta = SESSION_LIFETIME,
) -> str:
    """A new token for an account. It is told once: only its hash is stored."""
    [token] = await issue_all(session, [account_id], scope, device, now, lifetime)
    return token


async def issue_all(
    session: Session,
    account_ids: Sequence[UUID],
    scope: Scope,
    device: str,
    now: datetime,
    lifetime: timedelta = SESSION_LIFETIME,
) -> list[str]:
    """One new token for each account, in their order."""
    tokens = [new_token() for _ in account_ids]
    ends = expiry(scope, now, lifetime)
    credentials = [
        NewCredential(token_hash(token), account_id, scope, device, ends)
        for token, account_id in zip(tokens, account_ids, strict=True)
    ]
    await queries.copy_credentials(session, credentials, now)
    return tokens


async def sign_out(session: Session, subject: Subject, token: str, now: datetime) -> None:
    """End this sign-in; the device's press credential stays."""
    await queries.revoke(session, token_hash(token), now)
    await journal.append(session, now, Event("account.signed_out", actor_id=subject.account_id))
