"""What a locked screen may show, and how long it is worth showing."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cas_server.push.message import TEXTS, WORTH, Kind, Notice, collapse_key, compose

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
ALARM_ID = UUID("018f0000-0000-7000-8000-000000000001")


def notice(kind: Kind = Kind.OFFER, expires_at: datetime | None = None) -> Notice:
    return Notice(kind, ALARM_ID, 3, NOW, offer_id=uuid4(), expires_at=expires_at)


def test_an_offer_is_worth_the_seconds_it_has_left() -> None:
    offer = notice(expires_at=NOW + timedelta(seconds=20))

    message = compose(offer, NOW + timedelta(seconds=5, milliseconds=400))

    assert message is not None
    assert message.ttl == timedelta(seconds=14)


def test_an_offer_in_its_last_moment_is_still_worth_a_second() -> None:
    message = compose(notice(expires_at=NOW + timedelta(seconds=20)), NOW + timedelta(seconds=19.9))

    assert message is not None
    assert message.ttl == timedelta(seconds=1)


def test_an_offer_that_has_ended_is_not_told() -> None:
    assert (
        compose(notice(expires_at=NOW + timedelta(seconds=20)), NOW + timedelta(seconds=20)) is None
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_told_until_it_is_old(kind: Kind) -> None:
    message = compose(notice(kind), NOW)

    assert message is not None
    assert message.ttl == WORTH[kind]
    assert compose(notice(kind), NOW + WORTH[kind]) is None


def test_the_data_is_text_only_and_names_alarm_version_and_offer() -> None:
    offer = notice(expires_at=NOW + timedelta(seconds=20))

    message = compose(offer, NOW)

    assert message is not None
    assert message.data == {
        "kind": "offer",
        "alarm_id": str(ALARM_ID),
        "version": "3",
        "title": "Panggilan tugas",
        "body": "Buka aplikasi untuk melihat dan menjawab.",
        "offer_id": str(offer.offer_id),
        "expires_at": "2026-03-01T20:00:20+00:00",
    }


def test_what_is_not_known_is_left_out() -> None:
    message = compose(Notice(Kind.DESK, ALARM_ID, 1, NOW), NOW)

    assert message is not None
    assert message.data.keys() == {"kind", "alarm_id", "version", "title", "body"}


def test_a_reason_travels_as_a_code_and_is_not_in_the_words() -> None:
    message = compose(Notice(Kind.ESCALATION, ALARM_ID, 1, NOW, reason="unacknowledged"), NOW)

    assert message is not None
    assert message.data["reason"] == "unacknowledged"
    assert "unacknowledged" not in message.text.title + message.text.body


@pytest.mark.parametrize("kind", Kind)
def test_the_words_on_a_locked_screen_say_nothing_of_the_alarm(kind: Kind) -> None:
    words = f"{TEXTS[kind].title} {TEXTS[kind].body}"

    assert not re.search(
        r"\d|http|pencurian|rampok|kebakaran|alamat|lokasi|jalan|polsek", words, re.I
    )
    assert len(TEXTS[kind].title) <= 30
    assert len(TEXTS[kind].body) <= 60


@given(st.uuids(), st.integers(min_value=1, max_value=999_999_999))
def test_a_collapse_key_fits_every_push_service(alarm_id: UUID, version: int) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,32}", collapse_key(alarm_id, version))


@given(st.uuids(), st.uuids(), st.integers(1, 9999), st.integers(1, 9999))
def test_only_the_same_alarm_in_the_same_version_collapses(
    one: UUID, other: UUID, first: int, second: int
) -> None:
    same = (one, first) == (other, second)

    assert (collapse_key(one, first) == collapse_key(other, second)) == same
