"""Child processes of `cas up`: started, watched, restarted, replaced, and always ended."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cas_server.embedded import Say
from cas_server.handover import Left, Turn, Word

END_WITHIN_S = 8.0
READY_WITHIN_S = 60.0
SPARE_AFTER_S = 3.0
"""Not at once: whoever needs the server is to start first."""
RESTARTS = 5
LONGEST_LOG_BYTES = 50_000_000
RESTARTS_WITHIN_S = 60.0
LIVED_S = 20.0
"""Who has lived so long can work: whatever kills it later, it is started again for ever."""
PACE_S = 5.0
"""Between two starts of one that keeps ending."""

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one child is started; `name` is what a person calls it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    needed: bool = True
    """False: when it keeps ending, the others go on without it."""
    sockets: Sequence[socket.socket] = ()
    """It inherits them, and they outlive it: who connects while it is started again waits."""
    says_ready: bool = False
    """So that it can be replaced: the new one works before the old one is told to end."""
    has_spare: bool = False
    """Another one waits beside it, loaded, and takes its place at once when it dies."""


@dataclass(slots=True)
class Heir:
    """A process that will take the place of another once it says that it is ready."""

    process: subprocess.Popen[bytes]
    word: Word
    ready_until: float


@dataclass(slots=True)
class Spare:
    """A process that has loaded everything and waits for its turn."""

    process: subprocess.Popen[bytes]
    turn: Turn


@dataclass(slots=True)
class Child:
    """A recipe and its running process."""

    recipe: Recipe
    process: subprocess.Popen[bytes]
    started_at: list[float]
    log: Path
    told: int = 0
    """How many bytes of the log a person has been shown, or need not be."""
    has_lived: bool = False
    heir: Heir | None = None
    spare: Spare | None = None
    spare_at: float = 0.0
    """When the next spare may be started."""


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


def _note_start(child: Child) -> None:
    now = time.monotonic()
    child.started_at.append(now)
    child.spare_at = now + SPARE_AFTER_S


class Children:
    """All of them, in the order they were started; ended in the opposite order."""

    def __init__(self, folder: Path, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._children: list[Child] = []
        # They were told to end: each with the time when it is made to.
        self._leaving: list[tuple[subprocess.Popen[bytes], float]] = []
        self._failure: str | None = None

    def start(self, recipe: Recipe) -> None:
        """Start one more child; what it prints goes to a file of its name in the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._folder / f"{recipe.name.removeprefix('the ').replace(' ', '-')}.log"
        log.write_bytes(b"")
        child = Child(recipe, self._spawn(recipe, log, Left(recipe.sockets)), [], log)
        _note_start(child)
        self._children.append(child)

    def _spawn(self, recipe: Recipe, log: Path, left: Left) -> subprocess.Popen[bytes]:
        with log.open("ab") as written:
            return subprocess.Popen(  # noqa: S603 - only our own recipes
                recipe.command,
                env={**os.environ, **recipe.environment, **left.environment()},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=written,
                pass_fds=left.descriptors(),
                # A group of its own: Ctrl-C reaches only us, and we end them in order.
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def replace(self) -> None:
        """Begin to replace whatever can be; `look` sees it through, the old ones work meanwhile."""
        self._failure = None
        for child in self._children:
            if child.recipe.says_ready and child.heir is None:
                word = Word.awaited()
                process = self._spawn(child.recipe, child.log, Left(child.recipe.sockets, word))
                os.close(word.told_on)
                child.heir = Heir(process, word, time.monotonic() + READY_WITHIN_S)

    @property
    def replacing(self) -> bool:
        """True until all that `replace` began has come to something."""
        return any(child.heir is not None for child in self._children)

    @property
    def failure(self) -> str | None:
        """Why something could not be replaced the last time."""
        return self._failure

    def look(self) -> str | None:
        """One round: tell what they said, restart what died; the name of a needed one that fell."""
        self._force_late_ones()
        for child in list(self._children):
            self._tell(child)
            if child.heir is not None:
                self._hand_over(child, child.heir)
            if child.process.poll() is None:
                self._keep_spare(child)
                continue
            if self._restart(child):
                continue
            if child.recipe.needed:
                return child.recipe.name
            self._say(f"{child.recipe.name} keeps ending and is left alone")
            self._children.remove(child)
        return None

    def _hand_over(self, child: Child, heir: Heir) -> None:
        """The heir takes over when it is ready, or when there is nobody left to wait for it."""
        late = time.monotonic() > heir.ready_until
        if heir.process.poll() is not None or late:
            heir.process.kill()
            self._failure = f"the new one of {child.recipe.name} did not get ready"
            self._say(self._failure)
        elif heir.word.is_given() or child.process.poll() is not None:
            child.process.terminate()
            self._leaving.append((child.process, time.monotonic() + END_WITHIN_S))
            child.process, child.started_at = heir.process, []
            _note_start(child)
            self._say(f"{child.recipe.name} was replaced")
            self._dismiss_spare(child)  # it has loaded what was there before
        else:
            return
        heir.word.close()
        child.heir = None

    def _force_late_ones(self) -> None:
        now = time.monotonic()
        for process, until in self._leaving:
            if now > until:
                process.kill()
        self._leaving = [each for each in self._leaving if each[0].poll() is None]

    def _restart(self, child: Child) -> bool:
        now = time.monotonic()
        recent = [at for at in child.started_at if now - at < RESTARTS_WITHIN_S]
        child.has_lived |= now - child.started_at[-1] > LIVED_S
        often = len(recent) > RESTARTS
        if often and not child.has_lived:
            return False
        if often and now - recent[-1] < PACE_S:
            return True
        code = child.process.returncode
        self._say(f"{child.recipe.name} ended (code {code}); starting it again")
        child.started_at = recent
        _note_start(child)
        child.process = self._next(child)
        return True

    def _next(self, child: Child) -> subprocess.Popen[bytes]:
        spare, child.spare = child.spare, None
        if spare is None:
            return self._spawn(child.recipe, child.log, Left(child.recipe.sockets))
        spare.turn.give()
        return spare.process

    def _keep_spare(self, child: Child) -> None:
        now = time.monotonic()
        if child.spare is not None:
            if child.spare.process.poll() is not None:
                self._dismiss_spare(child)
                child.spare_at = now + SPARE_AFTER_S
        elif child.recipe.has_spare and child.heir is None and now >= child.spare_at:
            turn = Turn.kept_back()
            left = Left(child.recipe.sockets, turn=turn)
            child.spare = Spare(self._spawn(child.recipe, child.log, left), turn)
            os.close(turn.waited_on)

    def _dismiss_spare(self, child: Child) -> None:
        if child.spare is not None:
            os.close(child.spare.turn.given_on)
            child.spare.process.terminate()
            self._leaving.append((child.spare.process, time.monotonic() + END_WITHIN_S))
            child.spare = None

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
        for child in self._children:
            self._dismiss_spare(child)
        heirs = [child.heir.process for child in self._children if child.heir is not None]
        running = [child.process for child in reversed(self._children)]
        processes = [*heirs, *running, *(process for process, _ in self._leaving)]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + END_WITHIN_S
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
