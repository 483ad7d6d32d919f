"""Second factors, passwords and open sign-ins over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from cas_server.db.session import DatabaseOf, ReadTransaction, WriteTransaction
from cas_server.identity import (
    factors,
    open_sign_ins,
    sign_in_queries,
    signing_in,
    staff_views,
    views,
)
from cas_server.identity.roles import Action
from cas_server.identity.routes import CallerOf, SettingsOf
from cas_server.identity.signing_in import Terms
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1", tags=["identity"])


async def _terms(settings: SettingsOf) -> Terms:
    return Terms.of(settings)


TermsOf = Annotated[Terms, Depends(_terms)]
Prover = Annotated[Subject, Depends(allow(Action.PROVE_FACTOR))]
SteppingUp = Annotated[Subject, Depends(allow(Action.STEP_UP))]
PasswordOwner = Annotated[Subject, Depends(allow(Action.CHANGE_PASSWORD))]
FactorSeer = Annotated[Subject, Depends(allow(Action.SEE_FACTORS))]
FactorOwner = Annotated[Subject, Depends(allow(Action.CHANGE_FACTORS))]
SignInSeer = Annotated[Subject, Depends(allow(Action.SEE_SIGN_INS))]
SignInEnder = Annotated[Subject, Depends(allow(Action.END_SIGN_INS))]


@router.post("/sessions/current/second-factor")
async def prove_factor(
    body: staff_views.FactorProof,
    subject: Prover,
    database: DatabaseOf,
    caller: CallerOf,
    terms: TermsOf,
) -> views.Session:
    """Go on signing in with a code of the authenticator app or a recovery code."""
    return await signing_in.prove_factor(database, subject, body, caller, terms)


@router.post("/sessions/current/step-up")
async def step_up(
    body: staff_views.StepUp,
    subject: SteppingUp,
    database: DatabaseOf,
    caller: CallerOf,
    terms: TermsOf,
) -> views.Session:
    """Prove again who is there; dangerous actions are then open for ten minutes."""
    return await signing_in.step_up(database, subject, body, caller, terms)


@router.get("/sessions")
async def see_sign_ins(subject: SignInSeer, session: ReadTransaction) -> list[staff_views.SignIn]:
    """Where this account is signed in, the last used first."""
    return await sign_in_queries.open_ones(
        session, subject.account_id, subject.token_hash, utc_now()
    )


@router.delete("/sessions/others")
async def end_other_sign_ins(
    subject: SignInEnder, session: WriteTransaction
) -> staff_views.EndedSignIns:
    """End every sign-in of this account but the one that asks."""
    return await open_sign_ins.end_others(session, subject, utc_now())


@router.delete("/sessions/{sign_in_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_sign_in(sign_in_id: UUID, subject: SignInEnder, session: WriteTransaction) -> None:
    """End one sign-in of this account."""
    await open_sign_ins.end_one(session, subject, sign_in_id, utc_now())


@router.post("/account/password")
async def change_password(
    body: staff_views.PasswordChange,
    subject: PasswordOwner,
    database: DatabaseOf,
    caller: CallerOf,
    terms: TermsOf,
) -> staff_views.PasswordChanged:
    """Change the password; every other sign-in ends, and the answer says how many."""
    return await signing_in.change_password(database, subject, body, caller, terms)


@router.get("/account/second-factors")
async def see_factors(subject: FactorSeer, session: ReadTransaction) -> staff_views.Factors:
    """What this account can prove itself with."""
    return await factors.see(session, subject.account_id)


@router.post("/account/totp")
async def offer_totp(
    subject: FactorOwner, session: WriteTransaction, terms: TermsOf
) -> staff_views.TotpOffer:
    """A new secret for an authenticator app; it counts once its first code is confirmed."""
    return await factors.offer_totp(session, subject, terms)


@router.post("/account/totp/confirmation")
async def confirm_totp(
    body: staff_views.TotpConfirmation,
    subject: FactorOwner,
    database: DatabaseOf,
    caller: CallerOf,
    terms: TermsOf,
) -> staff_views.FactorAdded:
    """The app's first code; with the first factor come ten recovery codes, shown this once."""
    return await factors.confirm_totp(database, subject, body, caller, terms)


@router.delete("/account/totp", status_code=HTTPStatus.NO_CONTENT)
async def drop_totp(subject: FactorOwner, session: WriteTransaction, terms: TermsOf) -> None:
    """Forget the authenticator app; refused when it is the only factor of staff."""
    await factors.drop_totp(session, subject, terms, utc_now())


@router.post("/account/recovery-codes")
async def renew_recovery_codes(
    subject: FactorOwner, database: DatabaseOf, terms: TermsOf
) -> staff_views.RecoveryCodes:
    """Ten new recovery codes; the earlier ones end."""
    return await factors.renew_recovery_codes(database, subject, terms, utc_now())
