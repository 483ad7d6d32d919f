"""What is wrong with a file: every fault with its place, its field and one sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from cas_server.errors import CasError

SHOWN = 50
"""Nobody reads more at once; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` is "line 7" or "feature 12 (35.22.15.2001)"; `field` may be empty."""

    where: str
    field: str
    sentence: str

    def line(self) -> str:
        """The fault as one line for a person."""
        return ": ".join(part for part in (self.where, self.field, self.sentence) if part)


class ImportFaulty(CasError):
    """Nothing of the file was stored."""

    code = "import_faulty"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        sentence = f"{count} in the file; nothing was stored"
        super().__init__("\n".join([sentence, *self.lines()]))

    def lines(self) -> Iterator[str]:
        """The first faults, and how many more there are."""
        for fault in self.faults[:SHOWN]:
            yield fault.line()
        if len(self.faults) > SHOWN:
            yield f"... and {len(self.faults) - SHOWN} more"


class Faults:
    """Collects faults while a file is checked, so that all of them are told at once."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, where: str, field: str, sentence: str) -> None:
        self._found.append(Fault(where, field, sentence))

    def __len__(self) -> int:
        return len(self._found)

    def stop_if_any(self) -> None:
        """Raise all of them; what comes next needs a file without faults so far."""
        if self._found:
            raise ImportFaulty(self._found)
