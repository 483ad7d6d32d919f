"""Pure: how far a sign-in has come, and what it may do until it is complete."""

from enum import StrEnum

from cas_server.identity.roles import STAFF, Action, Role


class Stage(StrEnum):
    SECOND_FACTOR_NEEDED = "second_factor_needed"
    PASSWORD_CHANGE_NEEDED = "password_change_needed"  # noqa: S105 - a stage, not a password
    ENROL_SECOND_FACTOR = "enrol_second_factor"
    COMPLETE = "complete"


# Signing out is always possible, and a press is never refused. A password that leaked must not be
# enough to change anything, so a known second factor is asked for before everything else.
_ALWAYS = frozenset({Action.SIGN_OUT, Action.PRESS})
ALLOWED: dict[Stage, frozenset[Action]] = {
    Stage.SECOND_FACTOR_NEEDED: _ALWAYS | {Action.PROVE_FACTOR},
    Stage.PASSWORD_CHANGE_NEEDED: _ALWAYS | {Action.CHANGE_PASSWORD},
    Stage.ENROL_SECOND_FACTOR: _ALWAYS
    | {Action.STEP_UP, Action.SEE_FACTORS, Action.CHANGE_FACTORS},
    Stage.COMPLETE: frozenset(Action),
}
assert ALLOWED.keys() == set(Stage), "every stage needs its row"


def demands_factor(role: Role, *, account_is_demo: bool, house_is_demo: bool) -> bool:
    """True when this account must have a second factor.

    Demo accounts have one password that everybody is told, in a demo; elsewhere they are staff.
    """
    return role in STAFF and not (account_is_demo and house_is_demo)


def next_stage(*, has_factor: bool, proved: bool, must_change: bool, demanded: bool) -> Stage:
    """What a sign-in has to do next; `proved` when a second factor was shown in this sign-in."""
    if has_factor and not proved:
        return Stage.SECOND_FACTOR_NEEDED
    if must_change:
        return Stage.PASSWORD_CHANGE_NEEDED
    if demanded and not has_factor:
        return Stage.ENROL_SECOND_FACTOR
    return Stage.COMPLETE
