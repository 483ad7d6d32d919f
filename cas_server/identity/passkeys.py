"""Passkeys: enrolled by staff, and enough to sign in alone, because the device checks its user."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cas_server.db.session import Database, Session
from cas_server.errors import CasError, Conflict, NotFound
from cas_server.identity import (
    brake,
    factor_queries,
    recovery,
    sign_in_queries,
    staff_views,
    tickets,
    views,
)
from cas_server.identity.factor_queries import StoredPasskey
from cas_server.identity.factors import LastFactor, changeable, note_added, note_dropped
from cas_server.identity.service import Caller
from cas_server.identity.signing_in import Terms, advance, of_beginnings, open_session
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.settings import Settings

CHALLENGE_HOLDS = timedelta(minutes=5)
ENROL, SIGN_IN = "passkey.enrol", "passkey.sign_in"
_BAD = (WebAuthnException, ValueError, TypeError, KeyError, RecursionError)


class PasskeyRefused(CasError):
    """Not known, not for this place, not its user, or an old challenge: no more is said."""

    code = "passkey_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("credential: this passkey was not accepted; begin again")

    def facts(self) -> dict[str, str]:
        return {"field": "credential"}


class Place:
    """The address that passkeys are bound to: one made for another place does not work here."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.reached_at)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.rp_id = parts.hostname or "localhost"


async def begin_enrolment(
    session: Session, subject: Subject, terms: Terms, place: Place, now: datetime
) -> staff_views.PasskeyOptions:
    """What the browser needs to make a passkey for this account."""
    standing = await changeable(session, subject, terms)
    known = await factor_queries.passkeys(session, subject.account_id)
    options = webauthn.generate_registration_options(
        rp_id=place.rp_id,
        rp_name="CAS",
        user_id=subject.account_id.bytes,
        user_name=standing.username or subject.name,
        user_display_name=subject.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each.id) for each in known],
    )
    payload = {"account_id": str(subject.account_id)}
    await tickets.issue(session, options.challenge, ENROL, payload, now + CHALLENGE_HOLDS)
    return staff_views.PasskeyOptions(options=json.loads(options_to_json(options)))


async def enrol(
    database: Database,
    subject: Subject,
    made: staff_views.NewPasskey,
    place: Place,
    terms: Terms,
    now: datetime,
) -> staff_views.FactorAdded:
    """Keep the public half of a new passkey; with the first factor come recovery codes."""
    try:
        credential = parse_registration_credential_json(made.credential)
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
        checked = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except _BAD as error:
        raise PasskeyRefused from error
    codes = recovery.new_codes()
    hashes = await recovery.all_hashed(subject.account_id, codes)
    new = StoredPasskey(
        id=checked.credential_id,
        account_id=subject.account_id,
        public_key=checked.credential_public_key,
        sign_count=checked.sign_count,
        name=made.name,
        created_at=now,
    )
    async with database.transaction() as session:
        standing = await changeable(session, subject, terms)
        asked = await tickets.take(session, challenge, ENROL, now)
        if asked is None or UUID(asked["account_id"]) != subject.account_id:
            raise PasskeyRefused
        if not await factor_queries.store_passkey(session, new):
            raise Conflict("this passkey is known already")
        is_first = await note_added(session, standing, subject, "passkey", now)
        if is_first:
            await factor_queries.replace_recovery(session, subject.account_id, hashes)
        renewed = await advance(session, subject, terms, now)
    return staff_views.FactorAdded(session=renewed, recovery_codes=codes if is_first else [])


async def begin_sign_in(
    session: Session, place: Place, caller: Caller
) -> staff_views.PasskeyOptions:
    """A challenge for whichever passkey the person has here; no username is asked for."""
    await brake.count(session, of_beginnings(caller.address), caller.now)
    options = webauthn.generate_authentication_options(
        rp_id=place.rp_id, user_verification=UserVerificationRequirement.REQUIRED
    )
    ends = caller.now + CHALLENGE_HOLDS
    await tickets.issue(session, options.challenge, SIGN_IN, {}, ends)
    return staff_views.PasskeyOptions(options=json.loads(options_to_json(options)))


async def sign_in(
    session: Session, given: staff_views.PasskeySignIn, place: Place, caller: Caller, terms: Terms
) -> views.Session:
    """A session for a passkey: possession and, on the device, finger, face or PIN."""
    known = await _checked(session, given.credential, place, caller.now)
    await brake.release(session, of_beginnings(caller.address), caller.now)
    standing = await sign_in_queries.standing_locked(session, known.account_id)
    stage = terms.stage(standing, proved=True)
    return await open_session(session, standing, stage, (given.device, caller), terms)


async def step_up(
    session: Session,
    subject: Subject,
    given: staff_views.PasskeyProof,
    at: tuple[Place, Terms],
    caller: Caller,
) -> views.Session:
    """The right person is there now, by a passkey of their own."""
    place, terms = at
    known = await _checked(session, given.credential, place, caller.now)
    if known.account_id != subject.account_id:
        raise PasskeyRefused
    await brake.release(session, of_beginnings(caller.address), caller.now)
    proved = Event("account.stepped_up", actor_id=subject.account_id)
    await journal.append(session, caller.now, proved)
    return await advance(session, subject, terms, caller.now)


async def _checked(
    session: Session, given: dict[str, Any], place: Place, now: datetime
) -> StoredPasskey:
    """The passkey that answered a challenge of ours; its counter is taken on."""
    try:
        credential = parse_authentication_credential_json(given)
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
    except _BAD as error:
        raise PasskeyRefused from error
    known = await factor_queries.passkey(session, credential.raw_id)
    if known is None or await tickets.take(session, challenge, SIGN_IN, now) is None:
        raise PasskeyRefused
    try:
        checked = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except _BAD as error:
        raise PasskeyRefused from error
    await factor_queries.use_passkey(session, known.id, checked.new_sign_count, now)
    return known


async def drop(
    session: Session, subject: Subject, passkey_id: str, terms: Terms, now: datetime
) -> None:
    """Forget a passkey, unless it is the only factor of somebody who needs one."""
    standing = await changeable(session, subject, terms)
    known = await factor_queries.passkeys(session, subject.account_id)
    if terms.demand(standing) and not standing.has_totp and len(known) == 1:
        raise LastFactor
    try:
        found = await factor_queries.drop_passkey(
            session, subject.account_id, base64url_to_bytes(passkey_id)
        )
    except ValueError:
        found = False
    if not found:
        raise NotFound("passkey", passkey_id)
    await note_dropped(session, subject, "passkey", now)
