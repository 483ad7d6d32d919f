"""Child processes of `cas up`: started, watched, restarted a few times, and always ended."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cas_server.embedded import Say

END_WITHIN_S = 8.0
ROUND_S = 0.2
TEND_EVERY = 10
RESTARTS = 5
LONGEST_LOG_BYTES = 50_000_000
RESTARTS_WITHIN_S = 60.0

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one child is started; `name` is what a person calls it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    needed: bool = True
    """False: when it keeps ending, the others go on without it."""


@dataclass(slots=True)
class Child:
    """A recipe and its running process."""

    recipe: Recipe
    process: subprocess.Popen[bytes]
    started_at: list[float]
    log: Path
    told: int = 0
    """How many bytes of the log a person has been shown, or need not be."""


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules with this very Python."""
    return [sys.executable, "-m", module, *arguments]


def end_with_parent() -> None:
    """Runs in the child: when `cas up` is killed with -9, the kernel ends this one too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def worth_telling(line: bytes) -> str | None:
    """One sentence for a log line that a person should see; None for all the others."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line.decode(errors="replace").strip() or None
    if not isinstance(entry, dict):
        return None
    if entry.get("event") == "sms.shown":
        return f"SMS to {entry.get('phone')}: {entry.get('text')}"
    if entry.get("level") in ("error", "critical"):
        return f"{entry.get('event')} {entry.get('exception', '')[-2000:]}".strip()
    return None


class Children:
    """All of them, in the order they were started; ended in the opposite order."""

    def __init__(self, folder: Path, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._children: list[Child] = []

    def start(self, recipe: Recipe) -> None:
        """Start one more child; what it prints goes to a file of its name in the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._folder / f"{recipe.name.removeprefix('the ').replace(' ', '-')}.log"
        log.write_bytes(b"")
        child = Child(recipe, self._spawn(recipe, log), [time.monotonic()], log)
        self._children.append(child)

    def _spawn(self, recipe: Recipe, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as written:
            return subprocess.Popen(  # noqa: S603 - only our own recipes
                recipe.command,
                env={**os.environ, **recipe.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=written,
                # A group of its own: Ctrl-C reaches only us, and we end them in order.
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def watch(self, stopping: Callable[[], bool], tend: Callable[[], None]) -> str | None:
        """Restart what dies, until told to stop; the name of a needed one that will not stay up.

        `tend` is called every 2 s: for what is watched beside the children.
        """
        rounds = 0
        while not stopping():
            if rounds % TEND_EVERY == 0:
                tend()
            rounds += 1
            if (fallen := self.look()) is not None:
                return fallen
            time.sleep(ROUND_S)
        return None

    def look(self) -> str | None:
        """One round: tell what they said, restart what died; the name of a needed one that fell."""
        for child in list(self._children):
            self._tell(child)
            if child.process.poll() is None or self._restart(child):
                continue
            if child.recipe.needed:
                return child.recipe.name
            self._say(f"{child.recipe.name} keeps ending and is left alone")
            self._children.remove(child)
        return None

    def _restart(self, child: Child) -> bool:
        now = time.monotonic()
        recent = [at for at in child.started_at if now - at < RESTARTS_WITHIN_S]
        if len(recent) > RESTARTS:
            return False
        code = child.process.returncode
        self._say(f"{child.recipe.name} ended (code {code}); starting it again")
        child.started_at = [*recent, now]
        child.process = self._spawn(child.recipe, child.log)
        return True

    def _tell(self, child: Child) -> None:
        """Show a person the lines they must act on; the rest is in the file."""
        size = child.log.stat().st_size
        if size > child.told:
            with child.log.open("rb") as log:
                log.seek(child.told)
                lines = log.read(size - child.told).split(b"\n")
            child.told = size - len(lines[-1])
            for line in lines[:-1]:
                if (sentence := worth_telling(line)) is not None:
                    self._say(f"{child.recipe.name}: {sentence}")
        if child.told > LONGEST_LOG_BYTES:
            os.truncate(child.log, 0)
            child.told = 0

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
