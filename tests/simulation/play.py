"""Play a schedule and undo it; when it fails, leave out steps for as long as it still fails."""

from dataclasses import dataclass

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from tests.simulation.ground import Ground, OneTransaction
from tests.simulation.schedule import Schedule
from tests.simulation.world import Broken, World

MOST_TRIES = 400


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
            alone = OneTransaction(session.sql, self.database.vault)
            world = World(alone, self.bell, self.ground, schedule)
            try:
                await world.play()
            except Broken as broken:
                return Failure(str(broken), schedule, tuple(world.story), world.now_s)
            finally:
                self.steps = len(world.story)
        return None

    async def shrink(self, failure: Failure) -> Failure:
        """The same rule broken by as few steps as leaving some out can reach."""
        ends_s = failure.at_s
        later = sum(step.at_s > ends_s for step in failure.schedule.steps)
        whole = len(failure.schedule.steps)
        found = await self.play(failure.schedule.without(range(whole - later, whole)))
        if found is not None and found.rule == failure.rule:
            failure = found
        size, tries = len(failure.schedule.steps) // 2, 0
        while size and tries < MOST_TRIES:
            start, shorter = 0, False
            while start < len(failure.schedule.steps) and tries < MOST_TRIES:
                tries += 1
                less = failure.schedule.without(range(start, start + size))
                found = await self.play(less)
                if found is not None and found.rule == failure.rule:
                    failure, shorter = found, True
                else:
                    start += size
            size = size if shorter and size == 1 else size // 2
        return failure
