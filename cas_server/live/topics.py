"""Pure: the names under which the hub publishes, and who may join which."""

from uuid import UUID

from cas_server.identity.roles import Action, Role, relation

EVERYBODY = "everybody"
_DESK = "desk:"


def desk(satuan_path: str) -> str:
    """What the command centre of this Satuan sees."""
    return _DESK + satuan_path


def desks_above(satuan_path: str) -> list[str]:
    """Every desk that sees what happens at `satuan_path`: its own and all above it."""
    codes = satuan_path.rstrip("/").split("/")
    return [desk("/".join(codes[:depth]) + "/") for depth in range(1, len(codes) + 1)] + [desk("")]


def personil(personil_id: UUID) -> str:
    """What one Personil sees of the alarms they were called to."""
    return f"personil:{personil_id}"


def reporter(account_id: UUID) -> str:
    """What one account sees of the alarms it pressed."""
    return f"reporter:{account_id}"


def of_phone(account_id: UUID, personil_id: UUID | None) -> list[str]:
    """What somebody without a desk watches; only a Personil has the second id."""
    own = [EVERYBODY, reporter(account_id)]
    return own if personil_id is None else [*own, personil(personil_id)]


def watched_paths(topics: set[str]) -> list[str]:
    """The Satuan paths of the desks among these topics."""
    return [topic.removeprefix(_DESK) for topic in topics if topic.startswith(_DESK)]


def sees_desk(role: Role) -> bool:
    """True for roles whose picture is the command centre's."""
    return relation(role, Action.SEE_ALARMS) is not None
