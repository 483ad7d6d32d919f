"""Who may do what: the table, row by row, and what must never be in it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cas_server.errors import NotAllowed
from cas_server.identity.roles import PERMISSIONS, Action, Relation, Role, relation
from cas_server.identity.subject import Subject

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
DESK = {Role.OPERATOR, Role.PIMPINAN}
STAFF = {*DESK, Role.ADMIN}
REPORTERS = {Role.MASYARAKAT, Role.INSTANSI, Role.PERSONIL}


def subject(role: Role, scope: str = "session") -> Subject:
    return Subject(
        account_id=uuid4(),
        role=role,
        name="Budi",
        holder_id=uuid4(),
        satuan_id=None,
        satuan_path="",
        demo=False,
        scope=scope,
        expires_at=NOW,
    )


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        (Action.PRESS, REPORTERS),
        (Action.FOLLOW_OWN_ALARM, REPORTERS),
        (Action.BE_ON_DUTY, {Role.PERSONIL}),
        (Action.ANSWER_OFFER, {Role.PERSONIL}),
        (Action.RESPOND, {Role.PERSONIL}),
        (Action.PRESS_FOR_CALLER, DESK),
        (Action.ACKNOWLEDGE, DESK),
        (Action.ASSIGN, DESK),
        (Action.CLOSE_ALARM, DESK),
        (Action.CANCEL_ALARM, REPORTERS),
        (Action.SEE_ALARMS, STAFF),
        (Action.SEE_PERSONIL, STAFF),
        (Action.SEE_TRACKS, DESK),
        (Action.SEE_INSTANSI, STAFF),
        (Action.WATCH, set(Role)),
        (Action.REGISTER_DEVICE, set(Role)),
        (Action.SEE_ACCOUNT, set(Role)),
        (Action.DISOWN_DEVICE, REPORTERS),
        (Action.ACTIVATE_DEVICE, {Role.PERSONIL}),
        (Action.REVEAL_REPORTER, {*DESK, Role.PERSONIL}),
        (Action.SIGN_IN, set(Role)),
        (Action.SIGN_OUT, set(Role)),
        (Action.STEP_UP, set(Role)),
        (Action.CHANGE_PASSWORD, set(Role)),
        (Action.SEE_SIGN_INS, set(Role)),
        (Action.END_SIGN_INS, set(Role)),
        (Action.PROVE_FACTOR, STAFF),
        (Action.SEE_FACTORS, STAFF),
        (Action.CHANGE_FACTORS, STAFF),
        (Action.SEE_MAP, set(Role)),
        (Action.SEE_HEALTH, set(Role)),
    ],
)
def test_an_action_is_allowed_to_exactly_these_roles(action: Action, roles: set[Role]) -> None:
    assert {role for role in Role if relation(role, action)} == roles
    assert {role for role in Role if subject(role).may(action)} == roles


def test_every_action_is_in_the_table() -> None:
    assert PERMISSIONS.keys() == set(Action)


@pytest.mark.parametrize("action", [Action.SEE_ALARMS, Action.SEE_PERSONIL, Action.ACKNOWLEDGE])
def test_staff_reach_no_further_than_their_subtree(action: Action) -> None:
    assert {relation(role, action) for role in STAFF} <= {Relation.SUBTREE, None}


@pytest.mark.parametrize("action", [Action.ANSWER_OFFER, Action.RESPOND])
def test_personil_reach_only_alarms_they_were_offered(action: Action) -> None:
    assert relation(Role.PERSONIL, action) is Relation.OFFERED


@pytest.mark.parametrize("role", Role)
def test_a_press_only_credential_presses_and_does_nothing_else(role: Role) -> None:
    allowed = {action for action in Action if subject(role, scope="press").may(action)}

    assert allowed == ({Action.PRESS} if role in REPORTERS else set())


def test_a_sign_in_is_fresh_until_it_ends() -> None:
    assert subject(Role.OPERATOR).fresh(NOW - timedelta(seconds=1))
    assert not subject(Role.OPERATOR).fresh(NOW)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PERSONIL])
def test_only_a_personil_acts_as_personil(role: Role) -> None:
    with pytest.raises(NotAllowed):
        _ = subject(role).personil_id
