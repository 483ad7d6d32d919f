"""What the forms of the registry have in common: one at a time, on what was shown, in words."""

import hashlib

import asyncpg
import msgspec

from cas_server.db.session import Session
from cas_server.errors import Conflict, InvalidInput
from cas_server.registry import known

MOST_LETTERS = 100


class RegistryBusy(Conflict):
    code = "registry_busy"

    def __init__(self) -> None:
        super().__init__("a file is being imported at this moment; try again when it is in")


class ChangedMeanwhile(Conflict):
    """Two admins, or an admin and a file: whoever was shown the older state looks again."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__("somebody changed this after it was shown to you; look at it again")


class CodeTaken(Conflict):
    code = "code_taken"

    def __init__(self, code: str) -> None:
        super().__init__(f"code: {code} is taken already, here or elsewhere")

    def facts(self) -> dict[str, str]:
        return {"field": "code"}


async def take_turn(session: Session) -> None:
    """One form or file at a time: none of them is checked against what another is changing."""
    try:
        await known.lock_briefly(session)
    except asyncpg.LockNotAvailableError as error:
        raise RegistryBusy from error


def version_of(*values: object) -> str:
    """What a form must send back to show which state it was made from."""
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()[:16]


def refuse_stale(shown: str | None, stands: str) -> None:
    """ChangedMeanwhile unless the form was made from what stands now."""
    if shown != stands:
        raise ChangedMeanwhile


def words(field: str, typed: str) -> str:
    """One line of text, without spaces too many; InvalidInput names the field."""
    text = " ".join(typed.split())
    if not text:
        raise InvalidInput(field, "is empty")
    if len(text) > MOST_LETTERS:
        raise InvalidInput(field, f"is longer than {MOST_LETTERS} characters")
    if not text.isprintable():
        raise InvalidInput(field, "holds characters that cannot be shown")
    return text
