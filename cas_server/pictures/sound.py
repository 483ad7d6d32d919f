"""Pure: whether a file is a short sound recording, by its own bytes, and how long it plays.

What browsers record is taken: Opus in WebM or Ogg, AAC or Opus in MP4. It is not decoded here:
its container is walked to the end, and what is no recording, or one with a picture, is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from cas_server.errors import CasError
from cas_server.pictures import sound_mp4, sound_ogg, sound_webm
from cas_server.pictures.sound_bytes import NotThis

MOST_BYTES = 1_500_000
"""Thirty seconds by a browser that asks nobody how finely it should record."""
LONGEST_MS = 35_000
"""A recording of 30 s and what a slow phone needs to end it."""


class SoundRefused(CasError):
    """An upload that is no sound we take."""

    code: ClassVar[str] = "sound_refused"
    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, why: str) -> None:
        super().__init__(f"body: {why}")

    def facts(self) -> dict[str, str]:
        return {"field": "body"}


class NoSound(SoundRefused):
    code = "no_sound"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def __init__(self) -> None:
        super().__init__("is no sound in WebM, Ogg or MP4; record it again")


class SoundBroken(SoundRefused):
    code = "sound_broken"

    def __init__(self) -> None:
        super().__init__("the recording is broken, empty or holds more than sound; record it again")


class SoundTooLong(SoundRefused):
    code = "sound_too_long"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, length_ms: int) -> None:
        self._length_ms = length_ms
        super().__init__(
            f"the recording plays {length_ms / 1_000:.0f} s; at most {LONGEST_MS // 1_000} s are "
            "taken: record a shorter one"
        )

    def facts(self) -> dict[str, str]:
        return {
            **super().facts(),
            "length_ms": str(self._length_ms),
            "longest_ms": str(LONGEST_MS),
        }


@dataclass(frozen=True, slots=True)
class Sound:
    """What a recording is."""

    media_type: str
    length_ms: int


def heard(content: bytes) -> Sound:
    """The form and length of a recording; SoundRefused says what is wrong with it."""
    media_type, length_of = _form(content)
    try:
        length_ms = length_of(content)
    except (NotThis, IndexError, ValueError) as error:
        raise SoundBroken from error
    if length_ms > LONGEST_MS:
        raise SoundTooLong(length_ms)
    return Sound(media_type, length_ms)


def _form(content: bytes) -> tuple[str, Callable[[bytes], int]]:
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return "audio/webm", sound_webm.length_ms
    if content.startswith(b"OggS"):
        return "audio/ogg", sound_ogg.length_ms
    if content[4:8] == b"ftyp":
        return "audio/mp4", sound_mp4.length_ms
    if not content:
        raise SoundBroken
    raise NoSound
