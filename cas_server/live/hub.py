"""Topics and bounded backlogs: one frame to many watchers, and none of them waits for another."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from cas_server.kit.turnstile import Turnstile

TOO_SLOW = 1013
"""Close code "try again later": a fresh snapshot is cheaper and truer than a stale queue."""

Frame = str
"""A message already encoded. Text, because that is what ASGI takes and a browser parses."""

MOST_JOINED_CHARS = 64_000
"""A frame of several messages grows no longer."""
LONGEST_JOINED_CHARS = 4_000
"""Longer messages go by themselves: joined, each socket would have its own copy of them."""


def joined(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The same messages in fewer frames, one a line: each frame costs more than its bytes.

    No message holds a line break, for they are JSON without white space.
    """
    waiting: list[Frame] = []
    chars = 0
    for frame in frames:
        alone = len(frame) > LONGEST_JOINED_CHARS
        if waiting and (alone or chars + len(frame) > MOST_JOINED_CHARS):
            yield "\n".join(waiting)
            waiting, chars = [], 0
        if alone:
            yield frame
        else:
            waiting.append(frame)
            chars += len(frame)
    if waiting:
        yield "\n".join(waiting)


class Ended(Exception):
    """This watcher gets nothing more; close its socket with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ended with {code}")
        self.code = code


Send = Callable[[list[Frame]], list[Frame]]
"""Sends at once what the line takes without waiting, and gives back the rest."""


class Watcher:
    """What waits for one socket. Whoever publishes calls `offer`; the one writer calls `take`.

    Where it is told how to send, the writer is left asleep as long as the line is free: waking a
    thousand of them costs more than what they write. `post` goes round once in each pass of the
    loop, so that what happens in one pass shares a frame.
    """

    # Ten thousand are there at a time: no dictionary each, and nothing that waits to be filled.
    __slots__ = ("_backlog", "_due", "_end", "_held", "_overflowed", "_post", "_send", "_waiting",
                 "_writer")  # fmt: skip

    def __init__(
        self, backlog: int, post: Turnstile | None = None, send: Send | None = None
    ) -> None:
        self._backlog = backlog
        self._post = post
        self._send = send
        self._due = False
        self._waiting: list[Frame] = []
        # Frames that arrive while a snapshot is read; None when none is being read.
        self._held: list[Frame] | None = None
        self._end: int | None = None
        self._overflowed = False
        # What the writer waits for; None before it has waited at all.
        self._writer: asyncio.Future[None] | None = None

    @property
    def lost(self) -> bool:
        """True once the backlog was full; look from outside: a writer stuck in `send` cannot."""
        return self._overflowed

    def offer(self, frame: Frame) -> None:
        """Queue a frame; a full backlog loses the watcher, never the publisher's time."""
        if self._end is not None:
            return
        if len(self._waiting) + len(self._held or ()) >= self._backlog:
            self._lose()
        elif self._held is not None:
            self._held.append(frame)
        else:
            self._waiting.append(frame)
            self._stir()

    def hold(self) -> None:
        """Keep back what is offered from now on, because a snapshot is about to be read."""
        if self._held is None:
            self._held = []

    def release(self, *first: Frame) -> None:
        """Let the snapshot go out first, then all that was held back behind it."""
        held, self._held = self._held or [], None
        if self._end is None:
            self._waiting.extend(first)
            self._waiting.extend(held)
            self._stir()

    def end(self, code: int) -> None:
        """Nothing more after what is queued now."""
        if self._end is None:
            self._end = code
            self._wake()

    def part(self) -> None:
        """The socket is gone: forget how to send."""
        self._send = None

    async def take(self) -> list[Frame]:
        """Every waiting frame in order, at least one; Ended when there will be no more."""
        while not self._waiting:
            if self._end is not None:
                raise Ended(self._end)
            self._writer = asyncio.get_running_loop().create_future()
            await self._writer
        frames, self._waiting = self._waiting, []
        return frames

    def _stir(self) -> None:
        if self._send is None or self._post is None:
            self._wake()
        elif not self._due:
            self._due = True
            self._post.enter(self._deliver)

    def _deliver(self) -> None:
        self._due = False
        asleep = self._writer is not None and not self._writer.done()
        if asleep and self._waiting and self._send is not None:
            self._waiting = self._send(self._waiting)
        if self._waiting:
            self._wake()

    def _wake(self) -> None:
        if self._writer is not None and not self._writer.done():
            self._writer.set_result(None)

    def _lose(self) -> None:
        self._overflowed = True
        self._end = TOO_SLOW
        self._waiting.clear()
        self._held = None
        self._wake()


class Hub:
    """Who watches what, in this process."""

    def __init__(self) -> None:
        # A dict as an ordered set: iterating it is quick and its order is that of joining.
        self._watchers: dict[str, dict[Watcher, None]] = {}
        self._topics: dict[Watcher, set[str]] = {}

    def join(self, watcher: Watcher, *topics: str) -> None:
        """From now on the watcher is offered what is published there; joining twice is once."""
        joined = self._topics.setdefault(watcher, set())
        for topic in topics:
            self._watchers.setdefault(topic, {})[watcher] = None
            joined.add(topic)

    def leave(self, watcher: Watcher) -> None:
        """Leave every topic; harmless when there is none."""
        for topic in self._topics.pop(watcher, ()):
            watchers = self._watchers[topic]
            del watchers[watcher]
            if not watchers:
                del self._watchers[topic]

    def publish(self, topic: str, frame: Frame) -> None:
        """Offer an encoded frame to everyone there; never waits."""
        for watcher in self._watchers.get(topic, ()):
            watcher.offer(frame)

    def publish_all(self, topics: Iterable[str], frame: Frame) -> None:
        """The same for several topics, once for each watcher however many of them it joined."""
        watchers = {w: None for topic in topics for w in self._watchers.get(topic, ())}
        for watcher in watchers:
            watcher.offer(frame)

    def topics(self) -> set[str]:
        """Topics that somebody watches: what need not be read for anybody else."""
        return set(self._watchers)

    def __len__(self) -> int:
        """How many watchers have joined something."""
        return len(self._topics)
