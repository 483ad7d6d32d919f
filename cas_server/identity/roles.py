"""Pure: the permission table. Every route and every topic names one action of it."""

from enum import StrEnum


class Role(StrEnum):
    MASYARAKAT = "masyarakat"
    INSTANSI = "instansi"
    PERSONIL = "personil"
    OPERATOR = "operator"
    PIMPINAN = "pimpinan"
    ADMIN = "admin"


class Relation(StrEnum):
    """How far a permission reaches."""

    OWN = "own"
    """What the account itself made or is."""
    OWN_SITE = "own_site"
    """The same, and the sites of the Instansi it is."""
    OFFERED = "offered"
    """Alarms the Personil was called to."""
    SUBTREE = "subtree"
    """Everything at the account's Satuan and below: such a transaction runs behind the wall."""
    ALL = "all"
    """Everywhere: what has no owner, and calls that come from anywhere."""


class Action(StrEnum):
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    PROVE_FACTOR = "prove_factor"
    STEP_UP = "step_up"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - an action, not a password
    SEE_FACTORS = "see_factors"
    CHANGE_FACTORS = "change_factors"
    SEE_SIGN_INS = "see_sign_ins"
    END_SIGN_INS = "end_sign_ins"
    SEE_ACCOUNT = "see_account"
    DISOWN_DEVICE = "disown_device"
    ACTIVATE_DEVICE = "activate_device"
    ERASE_ACCOUNT = "erase_account"
    SEE_MAP = "see_map"
    SEE_CONTACTS = "see_contacts"
    SEE_HEALTH = "see_health"
    SEE_METRICS = "see_metrics"
    SEE_EVIDENCE = "see_evidence"
    REGISTER_DEVICE = "register_device"
    WATCH = "watch"

    PRESS = "press"
    REGISTER_PRESS_KEY = "register_press_key"
    FOLLOW_OWN_ALARM = "follow_own_alarm"
    CANCEL_ALARM = "cancel_alarm"
    ADD_PICTURE = "add_picture"

    BE_ON_DUTY = "be_on_duty"
    ANSWER_OFFER = "answer_offer"
    RESPOND = "respond"
    REPORT = "report"
    RECEIVE_DRILL = "receive_drill"

    PRESS_FOR_CALLER = "press_for_caller"
    SEE_ALARMS = "see_alarms"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    CLOSE_ALARM = "close_alarm"
    MERGE_ALARMS = "merge_alarms"
    HAND_ALARM = "hand_alarm"
    REVEAL_REPORTER = "reveal_reporter"
    SEE_PICTURES = "see_pictures"
    SEE_PERSONIL = "see_personil"
    SEE_TRACKS = "see_tracks"
    CONFIRM_DEVICE = "confirm_device"
    SEE_INSTANSI = "see_instansi"
    SEE_RULES = "see_rules"
    CHANGE_RULES = "change_rules"
    IMPORT = "import"
    SEE_REGISTRY = "see_registry"
    CHANGE_REGISTRY = "change_registry"
    ANSWER_DRILL = "answer_drill"
    AGREE_DRILLS = "agree_drills"

    SEE_OWN_SITES = "see_own_sites"
    KEEP_LINE = "keep_line"
    DRILL = "drill"
    MANAGE_INSTANSI = "manage_instansi"
    HAND_OVER = "hand_over"


_EVERYONE = dict.fromkeys(Role, Relation.ALL)
_THEMSELVES = dict.fromkeys(Role, Relation.OWN)
_REPORTERS = {
    Role.MASYARAKAT: Relation.OWN,
    Role.INSTANSI: Relation.OWN,
    Role.PERSONIL: Relation.OWN,
}
_DESK = {Role.OPERATOR: Relation.SUBTREE, Role.PIMPINAN: Relation.SUBTREE}
_STAFF = {**_DESK, Role.ADMIN: Relation.SUBTREE}
_STAFF_THEMSELVES = dict.fromkeys(_STAFF, Relation.OWN)

STAFF = frozenset(_STAFF)
"""Who signs in with a second factor."""

PERMISSIONS: dict[Action, dict[Role, Relation]] = {
    Action.SIGN_IN: _EVERYONE,
    Action.SIGN_OUT: _THEMSELVES,
    Action.PROVE_FACTOR: _STAFF_THEMSELVES,
    Action.STEP_UP: _THEMSELVES,
    Action.CHANGE_PASSWORD: _THEMSELVES,
    Action.SEE_FACTORS: _STAFF_THEMSELVES,
    Action.CHANGE_FACTORS: _STAFF_THEMSELVES,
    Action.SEE_SIGN_INS: _THEMSELVES,
    Action.END_SIGN_INS: _THEMSELVES,
    Action.SEE_ACCOUNT: _THEMSELVES,
    # Not behind a step-up: whoever has only a phone number proved it when they signed in.
    Action.DISOWN_DEVICE: _REPORTERS,
    Action.ACTIVATE_DEVICE: {Role.PERSONIL: Relation.OWN},
    Action.ERASE_ACCOUNT: {Role.MASYARAKAT: Relation.OWN, Role.INSTANSI: Relation.OWN},
    Action.SEE_MAP: _EVERYONE,
    # Who can be telephoned where one stands: police numbers, and never where anybody is.
    Action.SEE_CONTACTS: _EVERYONE,
    Action.SEE_HEALTH: _EVERYONE,
    # Counts without names; read on the machine itself, or with a token that is nobody's.
    Action.SEE_METRICS: _EVERYONE,
    Action.SEE_EVIDENCE: _EVERYONE,
    Action.REGISTER_DEVICE: _THEMSELVES,
    Action.WATCH: {**_REPORTERS, **_STAFF},
    Action.PRESS: {**_REPORTERS, Role.INSTANSI: Relation.OWN_SITE},
    Action.REGISTER_PRESS_KEY: _REPORTERS,
    Action.FOLLOW_OWN_ALARM: _REPORTERS,
    Action.CANCEL_ALARM: _REPORTERS,
    Action.ADD_PICTURE: _REPORTERS,
    Action.BE_ON_DUTY: {Role.PERSONIL: Relation.OWN},
    Action.ANSWER_OFFER: {Role.PERSONIL: Relation.OFFERED},
    Action.RESPOND: {Role.PERSONIL: Relation.OFFERED},
    Action.REPORT: {Role.PERSONIL: Relation.OFFERED},
    Action.RECEIVE_DRILL: {Role.PERSONIL: Relation.OWN},
    # Whoever answers the telephone takes the call, also when it is for the Polres next door.
    Action.PRESS_FOR_CALLER: dict.fromkeys(_DESK, Relation.ALL),
    Action.SEE_ALARMS: _STAFF,
    Action.ACKNOWLEDGE: _DESK,
    Action.ASSIGN: _DESK,
    Action.CLOSE_ALARM: _DESK,
    Action.MERGE_ALARMS: _DESK,
    Action.HAND_ALARM: _DESK,
    Action.REVEAL_REPORTER: {**_DESK, Role.PERSONIL: Relation.OFFERED},
    Action.SEE_PICTURES: {**_DESK, **_REPORTERS, Role.PERSONIL: Relation.OFFERED},
    Action.SEE_PERSONIL: _STAFF,
    Action.SEE_TRACKS: _DESK,
    Action.CONFIRM_DEVICE: _STAFF,
    Action.SEE_INSTANSI: _STAFF,
    Action.SEE_RULES: _STAFF,
    Action.CHANGE_RULES: {Role.ADMIN: Relation.SUBTREE},
    # A file may speak of any Satuan: only an admin of the topmost one is let through.
    Action.IMPORT: {Role.ADMIN: Relation.ALL},
    Action.SEE_REGISTRY: {Role.ADMIN: Relation.SUBTREE},
    Action.CHANGE_REGISTRY: {Role.ADMIN: Relation.SUBTREE},
    Action.ANSWER_DRILL: _DESK,
    Action.AGREE_DRILLS: _DESK,
    Action.SEE_OWN_SITES: {Role.INSTANSI: Relation.OWN_SITE},
    Action.KEEP_LINE: {Role.INSTANSI: Relation.OWN_SITE},
    Action.DRILL: {Role.INSTANSI: Relation.OWN_SITE},
    # Of those only the manager; the rest are told that it is theirs.
    Action.MANAGE_INSTANSI: {Role.INSTANSI: Relation.OWN_SITE},
    Action.HAND_OVER: _DESK,
}
assert PERMISSIONS.keys() == set(Action), "every action needs its row"

DANGEROUS: dict[Action, frozenset[Role]] = {
    Action.CHANGE_FACTORS: STAFF,
    Action.END_SIGN_INS: frozenset(Role),
    # A Personil on the way to a reporter has nothing at hand to prove, and only while on the alarm.
    Action.REVEAL_REPORTER: STAFF,
    Action.CHANGE_RULES: STAFF,
    Action.IMPORT: STAFF,
    Action.CHANGE_REGISTRY: STAFF,
}
"""Actions for which a role needs a proof not older than ten minutes: the step-up."""


BEFORE_CONFIRMATION = frozenset(
    {Action.PRESS, Action.SEE_ACCOUNT, Action.SIGN_OUT, Action.ACTIVATE_DEVICE}
)
"""What a Personil may do on a new device until a superior has confirmed it."""


def needs_proof(role: Role, action: Action) -> bool:
    """True when `role` must have shown lately who it is before it may do `action`."""
    return role in DANGEROUS.get(action, frozenset())


def relation(role: Role, action: Action) -> Relation | None:
    """How far `role` may do `action`; None when not at all."""
    return PERMISSIONS[action].get(role)
