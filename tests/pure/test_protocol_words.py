"""Each refusal of a connection says in words what to do."""

import json
from datetime import timedelta

from cas_server.identity.roles import Role
from cas_server.live.messages import Refused
from cas_server.live.protocol import Close, CloseCode, Connection, Effect, Send, State
from tests.pure.test_protocol import FIX, HELLO, LATER, NOW, signed_in


def told(effects: list[Effect]) -> tuple[str, str]:
    """The code and the sentence of the refusal among these."""
    [said] = [one.message for one in effects if isinstance(one, Send)]
    assert isinstance(said, Refused)
    return said.code, said.detail


def test_each_refusal_says_in_words_what_to_do() -> None:
    desk, officer = signed_in(Role.OPERATOR), signed_in()
    satuan = '{"type": "watch", "satuan_id": "00000000-0000-0000-0000-000000000001"}'
    late = Connection(NOW)

    assert told(late.tick(NOW + timedelta(seconds=10))) == ("no_hello", "send hello within 10 s")
    assert told(signed_in(expires_at=NOW + timedelta(hours=1)).tick(LATER)) == (
        "sign_in_needed", "your sign-in has expired; sign in again"
    )  # fmt: skip
    assert told(officer.receive(HELLO, NOW)) == (
        "bad_frame", "hello is the first frame and comes once"
    )  # fmt: skip
    assert told(officer.receive(satuan, NOW)) == (
        "not_allowed", "watch.satuan_id: only a desk may choose a Satuan"
    )  # fmt: skip
    assert told(desk.receive(json.dumps(FIX), NOW)) == (
        "not_allowed", "only Personil send fixes and receipts"
    )  # fmt: skip
    assert told(Connection(NOW).receive("no json", NOW)) == (
        "bad_frame", "a frame is one JSON object"
    )  # fmt: skip
    assert told(Connection(NOW).receive('{"type": "watch"}', NOW)) == (
        "bad_frame", "the first frame is hello; wait for welcome before the next"
    )  # fmt: skip
    assert (
        "timezone"
        in told(officer.receive(json.dumps(FIX | {"fixed_at": "2026-03-01T20:00:00"}), NOW))[1]
    )


def test_a_sign_in_that_was_ended_says_so_and_closes_once() -> None:
    connection = signed_in()

    said, closed = connection.ended()

    assert said == Send(
        Refused(code="sign_in_needed", detail="this sign-in was ended; sign in again")
    )
    assert closed == Close(CloseCode.BAD_CREDENTIAL)
    assert connection.state is State.CLOSED
    assert connection.ended() == []
