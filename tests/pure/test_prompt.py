"""A frame that is written beside the library is the one the library would write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from cas_server.kit.prompt_line import Shared
from cas_server.web.prompt import text_frame


def by_the_library(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_every_length_has_the_head_of_its_size(size: int) -> None:
    assert text_frame("x" * size) == by_the_library("x" * size)


@given(st.text(max_size=300))
def test_any_text_is_sent_as_utf_8(text: str) -> None:
    assert text_frame(text) == by_the_library(text)


def test_what_is_shared_is_framed_once_whatever_is_sent_in_between() -> None:
    picture = Shared("gambar")
    first = text_frame(picture)
    for number in range(10):
        text_frame(f"tick {number}")

    assert first == by_the_library("gambar")
    assert text_frame(picture) is first
