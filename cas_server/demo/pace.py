"""How quickly the simulated regency lives; tests turn it up, the demo leaves it alone."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two fixes of a phone, and what every human delay is multiplied with."""

    fix_s: tuple[float, float] = (3.0, 5.0)
    delays: float = 1.0

    async def wait(self, seconds: float) -> None:
        """As long as a person would take, at this pace."""
        await asyncio.sleep(seconds * self.delays)
