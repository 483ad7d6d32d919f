"""Pure: read a press field by field. What cannot be used is dropped and named; the rest counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter, ValidationError

from cas_server.alarm.views import AlarmKind, Dropped
from cas_server.errors import InvalidInput
from cas_server.kit.geo import Position
from cas_server.kit.wire import Wire

LONGEST_NOTE = 2_000
LONGEST_PHONE = 40
LONGEST_TEXT = {"note": LONGEST_NOTE, "callback_phone": LONGEST_PHONE}


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of what a calendar holds") from None


class PressPosition(Wire):
    """Where the phone believes it is; `age_s` is how old that belief is."""

    # Also as a text: a press is read as kindly as it can be.
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: float = Field(0.0, ge=0, le=1_000_000)
    age_s: float = Field(0.0, ge=0, le=31_536_000)
    mock: bool = False


class PressBody(Wire):
    """A press as documented. It is read field by field, so that no bad one costs a press."""

    position: PressPosition | None = None
    kind: AlarmKind = AlarmKind.UNKNOWN
    silent: bool = False
    note: str | None = Field(None, max_length=LONGEST_NOTE)
    battery_percent: int | None = Field(None, ge=0, le=100)
    pressed_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None
    site_id: UUID | None = None
    callback_phone: str | None = Field(
        None,
        max_length=LONGEST_PHONE,
        description="where to call back when the press is unverified",
    )


@dataclass(frozen=True, slots=True)
class TimedPosition:
    """A position and when it was true."""

    position: Position
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """A position and how old it was when the phone sent it."""

    position: Position
    age_s: float
    mock: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A press as far as it could be read."""

    position: HeldPosition | None
    kind: AlarmKind
    silent: bool
    note: str | None
    battery_percent: int | None
    pressed_at: datetime | None
    site_id: UUID | None
    callback_phone: str | None
    dropped: tuple[Dropped, ...]


NEEDED_PARTS = frozenset({"lat", "lon"})
"""Without these a position is none; its other parts can be dropped one by one."""

_FIELDS: Mapping[str, TypeAdapter[Any]] = {
    name: TypeAdapter(field.rebuild_annotation()) for name, field in PressBody.model_fields.items()
}


# Brackets in brackets, a hundred thousand deep, end in a RecursionError.
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(body: bytes) -> Press:
    """A press from a request's body; an empty one is a press too.

    Raises InvalidInput naming "body" when it is no JSON object at all.
    """
    values: dict[str, Any] = {}
    dropped: list[Dropped] = []
    for name, raw in _object(body).items():
        if name not in _FIELDS:
            dropped.append(Dropped(field=name[:64], reason="no such field"))
            continue
        try:
            value = _storable(name, msgspec.json.decode(raw), dropped)
        except _NO_JSON:
            dropped.append(Dropped(field=name, reason="is no valid JSON"))
            continue
        found = _validated(name, value, dropped)
        if found is not None:
            values[name] = found
    whole = PressBody.model_construct(**values)
    return Press(
        position=_held(whole.position),
        kind=whole.kind,
        silent=whole.silent,
        note=whole.note,
        battery_percent=whole.battery_percent,
        pressed_at=whole.pressed_at,
        site_id=whole.site_id,
        callback_phone=whole.callback_phone,
        dropped=tuple(dropped),
    )


def _storable(name: str, value: object, dropped: list[Dropped]) -> object:
    longest = LONGEST_TEXT.get(name)
    if longest is None or not isinstance(value, str):
        return value
    if "\0" in value:
        # PostgreSQL keeps every character but this one.
        dropped.append(Dropped(field=name, reason="kept without its NUL characters"))
        value = value.replace("\0", "")
    if len(value) > longest:
        dropped.append(Dropped(field=name, reason=f"kept to its first {longest} characters"))
    return value[:longest]


def _validated(name: str, value: Any, dropped: list[Dropped]) -> Any:
    """The value, or what is left of it without the parts that are wrong; None when nothing is."""
    try:
        return _FIELDS[name].validate_json(msgspec.json.encode(value))
    except ValidationError as error:
        faults = error.errors(include_url=False)
    dropped += [_reason(name, fault) for fault in faults]
    parts = {str(fault["loc"][0]) for fault in faults if fault["loc"]}
    if not parts or parts & NEEDED_PARTS or not isinstance(value, dict):
        return None
    rest = {key: part for key, part in value.items() if key not in parts}
    return _validated(name, rest, dropped)


def _object(body: bytes) -> Mapping[str, bytes]:
    if not body.strip():
        return {}
    try:
        return {name: bytes(raw) for name, raw in _raw_object.decode(body).items()}
    except _NO_JSON as error:
        raise InvalidInput("body", f"must be one JSON object: {error}") from error


def _reason(name: str, fault: Any) -> Dropped:
    where = ".".join(str(part) for part in (name, *fault["loc"]))
    return Dropped(field=where, reason=fault["msg"])


def _held(position: PressPosition | None) -> HeldPosition | None:
    if position is None:
        return None
    at = Position(position.lat, position.lon, position.accuracy_m)
    return HeldPosition(at, position.age_s, position.mock)
