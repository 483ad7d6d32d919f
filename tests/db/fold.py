"""An alarm as its story tells it: the journal alone, read from the first line to the last."""

from dataclasses import dataclass, field
from typing import Any

from cas_server.journal.queries import Entry

ENDS_OFFER = {
    "offer.declined": "declined",
    "offer.expired": "expired",
    "offer.stood_down": "stood_down",
    "offer.superseded": "stood_down",
}
TAKES_UP = ("offer.accepted", "personil.assigned")
ORDER = ("accepted", "en_route", "on_scene")


@dataclass
class Told:
    """What must be known after reading; offers by id, responders (part, state) by Personil."""

    offers: dict[str, str] = field(default_factory=dict)
    responders: dict[str, tuple[str, str]] = field(default_factory=dict)
    acknowledged: bool = False
    cancelled: bool = False
    duress: bool = False
    closed: bool = False
    reports: dict[str, str] = field(default_factory=dict)
    """What each Personil said it was."""

    @property
    def status(self) -> str:
        if self.cancelled:
            return "cancelled"
        if self.closed:
            return "resolved"
        active = {state for _, state in self.responders.values()} - {"released"}
        return max(active, key=ORDER.index) if active else "raised"

    def read(self, entry: Entry) -> None:
        """Take one line of the story."""
        said: dict[str, Any] = entry.payload
        if entry.kind == "offer.made":
            self.offers[said["offer_id"]] = "open"
        elif entry.kind in ENDS_OFFER:
            self.offers[said["offer_id"]] = ENDS_OFFER[entry.kind]
        elif entry.kind in TAKES_UP:
            self.offers[said["offer_id"]] = "accepted"
            self.responders[said["personil_id"]] = (said["part"], "accepted")
        elif entry.kind == "report.filed":
            self.reports[said["personil_id"]] = said["disposition"]
        elif entry.kind == "responder.promoted":
            _, state = self.responders[said["personil_id"]]
            self.responders[said["personil_id"]] = ("primary", state)
        elif entry.kind.startswith("responder."):
            part, _ = self.responders[said["personil_id"]]
            self.responders[said["personil_id"]] = (part, entry.kind.removeprefix("responder."))
        else:
            self._read_alarm(entry.kind, said)

    def _read_alarm(self, kind: str, said: dict[str, Any]) -> None:
        match kind:
            case "alarm.acknowledged":
                self.acknowledged = True
            case "alarm.duress":
                self.duress, self.acknowledged = True, False
            case "alarm.separated" | "alarm.handed_over" if said["rings"]:
                self.acknowledged = False
            case "alarm.cancelled":
                self.cancelled = True
            case "alarm.closed":
                self.closed = True
                self.responders = {
                    who: (part, "released") for who, (part, _) in self.responders.items()
                }
