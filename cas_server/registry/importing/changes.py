"""Pure: what a file would add, change and leave as it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeVar

from cas_server.registry.entries import (
    InstansiEntry,
    PersonilEntry,
    SatuanEntry,
    SiteEntry,
    WilayahEntry,
)

Entry = TypeVar("Entry", SatuanEntry, WilayahEntry, PersonilEntry, InstansiEntry, SiteEntry)
SHOWN = 50

_SAID = {"area_wkb": "outline", "parent_code": "parent", "satuan_code": "satuan"}
"""Field names that would puzzle whoever made the file."""


@dataclass(frozen=True, slots=True)
class Change:
    """A known row that is different now, and in what."""

    key: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do when it only checked."""

    kind: str
    stored: bool
    added: list[str]
    changed: list[Change]
    unchanged: int
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The report for a person."""
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """One line for the counts, one for each change, one for each note."""
        would = "" if self.stored else "would be "
        yield (
            f"{self.kind}: {would}{len(self.added)} added, {len(self.changed)} changed, "
            f"{self.unchanged} unchanged"
        )
        for change in self.changed[:SHOWN]:
            yield f"changed {change.key}: {', '.join(change.fields)}"
        if len(self.changed) > SHOWN:
            yield f"... and {len(self.changed) - SHOWN} more changed"
        yield from self.notes


@dataclass(frozen=True, slots=True)
class Difference(Generic[Entry]):
    """A file against the registry: `to_store` are the entries that are new or different."""

    to_store: list[Entry]
    added: list[str]
    changed: list[Change]
    unchanged: int


def compare(
    entries: Sequence[Entry], known: Mapping[str, Entry], key: Callable[[Entry], str]
) -> Difference[Entry]:
    """Each entry against the known one of the same key."""
    to_store: list[Entry] = []
    added: list[str] = []
    changed: list[Change] = []
    for entry in entries:
        old = known.get(key(entry))
        if old is None:
            added.append(key(entry))
        elif names := _different(old, entry):
            changed.append(Change(key(entry), names))
        else:
            continue
        to_store.append(entry)
    return Difference(to_store, added, changed, len(entries) - len(to_store))


def report_of(
    difference: Difference[Any], kind: str, ignored: list[str], *, stored: bool
) -> ImportReport:
    """The difference as a report; `ignored` are columns that meant nothing."""
    notes = [f"ignored columns: {', '.join(ignored)}"] if ignored else []
    return ImportReport(
        kind, stored, difference.added, difference.changed, difference.unchanged, notes
    )


def combined(report: ImportReport, other: ImportReport) -> ImportReport:
    """One report of two kinds of rows that stood in one file."""
    return replace(
        report,
        kind=f"{report.kind} and {other.kind}",
        added=[*report.added, *other.added],
        changed=[*report.changed, *other.changed],
        unchanged=report.unchanged + other.unchanged,
        notes=[*report.notes, *other.notes],
    )


def _different(old: Entry, new: Entry) -> list[str]:
    names = [each.name for each in fields(new)]
    return [
        _SAID.get(name, name)
        for name in names
        # None in bhabinkamtibmas_desa alone means "as it is".
        if getattr(old, name) != getattr(new, name)
        and not (name == "bhabinkamtibmas_desa" and getattr(new, name) is None)
    ]
