"""Phone numbers are written one way, and only Indonesian ones are taken."""

import pytest

from cas_server.errors import InvalidInput
from cas_server.identity.phones import normal_phone


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("081234567890", "+6281234567890"),
        ("+62 812-3456-7890", "+6281234567890"),
        ("0353 881110", "+62353881110"),
    ],
)
def test_a_number_is_written_the_same_way_however_it_was_typed(typed: str, normal: str) -> None:
    assert normal_phone(typed) == normal


@pytest.mark.parametrize("typed", ["", "polisi", "08123", "+1 202 555 0100", "0812345678901234567"])
def test_what_is_no_indonesian_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        normal_phone(typed)
