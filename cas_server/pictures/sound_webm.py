"""Pure: how long a WebM file plays that holds one track of Opus, and nothing else.

Browsers write it while they record: sizes are left open and no length stands at its head, so the
length is the time of its last block.
"""

from dataclasses import dataclass
from enum import IntEnum

from cas_server.pictures.sound_bytes import NotThis, number


class _Is(IntEnum):
    """The elements that say something; by the numbers they have in the format."""

    EBML = 0x1A45DFA3
    DOC_TYPE = 0x4282
    SEGMENT = 0x18538067
    ABOUT = 0x1549A966
    SCALE = 0x2AD7B1
    TRACKS = 0x1654AE6B
    TRACK = 0xAE
    TRACK_TYPE = 0x83
    CODEC = 0x86
    CLUSTER = 0x1F43B675
    TIME = 0xE7
    GROUP = 0xA0
    BLOCK = 0xA1
    SIMPLE_BLOCK = 0xA3


# Their children are read; all else is stepped over.
_OPENED = frozenset(
    {_Is.EBML, _Is.SEGMENT, _Is.CLUSTER, _Is.GROUP, _Is.TRACKS, _Is.TRACK, _Is.ABOUT}
)
_MAY_BE_OPEN = frozenset({_Is.SEGMENT, _Is.CLUSTER})
_MOST_ELEMENTS = 20_000
_AUDIO = 2
_NS_PER_MS = 1_000_000


@dataclass(slots=True)
class _Told:
    """What was read so far."""

    doc_type: bytes = b""
    scale_ns: int = _NS_PER_MS
    cluster_at: int = 0
    last: int = -1
    tracks: int = 0
    codec: bytes = b""


def length_ms(content: bytes) -> int:
    """NotThis when it is broken, has a track that is no sound, or has none."""
    told, at = _Told(), 0
    for _ in range(_MOST_ELEMENTS):
        if at == len(content):
            break
        at = _element(content, at, told)
    else:
        raise NotThis
    if told.doc_type != b"webm" or told.tracks != 1 or told.codec != b"A_OPUS" or told.last < 0:
        raise NotThis
    return told.last * told.scale_ns // _NS_PER_MS


def _element(content: bytes, at: int, told: _Told) -> int:
    """Where the next element begins; the children of some are next."""
    name, at = _name(content, at)
    size, at = _size(content, at)
    if name in _OPENED and (size is not None or name in _MAY_BE_OPEN):
        told.tracks += name == _Is.TRACK
        return at
    if size is None or at + size > len(content):
        raise NotThis
    _take(told, name, content[at : at + size])
    return at + size


def _take(told: _Told, name: int, value: bytes) -> None:
    match name:
        case _Is.DOC_TYPE:
            told.doc_type = value.rstrip(b"\x00")
        case _Is.SCALE:
            told.scale_ns = int.from_bytes(value, "big")
        case _Is.TIME:
            told.cluster_at = int.from_bytes(value, "big")
        case _Is.CODEC:
            told.codec = value.rstrip(b"\x00")
        case _Is.TRACK_TYPE:
            if int.from_bytes(value, "big") != _AUDIO:
                raise NotThis
        case _Is.SIMPLE_BLOCK | _Is.BLOCK:
            told.last = max(told.last, told.cluster_at + _block_time(value))


def _block_time(block: bytes) -> int:
    _, at = _size(block, 0)
    number(block, at, 2)
    return int.from_bytes(block[at : at + 2], "big", signed=True)


def _name(content: bytes, at: int) -> tuple[int, int]:
    first = number(content, at, 1)
    length = 9 - first.bit_length()
    if length > 4:
        raise NotThis
    return number(content, at, length), at + length


def _size(content: bytes, at: int) -> tuple[int | None, int]:
    """None: it is open, and ends where something begins that cannot be in it."""
    first = number(content, at, 1)
    length = 9 - first.bit_length()
    if first == 0:
        raise NotThis
    all_ones = (1 << 7 * length) - 1
    size = number(content, at, length) & all_ones
    return (None if size == all_ones else size), at + length
