"""A connection's life, with no socket and a clock that stands still."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import annotated_types
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime

from cas_server.identity.roles import Role
from cas_server.live.messages import Fix, Refused, Welcome
from cas_server.live.protocol import (
    MOST_BAD_FRAMES,
    Authenticate,
    Close,
    CloseCode,
    Connection,
    Effect,
    FixFrame,
    Join,
    Send,
    State,
    TakeFix,
    TakeReceipt,
)

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
ACCOUNT_ID = UUID(int=7)
LATER = NOW + timedelta(days=30)
HELLO = '{"type": "hello", "token": "cas_0123456789"}'
FIX: dict[str, Any] = {
    "type": "fix",
    "lat": -7.15,
    "lon": 111.88,
    "accuracy_m": 8,
    "fixed_at": "2026-03-01T20:00:00Z",
}


@dataclass(frozen=True)
class Somebody:
    role: Role
    expires_at: datetime | None = LATER
    account_id: UUID = ACCOUNT_ID
    name: str = "Budi"


def signed_in(role: Role = Role.PERSONIL, expires_at: datetime | None = LATER) -> Connection:
    connection = Connection(NOW)
    connection.receive(HELLO, NOW)
    connection.authenticated(Somebody(role, expires_at), NOW)
    return connection


def refusal(effects: list[Effect]) -> Refused:
    """The one refusal there must be, first."""
    sent = effects[0]
    assert isinstance(sent, Send)
    assert isinstance(sent.message, Refused)
    return sent.message


def test_hello_then_watch_leads_to_welcome_and_a_picture() -> None:
    connection = Connection(NOW)

    assert connection.receive(HELLO, NOW) == [Authenticate("cas_0123456789")]
    (welcome,) = connection.authenticated(Somebody(Role.OPERATOR), NOW)
    assert welcome == Send(
        Welcome(server_time=NOW, account_id=ACCOUNT_ID, role=Role.OPERATOR, name="Budi")
    )
    assert connection.receive('{"type": "watch"}', NOW) == [Join(None)]
    assert connection.state is State.WATCHING


def test_frames_may_be_bytes() -> None:
    assert Connection(NOW).receive(HELLO.encode(), NOW) == [Authenticate("cas_0123456789")]


def test_a_desk_may_narrow_its_picture_and_change_it_later() -> None:
    connection, satuan_id = signed_in(Role.OPERATOR), uuid4()

    narrow = connection.receive(json.dumps({"type": "watch", "satuan_id": str(satuan_id)}), NOW)
    wide = connection.receive('{"type": "watch"}', NOW)

    assert narrow == [Join(satuan_id)]
    assert wide == [Join(None)]


@pytest.mark.parametrize("role", [Role.PERSONIL, Role.MASYARAKAT, Role.INSTANSI])
def test_only_a_desk_may_choose_a_satuan(role: Role) -> None:
    effects = signed_in(role).receive(json.dumps({"type": "watch", "satuan_id": str(uuid4())}), NOW)

    assert refusal(effects).code == "not_allowed"
    assert len(effects) == 1


def test_without_hello_the_connection_is_closed_after_ten_seconds() -> None:
    connection = Connection(NOW)
    assert connection.deadline == NOW + timedelta(seconds=10)
    assert connection.tick(NOW + timedelta(seconds=9.99)) == []

    effects = connection.tick(NOW + timedelta(seconds=10))

    assert refusal(effects).code == "no_hello"
    assert effects[1:] == [Close(CloseCode.NO_HELLO)]
    assert connection.tick(NOW + timedelta(seconds=11)) == []


def test_a_hello_that_comes_too_late_is_not_looked_up() -> None:
    effects = Connection(NOW).receive(HELLO, NOW + timedelta(seconds=10))

    assert effects[1:] == [Close(CloseCode.NO_HELLO)]


def test_a_slow_look_up_of_the_token_is_not_the_clients_fault() -> None:
    connection = Connection(NOW)
    connection.receive(HELLO, NOW)

    assert connection.deadline is None
    assert connection.tick(NOW + timedelta(minutes=1)) == []


def test_a_bad_credential_closes_4401() -> None:
    connection = Connection(NOW)
    connection.receive(HELLO, NOW)

    effects = connection.refused("sign_in_needed", "this sign-in is not known here")

    assert refusal(effects).code == "sign_in_needed"
    assert effects[1:] == [Close(CloseCode.BAD_CREDENTIAL)]
    assert connection.refused("sign_in_needed", "again") == []


def test_when_the_database_is_away_the_client_is_told_to_come_back() -> None:
    connection = Connection(NOW)
    connection.receive(HELLO, NOW)

    effects = connection.refused("unavailable", "try again", CloseCode.TRY_AGAIN)

    assert effects[1:] == [Close(CloseCode.TRY_AGAIN)]


def test_the_connection_ends_with_the_sign_in() -> None:
    connection = signed_in(expires_at=NOW + timedelta(hours=1))
    assert connection.deadline == NOW + timedelta(hours=1)

    effects = connection.receive(json.dumps(FIX), NOW + timedelta(hours=1))

    assert refusal(effects).code == "sign_in_needed"
    assert effects[1:] == [Close(CloseCode.BAD_CREDENTIAL)]


def test_an_expired_sign_in_is_never_welcomed() -> None:
    connection = Connection(NOW)
    connection.receive(HELLO, NOW)

    effects = connection.authenticated(Somebody(Role.OPERATOR, NOW), NOW)

    assert effects[1:] == [Close(CloseCode.BAD_CREDENTIAL)]


def test_a_sign_in_without_end_never_expires() -> None:
    connection = signed_in(expires_at=None)

    assert connection.deadline is None
    assert connection.tick(NOW + timedelta(days=10_000)) == []


def test_an_answer_about_a_token_that_nobody_asked_for_changes_nothing() -> None:
    connection = Connection(NOW)

    assert connection.authenticated(Somebody(Role.ADMIN), NOW) == []
    assert connection.state is State.WAITING_HELLO


def test_a_personil_sends_fixes_and_receipts_with_or_without_watching() -> None:
    connection, offer_id = signed_in(), uuid4()

    (taken,) = connection.receive(json.dumps({**FIX, "battery_percent": 40}), NOW)
    received = connection.receive(json.dumps({"type": "receipt", "offer_id": str(offer_id)}), NOW)

    assert taken == TakeFix(
        FixFrame(lat=-7.15, lon=111.88, accuracy_m=8, fixed_at=NOW, battery_percent=40)
    )
    assert received == [TakeReceipt(offer_id)]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PERSONIL])
def test_nobody_else_sends_fixes_or_receipts(role: Role) -> None:
    connection = signed_in(role)
    receipt = json.dumps({"type": "receipt", "offer_id": str(uuid4())})

    for frame in (json.dumps(FIX), receipt):
        effects = connection.receive(frame, NOW)
        assert refusal(effects).code == "not_allowed"
        assert len(effects) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lat", 91),
        ("lat", "1.5"),
        ("lon", -181),
        ("accuracy_m", -1),
        ("accuracy_m", 100_001),
        ("speed_mps", -0.1),
        ("heading_deg", 361),
        ("battery_percent", 101),
        ("mock", 1),
        ("fixed_at", "2026-03-01T20:00:00"),
        ("fixed_at", "yesterday"),
        ("altitude_m", 12),
    ],
)
def test_a_bad_fix_is_refused_by_its_field_and_never_closes(field: str, value: object) -> None:
    connection = signed_in()
    frame = json.dumps({**FIX, field: value})

    for _ in range(MOST_BAD_FRAMES * 2):
        effects = connection.receive(frame, NOW)
        assert len(effects) == 1
        assert refusal(effects).code == "bad_frame"
        assert field in refusal(effects).detail


@pytest.mark.parametrize("field", ["lat", "lon", "accuracy_m", "fixed_at"])
def test_a_fix_that_lacks_a_field_is_told_which(field: str) -> None:
    fix = {key: value for key, value in FIX.items() if key != field}

    effects = signed_in().receive(json.dumps(fix), NOW)

    assert field in refusal(effects).detail


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_not_a_position(number: str) -> None:
    frame = json.dumps({**FIX, "speed_mps": 1234}).replace("1234", number)

    effects = signed_in().receive(frame, NOW)

    assert refusal(effects).code == "bad_frame"
    assert not any(isinstance(effect, TakeFix) for effect in effects)


def test_a_client_that_keeps_sending_nonsense_is_closed() -> None:
    connection = signed_in()

    for _ in range(MOST_BAD_FRAMES - 1):
        effects = connection.receive('{"type": "shout"}', NOW)
        assert refusal(effects).code == "bad_frame"
        assert len(effects) == 1
    effects = connection.receive('{"type": "shout"}', NOW)

    assert effects[1:] == [Close(CloseCode.BAD_FRAME)]
    assert connection.receive(HELLO, NOW) == []


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        ('{"type": "receipt"}', "receipt.offer_id"),
        ('{"type": "receipt", "offer_id": "7"}', "receipt.offer_id"),
        ('{"type": "watch", "satuan": null}', "watch.satuan"),
        ("{}", "type"),
    ],
)
def test_a_refusal_names_the_field(frame: str, field: str) -> None:
    assert refusal(signed_in().receive(frame, NOW)).detail.startswith(f"{field}: ")


@pytest.mark.parametrize("frame", ["", "hello", b"\xff\xfe", "[" * 60_000, '{"a":' * 10_000])
def test_what_is_not_json_closes_at_once(frame: str | bytes) -> None:
    effects = signed_in().receive(frame, NOW)

    assert effects[1:] == [Close(CloseCode.BAD_FRAME)]


@pytest.mark.parametrize("frame", ["[]", "null", "12", '"hello"'])
def test_json_that_is_no_object_is_a_bad_frame(frame: str) -> None:
    assert refusal(signed_in().receive(frame, NOW)).code == "bad_frame"


@pytest.mark.parametrize(
    "frame",
    [
        '{"type": "watch"}',
        json.dumps(FIX),
        json.dumps({**FIX, "lat": 91}),
        json.dumps({**FIX, "lat": "1.5"}),
        json.dumps({"type": "receipt", "offer_id": str(UUID(int=1))}),
        '{"type": "hello", "token": "short"}',
        '{"type": "shout"}',
    ],
)
def test_the_first_frame_must_be_a_good_hello(frame: str) -> None:
    effects = Connection(NOW).receive(frame, NOW)

    assert refusal(effects).code == "bad_frame"
    assert effects[1:] == [Close(CloseCode.BAD_FRAME)]


def test_before_welcome_nothing_else_is_taken() -> None:
    connection = Connection(NOW)
    connection.receive(HELLO, NOW)

    effects = connection.receive(json.dumps(FIX), NOW)

    assert refusal(effects).code == "bad_frame"
    assert connection.state is State.CHECKING


def test_a_second_hello_is_refused() -> None:
    effects = signed_in().receive(HELLO, NOW)

    assert refusal(effects).code == "bad_frame"
    assert not any(isinstance(effect, Authenticate) for effect in effects)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.text(max_size=60),
            st.sampled_from([HELLO, '{"type": "watch"}', json.dumps(FIX)]),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.text(max_size=5),
                lambda inner: st.dictionaries(
                    st.sampled_from(["type", "lat", "token", "x"]), inner, max_size=4
                ),
                max_leaves=8,
            ).map(json.dumps),
        ),
        max_size=12,
    )
)
def test_no_frames_whatever_break_the_connection(frames: list[str | bytes]) -> None:
    connection = Connection(NOW)

    for frame in frames:
        closed = connection.state is State.CLOSED
        effects = connection.receive(frame, NOW)
        assert effects or closed
        assert not (closed and effects)
        if any(isinstance(effect, Authenticate) for effect in effects):
            connection.authenticated(Somebody(Role.PERSONIL), NOW)
        ends = [effect for effect in effects if isinstance(effect, Close)]
        assert bool(ends) == (connection.state is State.CLOSED and not closed)


def _bounds(metadata: Any) -> set[tuple[str, float]]:
    found: set[tuple[str, float]] = set()
    for item in metadata:
        if isinstance(item, annotated_types.Ge):
            found.add(("ge", float(str(item.ge))))
        elif isinstance(item, annotated_types.Le):
            found.add(("le", float(str(item.le))))
        elif isinstance(item, msgspec.Meta):
            pairs = (("ge", item.ge), ("le", item.le))
            found |= {(name, float(bound)) for name, bound in pairs if bound is not None}
    return found


def _described(hint: Any, metadata: Any = ()) -> tuple[Any, bool, set[tuple[str, float]]]:
    """The bare type, whether it may be None, and its bounds."""
    if hasattr(hint, "__metadata__"):
        return _described(hint.__origin__, (*metadata, *hint.__metadata__))
    if get_origin(hint) is UnionType or type(None) in get_args(hint):
        (inner,) = (part for part in get_args(hint) if part is not type(None))
        bare, _, bounds = _described(inner, metadata)
        return bare, True, bounds
    return (datetime if hint is AwareDatetime else hint), False, _bounds(metadata)


def test_the_quick_fix_is_the_message_fix() -> None:
    quick = get_type_hints(FixFrame, include_extras=True)
    required = {field.name for field in msgspec.structs.fields(FixFrame) if field.required}
    fields = {name: field for name, field in Fix.model_fields.items() if name != "type"}

    assert quick.keys() == fields.keys()
    assert required == {name for name, field in fields.items() if field.is_required()}
    for name, field in fields.items():
        assert _described(quick[name]) == _described(field.annotation, tuple(field.metadata)), name
        if name not in required:
            assert getattr(FixFrame(0, 0, 0, NOW), name) == field.default
