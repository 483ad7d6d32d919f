"""Sound recordings as the browsers make them, good and bad: containers without a note of music."""

import struct
from itertools import pairwise

STEP_MS = 20


def _element(name: int, content: bytes, *, is_open: bool = False) -> bytes:
    """One of WebM; an open one says that its size is not known yet, as a recorder does."""
    size = b"\x01\xff\xff\xff\xff\xff\xff\xff" if is_open else struct.pack(">I", len(content))
    if not is_open:
        size = bytes([0x10 | size[0]]) + size[1:]
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + size + content


def webm(length_ms: int = 1_000, *, kind: int = 2, codec: bytes = b"A_OPUS") -> bytes:
    """As Chromium and Firefox record: open clusters of ten seconds."""
    track = _element(0xD7, b"\x01") + _element(0x83, bytes([kind])) + _element(0x86, codec)
    tracks = _element(0x1654AE6B, _element(0xAE, track))
    about = _element(0x1549A966, _element(0x2AD7B1, (1_000_000).to_bytes(3, "big")))
    starts = [*range(0, length_ms, 10_000), length_ms + STEP_MS]
    clusters = b"".join(_cluster(start, end) for start, end in pairwise(starts))
    head = _element(0x1A45DFA3, _element(0x4282, b"webm"))
    return head + _element(0x18538067, about + tracks + clusters, is_open=True)


def _cluster(start_ms: int, end_ms: int) -> bytes:
    blocks = b"".join(
        _element(0xA3, b"\x81" + struct.pack(">hB", at - start_ms, 0x80) + b"opus")
        for at in range(start_ms, min(end_ms, start_ms + 10_000), STEP_MS)
    )
    return _element(0x1F43B675, _element(0xE7, start_ms.to_bytes(4, "big")) + blocks, is_open=True)


def ogg(length_ms: int = 1_000, *, first: bytes = b"OpusHead") -> bytes:
    """As Firefox may record."""
    heads = _page(0, first + bytes(11)) + _page(0, b"OpusTags" + bytes(8))
    return heads + _page(length_ms * 48, b"opus" * 20)


def _page(granule: int, content: bytes) -> bytes:
    head = b"OggS\x00\x00" + struct.pack("<q", granule) + b"mine" + bytes(8)
    return head + bytes([1, len(content)]) + content


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def mp4(length_ms: int = 1_000, *, handler: bytes = b"soun", in_pieces: bool = True) -> bytes:
    """As Safari and Chromium record: in fragments; or whole, as a file is written afterwards."""
    whole = 0 if in_pieces else length_ms
    about = _box(b"mdhd", bytes(12) + struct.pack(">III", 1_000, whole, 0))
    media = _box(b"mdia", about + _box(b"hdlr", bytes(8) + handler + bytes(13)))
    extends = _box(b"mvex", _box(b"trex", bytes(12) + struct.pack(">III", STEP_MS, 0, 0)))
    movie = _box(b"moov", _box(b"mvhd", bytes(100)) + _box(b"trak", media) + extends)
    run = _box(b"trun", struct.pack(">II", 0, length_ms // STEP_MS))
    fragment = _box(b"traf", _box(b"tfhd", struct.pack(">II", 0, 1)) + run)
    pieces = _box(b"moof", fragment) if in_pieces else b""
    return _box(b"ftyp", b"isom" + bytes(4)) + movie + pieces + _box(b"mdat", b"aac!" * 20)


def recording() -> bytes:
    """A plain good one."""
    return webm()
