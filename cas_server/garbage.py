"""How often a long-lived process looks for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""With thousands of sockets, Python's own 700, 10, 10 spent a sixth of the processor on looking,
and stopped all presses for up to 0.4 s when it looked through everything."""


@contextmanager
def loading() -> Iterator[None]:
    """Load the program in here: what it makes will stay, so nobody need look through it, ever."""
    gc.disable()
    yield
    gc.enable()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
