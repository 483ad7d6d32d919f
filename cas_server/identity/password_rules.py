"""Pure: which passwords are refused. Length counts; no rule asks for signs or digits."""

import re
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cas_server.errors import InvalidInput

SHORTEST = 12
LONGEST = 128
SHORTEST_NAME = 4

_KNOWN = Path(__file__).with_name("known_passwords.txt")
_LOOKALIKES = str.maketrans("@4031!5$7", "aaoeiisst")
_NOT_WORD = re.compile(r"[\W_]+")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_NOT_LETTER = re.compile(r"[\W\d_]+")
# No vowels and no digits that look alike: it is read aloud, and it never makes a word.
_ONE_TIME = "bcdfghjkmnpqrstvwxz23456789"


def check(password: str, names: Iterable[str], field: str = "password") -> None:
    """InvalidInput when the password is too short, too long, well known, or tells the person."""
    if len(password) < SHORTEST:
        raise InvalidInput(field, f"must have at least {SHORTEST} characters; a sentence is good")
    if len(password) > LONGEST:
        raise InvalidInput(field, f"must have at most {LONGEST} characters")
    if _is_well_known(password):
        raise InvalidInput(field, "is on the list of passwords that are guessed first; use another")
    if _contains_name(password, names):
        raise InvalidInput(field, "contains the username or the name; use another")


def _is_well_known(password: str) -> bool:
    plain = password.casefold()
    words = _NOT_WORD.sub("", plain)
    # P@ssw0rd2024!: what is hung on at either end goes first, then the look-alikes are read.
    spelled = _NOT_LETTER.sub("", _ENDS.sub("", plain).translate(_LOOKALIKES))
    forms = {plain, words, _NOT_LETTER.sub("", words), spelled}
    return any(_unit(form) in well_known() for form in forms) or len(_unit(words)) < SHORTEST_NAME


def _unit(text: str) -> str:
    """What a text repeats: "sandi" of "sandisandi"; the text itself when it repeats nothing."""
    return text[: (text + text).find(text, 1)] if text else text


def _contains_name(password: str, names: Iterable[str]) -> bool:
    plain = _NOT_WORD.sub("", password.casefold())
    parts = (part for name in names for part in (name, *_NOT_WORD.split(name)))
    known = (_NOT_WORD.sub("", part.casefold()) for part in parts)
    return any(len(part) >= SHORTEST_NAME and part in plain for part in known)


@cache
def well_known() -> frozenset[str]:
    """The bundled list: lower case, one a line."""
    return frozenset(_KNOWN.read_text(encoding="utf-8").split())


def one_time() -> str:
    """A password to be told once and changed at the first sign-in: 76 random bits."""
    groups = ("".join(secrets.choice(_ONE_TIME) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
