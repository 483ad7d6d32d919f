"""Questions that come at the same time, answered by one call instead of one each."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """While `at_once` calls are under way, further questions wait and share the next one.

    A single question is asked at once and alone. `answer` gives one answer for each question, in
    their order; an answer that is an exception is raised for whoever asked.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]],
        *,
        at_once: int,
        most: int,
        within_s: float,
    ) -> None:
        """At most `most` questions a call; no question and no call takes longer than `within_s`."""
        self._answer = answer
        self._within_s = within_s
        self._free = at_once
        self._most = most
        self._waiting: deque[tuple[Question, asyncio.Future[Answer]]] = deque()
        # The loop itself holds its tasks only weakly.
        self._calls: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question) -> Answer:
        """The answer to one question; TimeoutError when there is none in time."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answered))
        if self._free:
            self._free -= 1
            call = asyncio.create_task(self._work())
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        async with asyncio.timeout(self._within_s):
            return await answered

    async def _work(self) -> None:
        try:
            while batch := self._next():
                await self._serve(batch)
        finally:
            self._free += 1

    def _next(self) -> list[tuple[Question, asyncio.Future[Answer]]]:
        """Who waits still, the longest first; the others have given up."""
        batch: list[tuple[Question, asyncio.Future[Answer]]] = []
        while self._waiting and len(batch) < self._most:
            question, answered = self._waiting.popleft()
            if not answered.done():
                batch.append((question, answered))
        return batch

    async def _serve(self, batch: list[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            # A call that hangs must not keep its place from those who ask later.
            async with asyncio.timeout(self._within_s):
                answers = await self._answer([question for question, _ in batch])
        except BaseException as error:
            for _, answered in batch:
                if isinstance(error, Exception):
                    _fail(answered, error)
                else:
                    answered.cancel()
            if not isinstance(error, Exception):
                raise
            return
        for (_, answered), answer in zip(batch, answers, strict=True):
            if isinstance(answer, Exception):
                _fail(answered, answer)
            elif not answered.done():
                answered.set_result(answer)


def _fail(answered: "asyncio.Future[Answer]", error: Exception) -> None:
    if not answered.done():
        answered.set_exception(error)
