"""Child processes of `cas up`: started, watched, restarted a few times, and always ended."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cas_server.embedded import Say

END_WITHIN_S = 8.0
RESTARTS = 5
RESTARTS_WITHIN_S = 60.0

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one child is started; `name` is what a person calls it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


@dataclass(slots=True)
class Child:
    """A recipe and its running process."""

    recipe: Recipe
    process: subprocess.Popen[bytes]
    started_at: list[float] = field(default_factory=list)


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules with this very Python."""
    return [sys.executable, "-m", module, *arguments]


def _end_with_parent() -> None:
    """Runs in the child: when `cas up` is killed with -9, the kernel ends this one too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """All of them, in the order they were started; ended in the opposite order."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._children: list[Child] = []

    def start(self, recipe: Recipe) -> None:
        """Start one more child."""
        self._children.append(Child(recipe, self._spawn(recipe), [time.monotonic()]))

    def _spawn(self, recipe: Recipe) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - only our own recipes
            recipe.command,
            env={**os.environ, **recipe.environment},
            stdin=subprocess.DEVNULL,
            # A group of its own: Ctrl-C reaches only us, and we end them in order.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    def watch(self, stopping: Callable[[], bool], tend: Callable[[], None]) -> str | None:
        """Restart what dies, until told to stop; the name of one that will not stay up.

        `tend` is called in every round: for what is watched beside the children.
        """
        while not stopping():
            tend()
            for child in self._children:
                if child.process.poll() is not None and not self._restart(child):
                    return child.recipe.name
            time.sleep(0.2)
        return None

    def _restart(self, child: Child) -> bool:
        now = time.monotonic()
        recent = [at for at in child.started_at if now - at < RESTARTS_WITHIN_S]
        if len(recent) > RESTARTS:
            return False
        code = child.process.returncode
        self._say(f"{child.recipe.name} ended (code {code}); starting it again")
        child.started_at = [*recent, now]
        child.process = self._spawn(child.recipe)
        return True

    def end_all(self) -> None:
        """End every child: politely first, by force after END_WITHIN_S."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + END_WITHIN_S
        for child in reversed(self._children):
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
