"""A press is read field by field: no bytes at all make it fail in any way but one."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cas_server.alarm.intake import LONGEST_NOTE, Press, PressBody, read
from cas_server.alarm.views import AlarmKind
from cas_server.errors import InvalidInput

SITE = UUID(int=7)
GOOD: dict[str, Any] = {
    "position": {"lat": -7.15, "lon": 111.88, "accuracy_m": 12.5, "age_s": 3},
    "kind": "fire",
    "silent": True,
    "note": "asap tebal",
    "battery_percent": 41,
    "pressed_at": "2026-03-01T20:00:00+07:00",
    "site_id": str(SITE),
}
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def pressed(**fields: Any) -> Press:
    return read(json.dumps(fields).encode())


def names(press: Press) -> list[str]:
    return [dropped.field for dropped in press.dropped]


def test_a_good_press_is_read_whole() -> None:
    press = pressed(**GOOD)

    assert press.position is not None
    assert (press.position.position.lat, press.position.position.lon) == (-7.15, 111.88)
    assert (press.position.position.accuracy_m, press.position.age_s) == (12.5, 3)
    assert (press.kind, press.silent, press.note) == (AlarmKind.FIRE, True, "asap tebal")
    assert (press.battery_percent, press.site_id) == (41, SITE)
    assert press.pressed_at == datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert press.dropped == ()


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}"])
def test_nothing_at_all_is_a_press(body: bytes) -> None:
    press = read(body)

    assert (press.kind, press.silent) == (AlarmKind.UNKNOWN, False)
    assert (press.position, press.note, press.dropped) == (None, None, ())


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, anything)))
@example({"pressed_at": "0001-01-01T00:00:00+23:59"})
@example({"note": "\0"})
@example({"position": {"lat": 1, "lon": True, "accuracy_m": []}})
def test_whatever_stands_in_a_field_the_press_is_taken(fields: dict[str, Any]) -> None:
    press = pressed(**fields)

    assert {name.split(".")[0] for name in names(press)} <= set(fields)
    assert "\0" not in (press.note or "")
    assert len(press.note or "") <= LONGEST_NOTE


@given(st.sampled_from(sorted(GOOD)), anything)
def test_a_bad_field_costs_no_other_field(name: str, value: Any) -> None:
    press, whole = pressed(**GOOD | {name: value}), pressed(**GOOD)

    assert {one.split(".")[0] for one in names(press)} <= {name}
    for other in set(PressBody.model_fields) - {name}:
        assert getattr(press, other) == getattr(whole, other)


@given(st.binary() | st.text().map(str.encode) | anything.map(lambda v: json.dumps(v).encode()))
@example(b"[" * 200_000)
@example(b'{"note": "\xff"}')
@example(b'{"note": "\\ud800"}')
@example(b'{"note": ' + b"[" * 100_000)
@example(b'{"battery_percent": 1e999}')
def test_any_bytes_are_a_press_or_named_as_no_json_object(body: bytes) -> None:
    try:
        press = read(body)
    except InvalidInput as refused:
        assert refused.field == "body"  # noqa: PT017 - both ends are right
    else:
        assert isinstance(press, Press)


@pytest.mark.parametrize(
    ("position", "kept", "dropped"),
    [
        ({"lat": 1, "lon": 2, "accuracy_m": -1}, True, ["position.accuracy_m"]),
        ({"lat": 1, "lon": 2, "age_s": "x", "x": 1}, True, ["position.age_s", "position.x"]),
        ({"lat": 91, "lon": 2}, False, ["position.lat"]),
        ({"lon": 2}, False, ["position.lat"]),
        ("sini", False, ["position"]),
    ],
)
def test_a_position_keeps_its_place_without_its_bad_parts(
    position: Any, dropped: list[str], *, kept: bool
) -> None:
    press = pressed(position=position)

    assert (press.position is not None) is kept
    assert sorted(names(press)) == dropped


def test_a_long_note_is_kept_to_its_beginning_and_said_so() -> None:
    press = pressed(note="a" * (LONGEST_NOTE + 1))

    assert press.note == "a" * LONGEST_NOTE
    assert names(press) == ["note"]


def test_an_unknown_field_is_named_but_not_for_ever() -> None:
    assert names(pressed(**{"x" * 500: 1})) == ["x" * 64]
