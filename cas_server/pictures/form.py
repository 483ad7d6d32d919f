"""Pure: what a file is by its own bytes, and how large a picture it claims to hold.

Names and headers of a request are never asked. The size is read here because some decoders take
the memory for it as soon as they open a file.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from cas_server.errors import CasError

MOST_BYTES = 8_000_000
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1_600
"""Of the picture that is kept."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Start-of-frame markers hold the size; C4, C8 and CC are something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


class PictureRefused(CasError):
    """An upload that is no picture we take."""

    code: ClassVar[str] = "picture_refused"
    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, why: str) -> None:
        super().__init__(f"body: {why}")

    def facts(self) -> dict[str, str]:
        return {"field": "body"}


class NoPicture(PictureRefused):
    code = "no_picture"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def __init__(self) -> None:
        super().__init__("is no JPEG, PNG or WebP picture; take the photo again or send another")


class PictureBroken(PictureRefused):
    code = "picture_broken"

    def __init__(self) -> None:
        super().__init__("the picture is broken or not whole; send it again")


class PictureTooLarge(PictureRefused):
    code = "picture_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, width: int, height: int) -> None:
        self._size = f"{width}x{height}"
        super().__init__(
            f"the picture has {self._size} pixels; at most {MOST_PIXELS // 1_000_000} million "
            "are taken: send a smaller one"
        )

    def facts(self) -> dict[str, str]:
        return {**super().facts(), "pixels": self._size, "most_pixels": str(MOST_PIXELS)}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a file says of itself."""

    form: str
    width: int
    height: int


def measure(content: bytes) -> Claim:
    """The form and size of a picture; PictureRefused says what is wrong with it."""
    if not content:
        raise PictureBroken
    form, size_of = _form(content)
    try:
        width, height = size_of(content)
    except (struct.error, IndexError, ValueError) as error:
        raise PictureBroken from error
    if width < 1 or height < 1:
        raise PictureBroken
    if width * height > MOST_PIXELS:
        raise PictureTooLarge(width, height)
    return Claim(form, width, height)


def _form(content: bytes) -> tuple[str, Callable[[bytes], tuple[int, int]]]:
    if content.startswith(_JPEG):
        return "JPEG", _of_jpeg
    if content.startswith(_PNG):
        return "PNG", _of_png
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP", _of_webp
    raise NoPicture


def _of_png(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR":
        raise ValueError("a PNG begins with its header")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _of_jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while True:
        while content[at] == 0xFF:  # any number of these may stand before a marker
            at += 1
        marker = content[at]
        at += 1
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 3 : at + 7])
            return width, height
        if marker in _ALONE:
            continue
        if marker == 0xDA:
            raise ValueError("the picture begins before its size was said")
        (length,) = struct.unpack(">H", content[at : at + 2])
        at += max(2, length)
        if content[at] != 0xFF:
            raise ValueError("no marker where one must be")


def _of_webp(content: bytes) -> tuple[int, int]:
    chunk = content[12:16]
    if chunk == b"VP8X":
        wide, high, *_ = struct.unpack("<4s4s", content[23:27] + content[26:30])
        return (int.from_bytes(wide, "little") >> 8) + 1, (int.from_bytes(high, "little") >> 8) + 1
    if chunk == b"VP8L":
        (bits,) = struct.unpack("<I", content[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no known kind of WebP")
