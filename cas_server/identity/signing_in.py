"""Signing in, step by step: password, second factor, a new password; and proving it again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal
from uuid import UUID

from cas_server.db.session import Database, Session
from cas_server.errors import CasError, Conflict, InvalidInput, SignInNeeded
from cas_server.identity import (
    brake,
    factor_queries,
    password_rules,
    passwords,
    queries,
    recovery,
    sign_in_queries,
    staff_views,
    totp,
    views,
)
from cas_server.identity.service import Caller, WrongPassword
from cas_server.identity.sign_in_queries import NewSignIn, Renewal, Standing
from cas_server.identity.stage import Stage, demands_factor, next_stage
from cas_server.identity.subject import Subject
from cas_server.identity.tokens import new_token, token_hash
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.network import network_of
from cas_server.settings import Settings

INCOMPLETE_FOR = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
BEGINNINGS_PER_ADDRESS = 100


class WrongFactor(CasError):
    """Wrong, used before, or never this account's: no more is said."""

    code = "wrong_factor"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("code: is wrong or was used before; wait for the app's next code")

    def facts(self) -> dict[str, str]:
        return {"field": "code"}


class PasswordOver(CasError):
    code = "password_over"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__("this one-time password has run out; ask your admin for a new one")


class DemoAccount(Conflict):
    code = "demo_account"

    def __init__(self) -> None:
        super().__init__("demo accounts belong to everybody: their sign-in cannot be changed")


@dataclass(frozen=True, slots=True)
class Terms:
    """How long sign-ins last here, and of whom a second factor is demanded."""

    house_is_demo: bool
    lifetime: timedelta
    staff_lifetime: timedelta
    staff_idle: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "Terms":
        return cls(
            house_is_demo=settings.demo,
            lifetime=timedelta(days=settings.session_days),
            staff_lifetime=timedelta(hours=settings.staff_session_hours),
            staff_idle=timedelta(hours=settings.staff_idle_hours),
        )

    def demand(self, of: Standing) -> bool:
        return demands_factor(of.role, account_is_demo=of.demo, house_is_demo=self.house_is_demo)

    def is_shared(self, standing: Standing) -> bool:
        """True for an account whose password everybody is told."""
        return standing.demo and self.house_is_demo

    def stage(self, standing: Standing, *, proved: bool) -> Stage:
        return next_stage(
            has_factor=standing.has_factor,
            proved=proved,
            must_change=standing.password_change_by is not None,
            demanded=self.demand(standing),
        )

    def end(self, standing: Standing, stage: Stage, now: datetime) -> datetime:
        if stage is not Stage.COMPLETE:
            return now + INCOMPLETE_FOR
        return now + (self.staff_lifetime if self.demand(standing) else self.lifetime)


async def with_password(
    database: Database, asked: views.PasswordSignIn, caller: Caller, terms: Terms
) -> views.Session:
    """A session for a right password; its stage says what it still needs.

    Two transactions: the try must stay counted when the password is wrong, and no connection is
    held while the password is being checked.
    """
    now = caller.now
    limits = brake.of_sign_in(queries.username_key(asked.username), caller.address)
    async with database.transaction() as session:
        await brake.count(session, limits, now)
        known = await sign_in_queries.by_username(session, asked.username)
    right = await passwords.matches(asked.password, known.password_hash if known else None)
    if known is None or not right:
        raise WrongPassword
    if known.password_change_by is not None and known.password_change_by <= now:
        raise PasswordOver
    async with database.transaction() as session:
        await brake.release(session, limits, now)
        standing = await sign_in_queries.standing_locked(session, known.account_id)
        if standing.password_hash != known.password_hash:
            raise WrongPassword
        stage = terms.stage(standing, proved=False)
        return await open_session(session, standing, stage, (asked.device, caller), terms)


async def open_session(
    session: Session,
    standing: Standing,
    stage: Stage,
    opener: tuple[str, Caller],
    terms: Terms,
) -> views.Session:
    """A new sign-in at a stage, of a device and the caller behind it."""
    (device, caller), token = opener, new_token()
    ends = terms.end(standing, stage, caller.now)
    new = NewSignIn(
        token_hash=token_hash(token),
        account_id=standing.account_id,
        device=device,
        network=network_of(caller.address),
        stage=stage,
        expires_at=ends,
        idle_after=terms.staff_idle if terms.demand(standing) else None,
    )
    await sign_in_queries.open_sign_in(session, new, caller.now)
    kind = "account.signed_in" if stage is Stage.COMPLETE else "account.sign_in_begun"
    await journal.append(session, caller.now, Event(kind, actor_id=standing.account_id))
    return await _shown(session, standing, stage, token, ends)


async def advance(session: Session, subject: Subject, terms: Terms, now: datetime) -> views.Session:
    """The sign-in under a new token, at the stage its account has reached; a factor was proved."""
    standing = await sign_in_queries.standing(session, subject.account_id)
    token = new_token()
    # Once complete it stays so: the account may have got what it stands on from elsewhere (OIDC).
    done = subject.stage is Stage.COMPLETE
    stage = Stage.COMPLETE if done else terms.stage(standing, proved=True)
    renewal = Renewal(subject.token_hash, token_hash(token), stage, terms.end(standing, stage, now))
    ends = await sign_in_queries.renew(session, renewal, now)
    if ends is None:
        raise SignInNeeded("this sign-in was ended; sign in again")
    if stage is Stage.COMPLETE and not done:
        await journal.append(session, now, Event("account.signed_in", actor_id=subject.account_id))
    return await _shown(session, standing, stage, token, ends)


async def _shown(
    session: Session, standing: Standing, stage: Stage, token: str, ends: datetime
) -> views.Session:
    has: list[tuple[Literal["totp", "passkey"], bool]] = [
        ("totp", standing.has_totp),
        ("passkey", standing.has_passkey),
    ]
    return views.Session(
        token=token,
        expires_at=ends,
        stage=stage,
        second_factors=[kind for kind, there in has if there],
        account=await queries.account(session, standing.account_id),
    )


def of_proofs(account_id: UUID) -> list[brake.Limit]:
    """What bounds guessing codes and passwords by somebody who is half in."""
    return [brake.Limit.of("proof", str(account_id), most=TRIES_PER_ACCOUNT)]


def of_beginnings(address: str) -> list[brake.Limit]:
    """What bounds asking for challenges, each of which is remembered for some minutes."""
    return [brake.Limit.of("beginnings", address, most=BEGINNINGS_PER_ADDRESS)]


async def prove_factor(
    database: Database,
    subject: Subject,
    proof: staff_views.FactorProof,
    caller: Caller,
    terms: Terms,
) -> views.Session:
    """Take the second factor; a wrong one stays counted and is written down."""
    account_id, now = subject.account_id, caller.now
    await _count(database, account_id, now)
    if proof.kind == "recovery_code":
        code_hash = await recovery.hashed(account_id, proof.code)
    async with database.transaction() as session:
        if proof.kind == "recovery_code":
            right = await factor_queries.use_recovery(session, account_id, code_hash)
        else:
            right = await takes_code(session, account_id, proof.code, now)
        if right:
            await brake.release(session, of_proofs(account_id), now)
            if proof.kind == "recovery_code":
                used = Event("account.recovery_code_used", actor_id=account_id)
                await journal.append(session, now, used)
            return await advance(session, subject, terms, now)
        await journal.append(session, now, Event("account.factor_refused", actor_id=account_id))
    raise WrongFactor


async def takes_code(session: Session, account_id: UUID, code: str, now: datetime) -> bool:
    """True when the code is the app's and newer than the last one used."""
    secret = await factor_queries.totp_secret(session, account_id)
    step = totp.step_of(secret, code, now) if secret is not None else None
    return step is not None and await factor_queries.use_step(session, account_id, step)


async def _count(database: Database, account_id: UUID, now: datetime) -> None:
    async with database.transaction() as session:
        await brake.count(session, of_proofs(account_id), now)


async def step_up(
    database: Database, subject: Subject, asked: staff_views.StepUp, caller: Caller, terms: Terms
) -> views.Session:
    """Note that the right person is there now; the sign-in goes on under a new token."""
    account_id, now = subject.account_id, caller.now
    await _count(database, account_id, now)
    if asked.kind == "password":
        async with database.glance() as glance:
            stored = (await sign_in_queries.standing(glance, account_id)).password_hash
        if not await passwords.matches(asked.secret, stored):
            raise InvalidInput("secret", "is not your password")
    async with database.transaction() as session:
        if asked.kind == "totp" and not await takes_code(session, account_id, asked.secret, now):
            raise WrongFactor
        await brake.release(session, of_proofs(account_id), now)
        await journal.append(session, now, Event("account.stepped_up", actor_id=account_id))
        return await advance(session, subject, terms, now)


async def change_password(
    database: Database,
    subject: Subject,
    asked: staff_views.PasswordChange,
    caller: Caller,
    terms: Terms,
) -> staff_views.PasswordChanged:
    """Exchange the password; every other sign-in of the account ends."""
    account_id, now = subject.account_id, caller.now
    await _count(database, account_id, now)
    async with database.glance() as glance:
        standing = await sign_in_queries.standing(glance, account_id)
    if terms.is_shared(standing):
        raise DemoAccount
    if not await passwords.matches(asked.old, standing.password_hash):
        raise InvalidInput("old", "is not your password")
    if asked.new == asked.old:
        raise InvalidInput("new", "is the old password")
    password_rules.check(asked.new, [standing.username or "", subject.name], "new")
    hashed = await passwords.hash_password(asked.new)
    async with database.transaction() as session:
        await brake.release(session, of_proofs(account_id), now)
        assert standing.password_hash is not None, "it has just been matched"
        if not await sign_in_queries.set_password(
            session, account_id, hashed, standing.password_hash
        ):
            raise Conflict("the password was changed elsewhere; sign in again")
        ended = await sign_in_queries.end_others(session, account_id, subject.token_hash, now)
        changed = Event(
            "account.password_changed", actor_id=account_id, payload={"ended_sign_ins": ended}
        )
        await journal.append(session, now, changed)
        renewed = await advance(session, subject, terms, now)
    return staff_views.PasswordChanged(session=renewed, ended_sign_ins=ended)
