"""Play a schedule and undo it; when it fails, leave out steps for as long as it still fails."""

from dataclasses import dataclass, replace

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from tests.simulation.ground import Ground, OneTransaction, ids_in_order
from tests.simulation.schedule import Schedule
from tests.simulation.shrink import Fewer
from tests.simulation.world import Broken, World

HOWEVER_LONG = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0"
"""A machine that gives a sweep no processor for a while is no fault of what is played."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that did not hold, the schedule that shows it, and what happened in it."""

    what: str
    schedule: Schedule
    story: tuple[str, ...]
    at_s: float

    @property
    def rule(self) -> str:
        return self.what.split(" (")[0]

    def __str__(self) -> str:
        return "\n".join([
            f"seed {self.schedule.seed}: {self.what}",
            "the steps:", str(self.schedule),
            "what happened:", *self.story[-40:],
            f"again:   make simulate SEED={self.schedule.seed}",
        ])  # fmt: skip


@dataclass(slots=True)
class Stage:
    """Where schedules are played, one after another; `steps` were checked in the last of them."""

    database: Database
    bell: Bell
    ground: Ground
    steps: int = 0

    async def play(self, schedule: Schedule) -> Failure | None:
        """Everything that it writes is rolled back."""
        async with self.database.transaction() as session:
            session.discard()
            await session.sql.execute(HOWEVER_LONG)
            alone = OneTransaction(session.sql, self.database.vault)
            world = World(alone, self.bell, self.ground, schedule)
            try:
                with ids_in_order():
                    await world.play()
            except Broken as broken:
                return Failure(str(broken), schedule, tuple(world.story), world.now_s)
            finally:
                self.steps = len(world.story)
        return None

    async def shrink(self, failure: Failure) -> Failure:
        """The same rule broken by as few steps as leaving some out can reach."""
        within = [step for step in failure.schedule.steps if step.at_s <= failure.at_s]
        search = Fewer(within)
        for steps in search:
            found = await self.play(replace(failure.schedule, steps=steps))
            if found is not None and found.rule == failure.rule:
                failure = found
                search.still_fails()
        return failure
