"""Shapes of what a form of the registry does, told before it is done."""

from enum import StrEnum

from pydantic import Field

from cas_server.kit.wire import Wire


class EffectKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    ENDS = "ends"
    """Out of service, or closed."""
    RETURNS = "returns"
    OFF_DUTY = "off_duty"
    SIGN_INS_END = "sign_ins_end"
    MAY_SIGN_IN = "may_sign_in"
    DESA_WITHOUT = "desa_without"
    SATUAN_FOLLOW = "satuan_follow"
    PERSONIL_FOLLOW = "personil_follow"
    WILAYAH_FOLLOW = "wilayah_follow"
    SITES_FOLLOW = "sites_follow"
    ALARMS_STAY = "alarms_stay"
    DESKS_END = "desks_end"
    DESKS_RETURN = "desks_return"
    PEOPLE_END = "people_end"
    PEOPLE_RETURN = "people_return"


class Effect(Wire):
    """One thing that is another one afterwards.

    `field` with `before` and `after` tell a change; `count` how many sign-ins end or rows follow;
    `names` what is meant.
    """

    what: EffectKind
    field: str = ""
    before: str = ""
    after: str = ""
    count: int = 0
    names: list[str] = Field(default_factory=list)


def changed(field: str, before: str, after: str) -> list[Effect]:
    """One effect when the two differ, else none."""
    if before == after:
        return []
    return [Effect(what=EffectKind.CHANGED, field=field, before=before, after=after)]


def counted(what: EffectKind, count: int, after: str = "") -> list[Effect]:
    """One effect when there is anything to count; `after` is where it goes or stays."""
    return [Effect(what=what, count=count, after=after)] if count else []
