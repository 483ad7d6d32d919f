"""What no change of the registry may do: leave an alarm or a Wilayah without a desk."""

from uuid import UUID

from cas_server.administration import satuan_queries as queries
from cas_server.db.session import ReadSession
from cas_server.errors import Conflict


class AlarmsOpen(Conflict):
    """Whoever waits for help is not handed about by a form."""

    code = "alarms_open"

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = ", ".join(map(str, numbers))
        super().__init__(f"alarms are open there ({self.numbers}); close them first")

    def facts(self) -> dict[str, str]:
        return {"alarms": self.numbers}


class NoDeskLeft(Conflict):
    code = "no_desk_left"

    def __init__(self, names: list[str]) -> None:
        self.names = ", ".join(names)
        super().__init__(f"no operator could sign in for the Wilayah of {self.names}")

    def facts(self) -> dict[str, str]:
        return {"names": self.names}


async def refuse_without(session: ReadSession, known: dict[UUID, str]) -> None:
    """NoDeskLeft when a Satuan has lost its desks that had one before, when `known` had none."""
    lost = {name for one, name in (await queries.without_desk(session)).items() if one not in known}
    if lost:
        raise NoDeskLeft(sorted(lost))
