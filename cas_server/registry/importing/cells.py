"""Pure: one row's cells as values; whatever cannot be one becomes a fault."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cas_server.errors import InvalidInput
from cas_server.identity.phones import normal_phone
from cas_server.kit.geo import Position
from cas_server.registry.importing import indonesia
from cas_server.registry.importing.csv_rows import Row
from cas_server.registry.importing.faults import Faults
from cas_server.registry.importing.indonesia import Box, Whereabouts

Kind = TypeVar("Kind", bound=StrEnum)

LONGEST_TEXT = 1_000
EMERGENCY_NUMBER = re.compile(r"1\d{2}")
_NOT_IN_A_CODE = re.compile(r"[^a-z0-9]+")
_BETWEEN_WORDS = re.compile(r"[\s,;|]+")


def code_of(name: str) -> str:
    """A code as the registry keeps it: "POLSEK DANDER" is polsek-dander."""
    return _NOT_IN_A_CODE.sub("-", name.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Cells:
    """Reads a row; every reader returns something usable, also after it has added a fault."""

    row: Row
    faults: Faults

    def fault(self, column: str, sentence: str) -> None:
        self.faults.add(self.row.where, column, sentence)

    def optional(self, column: str) -> str | None:
        """The cell's text; None when it is empty or the file has no such column."""
        text = " ".join(self.row.cells.get(column, "").split())
        if len(text) > LONGEST_TEXT:
            self.fault(column, f"is longer than {LONGEST_TEXT} characters")
        if not text.isprintable():
            self.fault(column, "holds characters that cannot be shown")
        return text or None

    def text(self, column: str) -> str:
        """The cell's text, which must not be empty."""
        text = self.optional(column)
        if text is None:
            self.fault(column, "is empty")
        return text or ""

    def words(self, column: str) -> list[str]:
        """Words separated by spaces, commas or the like; sorted, each once."""
        return sorted({word for word in _BETWEEN_WORDS.split(self.optional(column) or "") if word})

    def code(self, column: str) -> str:
        """A code made of the cell's text, which must not be empty."""
        text = self.text(column)
        code = code_of(text)
        if text and not code:
            self.fault(column, "must hold letters or digits")
        return code

    def kind(self, column: str, kinds: dict[str, Kind], otherwise: Kind) -> Kind:
        """One of the words in `kinds`."""
        word = code_of(self.text(column))
        if word and word not in kinds:
            self.fault(column, f"{word} is none of: {', '.join(kinds)}")
        return kinds.get(word, otherwise)

    def phone(self, column: str, *, emergency: bool = False) -> str | None:
        """An Indonesian number as +62...; with `emergency` also a short one such as 110."""
        typed = self.optional(column)
        if typed is None or (emergency and EMERGENCY_NUMBER.fullmatch(typed)):
            return typed
        try:
            return normal_phone(typed)
        except InvalidInput:
            self.fault(column, f"{typed} is not an Indonesian phone number")
            return None

    def position(self, *, swap: bool) -> Position | None:
        """The columns lat and lon; None when both are empty or one is wrong."""
        if self.optional("lat") is None and self.optional("lon") is None:
            return None
        before = len(self.faults)
        lat, lon = self._degrees("lat"), self._degrees("lon")
        if len(self.faults) > before:
            return None
        if swap:
            lat, lon = lon, lat
        found = indonesia.whereabouts(Box(lon, lat, lon, lat))
        if found is not Whereabouts.INSIDE:
            self.fault("lat, lon", indonesia.sentence(found, swap=swap))
            return None
        return Position(lat, lon)

    def _degrees(self, column: str) -> float:
        text = self.text(column)
        if not text:
            return 0.0
        # Spreadsheets set to Indonesian write a decimal comma.
        written = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
        try:
            degrees = float(written)
        except ValueError:
            degrees = math.nan
        if not math.isfinite(degrees):
            self.fault(column, f"{text} is not a number of degrees such as -7.158968")
        return degrees
