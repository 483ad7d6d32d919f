"""One frame to many watchers, each with a bounded backlog of its own."""

import asyncio

import pytest

from cas_server.kit.turnstile import Turnstile
from cas_server.live.hub import (
    LONGEST_JOINED_CHARS,
    MOST_JOINED_CHARS,
    TOO_SLOW,
    Ended,
    Hub,
    Watcher,
    joined,
)


async def test_a_watcher_gets_every_frame_in_order() -> None:
    watcher = Watcher(8)

    for frame in ("one", "two", "three"):
        watcher.offer(frame)

    assert await watcher.take() == ["one", "two", "three"]


async def test_a_waiting_writer_is_woken_by_a_frame() -> None:
    watcher = Watcher(8)
    writer = asyncio.create_task(watcher.take())
    await asyncio.sleep(0)
    assert not writer.done()

    watcher.offer("one")

    assert await writer == ["one"]


async def test_a_cancelled_writer_loses_no_frame() -> None:
    watcher = Watcher(8)
    writer = asyncio.create_task(watcher.take())
    await asyncio.sleep(0)
    watcher.offer("one")
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer

    assert await watcher.take() == ["one"]


async def test_a_full_backlog_ends_the_watcher_at_once_and_drops_what_is_stale() -> None:
    watcher = Watcher(2)

    for frame in ("one", "two", "three"):
        watcher.offer(frame)

    assert watcher.lost
    with pytest.raises(Ended) as ended:
        await watcher.take()
    assert ended.value.code == TOO_SLOW


async def test_a_backlog_exactly_full_is_still_delivered() -> None:
    watcher = Watcher(2)

    watcher.offer("one")
    watcher.offer("two")

    assert not watcher.lost
    assert await watcher.take() == ["one", "two"]


async def test_frames_held_behind_a_snapshot_count_towards_the_backlog() -> None:
    watcher = Watcher(2)
    watcher.offer("before")
    watcher.hold()

    watcher.offer("one")
    watcher.offer("two")
    watcher.release("snapshot")

    assert watcher.lost
    with pytest.raises(Ended):
        await watcher.take()


async def test_the_snapshot_goes_before_what_happened_while_it_was_read() -> None:
    watcher = Watcher(8)
    watcher.offer("welcome")
    watcher.hold()
    watcher.hold()
    watcher.offer("change")
    assert await watcher.take() == ["welcome"]

    watcher.release("snapshot")
    watcher.offer("later")

    assert await watcher.take() == ["snapshot", "change", "later"]


async def test_a_snapshot_larger_than_the_backlog_does_not_lose_the_watcher() -> None:
    watcher = Watcher(1)
    watcher.hold()

    watcher.release("snapshot", "tick")

    assert await watcher.take() == ["snapshot", "tick"]


async def test_an_ended_watcher_sends_what_is_queued_then_closes_with_the_first_code() -> None:
    watcher = Watcher(8)
    watcher.offer("refused")

    watcher.end(4401)
    watcher.end(4400)
    watcher.offer("too late")

    assert not watcher.lost
    assert await watcher.take() == ["refused"]
    with pytest.raises(Ended) as ended:
        await watcher.take()
    assert ended.value.code == 4401


async def test_ending_wakes_a_waiting_writer() -> None:
    watcher = Watcher(8)
    writer = asyncio.create_task(watcher.take())
    await asyncio.sleep(0)

    watcher.end(4408)

    with pytest.raises(Ended):
        await writer


async def test_only_those_who_joined_a_topic_are_offered_its_frames() -> None:
    hub, desk, phone = Hub(), Watcher(8), Watcher(8)
    hub.join(desk, "desk:POLRES/")
    hub.join(phone, "personil:1")

    hub.publish("desk:POLRES/", "alarm")
    hub.publish("personil:1", "offer")
    hub.publish("nobody", "lost")

    assert await desk.take() == ["alarm"]
    assert await phone.take() == ["offer"]
    assert hub.topics() == {"desk:POLRES/", "personil:1"}


async def test_a_watcher_of_two_topics_gets_one_copy_of_a_frame_for_both() -> None:
    hub, desk = Hub(), Watcher(8)
    hub.join(desk, "one", "two")
    hub.join(desk, "two")

    hub.publish_all(["one", "two", "three"], "alarm")

    assert await desk.take() == ["alarm"]


async def test_whoever_left_is_offered_nothing_and_its_topics_are_gone() -> None:
    hub, gone, stays = Hub(), Watcher(8), Watcher(8)
    hub.join(gone, "shared", "own")
    hub.join(stays, "shared")

    hub.leave(gone)
    hub.leave(gone)
    hub.publish("shared", "alarm")
    gone.end(1000)

    assert await stays.take() == ["alarm"]
    with pytest.raises(Ended):
        await gone.take()
    assert hub.topics() == {"shared"}
    assert len(hub) == 1


async def test_one_slow_watcher_costs_the_others_nothing() -> None:
    hub, slow, quick = Hub(), Watcher(2), Watcher(2)
    hub.join(slow, "desk")
    hub.join(quick, "desk")
    seen = []

    for number in range(10):
        hub.publish("desk", str(number))
        seen += await quick.take()

    assert seen == [str(number) for number in range(10)]
    assert slow.lost
    assert not quick.lost


def test_messages_share_a_frame_one_a_line_in_their_order() -> None:
    assert list(joined(["one", "two", "three"])) == ["one\ntwo\nthree"]
    assert list(joined(["one"])) == ["one"]


def test_a_frame_that_would_grow_too_long_is_followed_by_another() -> None:
    piece = "x" * LONGEST_JOINED_CHARS
    full = [piece] * (MOST_JOINED_CHARS // LONGEST_JOINED_CHARS)

    assert list(joined([*full, "one"])) == ["\n".join(full), "one"]


def test_a_long_message_goes_by_itself_and_is_not_copied_for_each_socket() -> None:
    longer = "y" * (LONGEST_JOINED_CHARS + 1)

    frames = list(joined(["one", "two", longer, "three"]))

    assert frames == ["one\ntwo", longer, "three"]
    assert frames[1] is longer


class Line:
    """A socket that takes what it has room for, and whose writer is asleep in between."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.sent: list[list[str]] = []
        self.watcher = Watcher(8, Turnstile(100), self.send)

    def send(self, frames: list[str]) -> list[str]:
        now, rest = frames[: self.room], frames[self.room :]
        self.room -= len(now)
        if now:
            self.sent.append(now)
        return rest

    async def writer_sleeps(self) -> "asyncio.Task[list[str]]":
        task = asyncio.create_task(self.watcher.take())
        await asyncio.sleep(0)
        return task


async def test_a_free_line_is_written_to_without_its_writer_once_for_each_pass() -> None:
    line = Line(room=10)
    writer = await line.writer_sleeps()
    line.watcher.offer("a")
    line.watcher.offer("b")
    for _ in range(3):
        await asyncio.sleep(0)
    line.watcher.offer("c")
    for _ in range(3):
        await asyncio.sleep(0)

    assert line.sent == [["a", "b"], ["c"]]
    assert not writer.done()
    writer.cancel()


async def test_what_the_line_does_not_take_is_left_to_the_writer_in_order() -> None:
    line = Line(room=1)
    writer = await line.writer_sleeps()
    for frame in "abc":
        line.watcher.offer(frame)

    assert await writer == ["b", "c"]
    assert line.sent == [["a"]]


async def test_while_the_writer_is_at_work_nobody_overtakes_it() -> None:
    line = Line(room=1)
    writer = await line.writer_sleeps()
    line.watcher.offer("a")
    line.watcher.offer("b")
    assert await writer == ["b"]
    line.room = 10  # the writer has taken it and is still sending
    line.watcher.offer("c")
    for _ in range(3):
        await asyncio.sleep(0)

    assert line.sent == [["a"]]
    assert await line.watcher.take() == ["c"]


async def test_before_an_end_everything_goes_out_and_after_it_nothing() -> None:
    line = Line(room=0)
    writer = await line.writer_sleeps()
    line.watcher.offer("last word")
    line.watcher.end(4401)
    line.watcher.offer("too late")

    assert await writer == ["last word"]
    with pytest.raises(Ended) as ended:
        await line.watcher.take()
    assert ended.value.code == 4401


async def test_a_line_that_takes_nothing_loses_its_watcher_when_the_backlog_is_full() -> None:
    line = Line(room=0)
    for number in range(9):
        line.watcher.offer(str(number))

    assert line.watcher.lost
    assert line.sent == []
