"""Second factors are added, seen and taken away by whoever they belong to."""

from datetime import datetime
from uuid import UUID

from webauthn.helpers import bytes_to_base64url

from cas_server.db.session import Database, ReadSession, Session
from cas_server.errors import Conflict, NotFound
from cas_server.identity import (
    brake,
    factor_queries,
    recovery,
    sign_in_queries,
    staff_views,
    totp,
)
from cas_server.identity.service import Caller
from cas_server.identity.sign_in_queries import Standing
from cas_server.identity.signing_in import (
    DemoAccount,
    Terms,
    WrongFactor,
    advance,
    of_proofs,
)
from cas_server.identity.stage import Stage
from cas_server.identity.subject import SignInIncomplete, Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event


class LastFactor(Conflict):
    code = "last_factor"

    def __init__(self) -> None:
        super().__init__("this is your only second factor; add another one first")


class NothingOffered(Conflict):
    code = "nothing_offered"

    def __init__(self) -> None:
        super().__init__("ask for a new secret first; this one was not offered or is in use")


async def see(session: ReadSession, account_id: UUID) -> staff_views.Factors:
    """What the account can prove itself with."""
    return staff_views.Factors(
        totp=await factor_queries.has_totp(session, account_id),
        passkeys=[
            staff_views.Passkey(
                id=bytes_to_base64url(each.id),
                name=each.name,
                created_at=each.created_at,
                last_used_at=each.last_used_at,
            )
            for each in await factor_queries.passkeys(session, account_id)
        ],
        recovery_codes_left=await factor_queries.recovery_left(session, account_id),
    )


async def changeable(session: Session, subject: Subject, terms: Terms) -> Standing:
    """The account, locked, if this sign-in may change its factors."""
    standing = await sign_in_queries.standing_locked(session, subject.account_id)
    if terms.is_shared(standing):
        raise DemoAccount
    # Somebody with the password alone must not add a factor beside one that was added meanwhile.
    if subject.stage is Stage.ENROL_SECOND_FACTOR and standing.has_factor:
        raise SignInIncomplete(Stage.SECOND_FACTOR_NEEDED)
    return standing


async def offer_totp(session: Session, subject: Subject, terms: Terms) -> staff_views.TotpOffer:
    """A new secret for an authenticator app; it counts from its first code on."""
    standing = await changeable(session, subject, terms)
    secret = totp.new_secret()
    await factor_queries.offer_totp(session, subject.account_id, secret)
    uri = totp.uri(secret, standing.username or subject.name)
    return staff_views.TotpOffer(secret=totp.as_text(secret), uri=uri)


async def confirm_totp(
    database: Database,
    subject: Subject,
    asked: staff_views.TotpConfirmation,
    caller: Caller,
    terms: Terms,
) -> staff_views.FactorAdded:
    """The app's first code: from now on its codes are asked for."""
    now = caller.now
    async with database.transaction() as session:
        await brake.count(session, of_proofs(subject.account_id), now)
        pending = await factor_queries.pending_totp(session, subject.account_id)
    if pending is None:
        raise NothingOffered
    step = totp.step_of(pending.secret, asked.code, now)
    if step is None:
        raise WrongFactor
    codes = recovery.new_codes()
    hashes = await recovery.all_hashed(subject.account_id, codes)
    async with database.transaction() as session:
        await brake.release(session, of_proofs(subject.account_id), now)
        standing = await changeable(session, subject, terms)
        if not await factor_queries.confirm_totp(session, subject.account_id, pending, step):
            raise NothingOffered
        is_first = await note_added(session, standing, subject, "totp", now)
        if is_first:
            await factor_queries.replace_recovery(session, subject.account_id, hashes)
        renewed = await advance(session, subject, terms, now)
    return staff_views.FactorAdded(session=renewed, recovery_codes=codes if is_first else [])


async def note_added(
    session: Session, before: Standing, subject: Subject, kind: str, now: datetime
) -> bool:
    """Write a new factor down. The first one ends every sign-in that was made without it."""
    added = Event("account.factor_added", actor_id=subject.account_id, payload={"kind": kind})
    await journal.append(session, now, added)
    if not before.has_factor:
        await sign_in_queries.end_others(session, subject.account_id, subject.token_hash, now)
    return not before.has_factor


async def drop_totp(session: Session, subject: Subject, terms: Terms, now: datetime) -> None:
    """Forget the authenticator app, unless it is the only factor of somebody who needs one."""
    standing = await changeable(session, subject, terms)
    if terms.demand(standing) and not standing.has_passkey:
        raise LastFactor
    if not await factor_queries.drop_totp(session, subject.account_id):
        raise NotFound("authenticator app", "of this account")
    await note_dropped(session, subject, "totp", now)


async def note_dropped(session: Session, subject: Subject, kind: str, now: datetime) -> None:
    dropped = Event("account.factor_dropped", actor_id=subject.account_id, payload={"kind": kind})
    await journal.append(session, now, dropped)


async def renew_recovery_codes(
    database: Database, subject: Subject, terms: Terms, now: datetime
) -> staff_views.RecoveryCodes:
    """Ten new codes; those shown before are good for nothing."""
    codes = recovery.new_codes()
    hashes = await recovery.all_hashed(subject.account_id, codes)
    async with database.transaction() as session:
        standing = await changeable(session, subject, terms)
        if not standing.has_factor:
            raise Conflict("recovery codes stand in for a second factor; add one first")
        await factor_queries.replace_recovery(session, subject.account_id, hashes)
        renewed = Event("account.recovery_codes_renewed", actor_id=subject.account_id)
        await journal.append(session, now, renewed)
    return staff_views.RecoveryCodes(recovery_codes=codes)
