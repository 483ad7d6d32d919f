"""Pure: how long an MP4 file plays that holds one track of sound, and nothing else.

Whole files say their length in `mdhd`; those written while they were recorded come in fragments,
and the length is the sum of what stands in these.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cas_server.pictures.sound_bytes import NotThis, number

# Boxes whose children are read; all else is stepped over.
_OPENED = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf", b"mvex"})
_MOST_BOXES = 20_000
_DEFAULT_TICKS, _BASE, _DESCRIPTION = 0x08, 0x01, 0x02
_RUN_OFFSET, _RUN_FIRST, _RUN_TICKS, _RUN_SIZE, _RUN_FLAGS, _RUN_TIME = (
    0x001, 0x004, 0x100, 0x200, 0x400, 0x800,
)  # fmt: skip


@dataclass(slots=True)
class _Told:
    """What was read so far; times in ticks."""

    per_s: int = 0
    whole: int = 0
    of_fragments: int = 0
    default: int = 0
    in_this: int = 0
    tracks: int = 0
    has_sound: bool = False


def length_ms(content: bytes) -> int:
    """NotThis when it is broken, has a track that is no sound, or has none."""
    told = _Told()
    for kind, body in _boxes(content):
        _take(told, kind, body)
    ticks = told.of_fragments or told.whole
    if told.tracks != 1 or not told.has_sound or told.per_s == 0 or ticks == 0:
        raise NotThis
    return ticks * 1_000 // told.per_s


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """One after the other; what is in an opened one comes after its own empty body."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at == len(content):
            return
        size, kind, head = number(content, at, 4), content[at + 4 : at + 8], 8
        if size == 1:
            size, head = number(content, at + 8, 8), 16
        if size < head or at + size > len(content):
            raise NotThis
        if kind in _OPENED:
            yield kind, b""
            at += head
        else:
            yield kind, content[at + head : at + size]
            at += size
    raise NotThis


def _take(told: _Told, kind: bytes, body: bytes) -> None:
    match kind:
        case b"trak":
            told.tracks += 1
        case b"hdlr" if told.tracks:
            if body[8:12] != b"soun":
                raise NotThis
            told.has_sound = True
        case b"mdhd":
            wide = number(body, 0, 1) == 1
            told.per_s = number(body, 20 if wide else 12, 4)
            told.whole = number(body, 24, 8) if wide else number(body, 16, 4)
        case b"trex":
            told.default = number(body, 12, 4)
        case b"tfhd":
            told.in_this = _fragment_default(body, told.default)
        case b"trun":
            told.of_fragments += _run(body, told.in_this)


def _fragment_default(body: bytes, default: int) -> int:
    flags = number(body, 1, 3)
    if not flags & _DEFAULT_TICKS:
        return default
    return number(body, 8 + 8 * bool(flags & _BASE) + 4 * bool(flags & _DESCRIPTION), 4)


def _run(body: bytes, default: int) -> int:
    """How long the samples of one run play."""
    flags, samples = number(body, 1, 3), number(body, 4, 4)
    if not flags & _RUN_TICKS:
        return samples * default
    begins = 8 + 4 * bool(flags & _RUN_OFFSET) + 4 * bool(flags & _RUN_FIRST)
    each = 4 * sum(bool(flags & one) for one in (_RUN_TICKS, _RUN_SIZE, _RUN_FLAGS, _RUN_TIME))
    if begins + samples * each > len(body):
        raise NotThis
    return sum(number(body, begins + each * one, 4) for one in range(samples))
