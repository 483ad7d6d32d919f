"""Leaving out steps of what fails, for as long as it still fails the same way."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

MOST_TRIES = 400

Step = TypeVar("Step")


class Fewer(Generic[Step]):
    """Gives one shorter list after another; whoever plays it calls `still_fails` when it does.

    Halves are left out first, then less, at last single steps until none can be spared.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._kept = tuple(steps)
        self._less = self._kept

    def still_fails(self) -> None:
        """The list given last fails as the whole did: go on from it."""
        self._kept = self._less

    def __iter__(self) -> Iterator[tuple[Step, ...]]:
        size, tries = len(self._kept) // 2, 0
        while size and tries < MOST_TRIES:
            start, shorter = 0, False
            while start < len(self._kept) and tries < MOST_TRIES:
                tries += 1
                before = len(self._kept)
                self._less = self._kept[:start] + self._kept[start + size :]
                yield self._less
                if len(self._kept) < before:
                    shorter = True
                else:
                    start += size
            size = size if shorter and size == 1 else size // 2
