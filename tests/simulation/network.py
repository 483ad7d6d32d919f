"""The push service of a schedule: it answers as its weather is, and phones hear of it later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cas_server.push.message import PushMessage
from cas_server.push.port import Answer, DeadToken, Delivered, Device, Refused, Retry

BUSY_AFTER = timedelta(seconds=90)
"""What the service asks for when it answers 429."""

Heard = Callable[[UUID, UUID], None]
"""Called with the account whose phone was reached, and the offer it was told of."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One message to one device, and whether it is to be tried again, and how late at least."""

    device_id: UUID
    facts: tuple[tuple[str, str], ...]
    again: bool
    after: timedelta | None = None


class SimulatedPush:
    """A PushPort without a network."""

    def __init__(self, heard: Heard) -> None:
        self.weather = "clear"
        self.asked: list[Asked] = []
        self._heard = heard

    async def send(self, message: PushMessage, device: Device) -> Answer:
        answer = self._answer()
        again = answer is None or isinstance(answer, Retry)
        after = answer.after if isinstance(answer, Retry) else None
        facts = tuple(sorted(message.data.items()))
        self.asked.append(Asked(device.id, facts, again, after))
        if answer is None:
            raise TimeoutError("the push service hangs")
        told = message.data["kind"] == "offer" and "offer_id" in message.data
        if isinstance(answer, Delivered) and told and self.weather == "clear":
            self._heard(device.account_id, UUID(message.data["offer_id"]))
        return answer

    def _answer(self) -> Answer | None:
        """None for a service that never answers."""
        match self.weather:
            case "busy":
                return Retry(BUSY_AFTER, "429")
            case "broken":
                return Retry(None, "500")
            case "hanging":
                return None
            case "dead":
                return DeadToken("unregistered")
            case "refusing":
                return Refused("400")
            case _:  # clear; lying says the same and brings nothing
                return Delivered("sent")

    async def run(self) -> None:
        return None

    async def close(self) -> None:
        return None
