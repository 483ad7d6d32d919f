"""What a client knows, by the rules every client follows: newer versions win, snapshots replace."""

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]


@dataclass
class Picture:
    """Keyed by id; `heard` are ids that changed since this connection began."""

    alarms: dict[str, Message] = field(default_factory=dict)
    personil: dict[str, Message] = field(default_factory=dict)
    offers: dict[str, Message] = field(default_factory=dict)
    own_alarms: dict[str, Message] = field(default_factory=dict)
    duty: Message | None = None
    heard: set[str] = field(default_factory=set)
    ended: dict[str, int] = field(default_factory=dict)

    def apply(self, message: Message) -> None:
        """Take one frame from the server."""
        match message["type"]:
            case "welcome":
                self.heard = set()
            case "desk.snapshot":
                alarms = [one for one in message["alarms"] if not self._is_over(one)]
                self.alarms = self._overlap(self.alarms, _by(alarms, "id"))
                left = self.heard - self.personil.keys()
                shown = [one for one in message["personil"] if one["personil_id"] not in left]
                heard = {key: self.personil[key] for key in self.heard & self.personil.keys()}
                self.personil = _by(shown, "personil_id") | heard
            case "personil.snapshot":
                self.offers = self._overlap(self.offers, _by(message["offers"], "offer_id"))
                self.own_alarms = self._overlap(self.own_alarms, _by(message["alarms"], "id"))
                if "duty" not in self.heard:
                    self.duty = message["duty"]
            case "reporter.snapshot":
                self.own_alarms = self._overlap(self.own_alarms, _by(message["alarms"], "id"))
            case _:
                self._change(message)

    def _change(self, message: Message) -> None:
        match message["type"]:
            case "alarm.changed":
                self._alarm(message["alarm"])
            case "offer.changed":
                self._newer(self.offers, message["offer"], "offer_id")
            case "own_alarm.changed":
                self._newer(self.own_alarms, message["alarm"], "id")
            case "duty.changed":
                self.duty = message["duty"]
                self.heard.add("duty")
            case "personil.moved" | "personil.left":
                self._moved(message)
            case kind:
                assert kind in ("tick", "refused", "drill.changed"), f"an unknown message: {kind}"

    def _moved(self, message: Message) -> None:
        moved = _by(message.get("personil", []), "personil_id")
        gone = message.get("personil_ids", [])
        self.personil = {
            key: one for key, one in (self.personil | moved).items() if key not in gone
        }
        self.heard |= {*moved, *gone}

    def _alarm(self, alarm: Message) -> None:
        if self._is_over(alarm):
            return
        self._newer(self.alarms, alarm, "id")
        if alarm["closed"] is not None:
            self.alarms.pop(alarm["id"])
            self.ended[alarm["id"]] = alarm["version"]

    def _newer(self, known: dict[str, Message], word: Message, key: str) -> None:
        if word[key] not in known or known[word[key]]["version"] < word["version"]:
            known[word[key]] = word
            self.heard.add(word[key])

    def _overlap(self, known: dict[str, Message], shown: dict[str, Message]) -> dict[str, Message]:
        for key in self.heard & known.keys():
            if key not in shown or known[key]["version"] > shown[key]["version"]:
                shown[key] = known[key]
        return shown

    def _is_over(self, alarm: Message) -> bool:
        version: int = alarm["version"]
        return self.ended.get(alarm["id"], -1) >= version


def _by(items: list[Message], key: str) -> dict[str, Message]:
    return {item[key]: item for item in items}
