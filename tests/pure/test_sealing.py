"""What is sealed opens in its own place only, and what is shown tells nobody who it is."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cas_server.identity.phones import normal_phone
from cas_server.kit.ids import new_id
from cas_server.vault.masks import mask_name, mask_phone
from cas_server.vault.sealing import (
    KeyKey,
    Ring,
    UnknownDataKey,
    WrongSeal,
    new_data_key,
    new_key_key,
    unwrap,
    wrap,
)

ROW = UUID(int=7)


def a_ring() -> Ring:
    key_id = new_id()
    return Ring({key_id: bytes(32)}, key_id, (key_id, b"lookup"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_again_and_never_looks_the_same(text: str) -> None:
    ring = a_ring()

    first, second = (ring.seal(text, "account.name", ROW) for _ in range(2))

    assert ring.open(first, "account.name", ROW) == text
    assert first != second


@pytest.mark.parametrize(("column", "row"), [("account.phone", ROW), ("account.name", UUID(int=8))])
def test_a_value_moved_to_another_column_or_row_does_not_open(column: str, row: UUID) -> None:
    ring = a_ring()
    sealed = ring.seal("Wati", "account.name", ROW)

    with pytest.raises(WrongSeal):
        ring.open(sealed, column, row)


@given(st.integers(0, 60))
def test_a_value_with_one_altered_byte_does_not_open(at: int) -> None:
    ring = a_ring()
    sealed = bytearray(ring.seal("Wati Contoh, Bojonegoro", "account.name", ROW))
    sealed[at % len(sealed)] ^= 1

    with pytest.raises((WrongSeal, UnknownDataKey)):
        ring.open(bytes(sealed), "account.name", ROW)


def test_a_data_key_opens_under_its_key_key_alone() -> None:
    kek, other = new_key_key(), new_key_key()
    wrapped = new_data_key("seal", kek)

    secret = unwrap(wrapped, [other, kek])

    assert secret is not None
    assert unwrap(wrapped, [other]) is None
    again = wrap(wrapped.id, "seal", secret, other)
    assert unwrap(again, [other]) == secret
    assert secret not in again.wrapped


def test_a_wrapped_key_does_not_open_as_another_one() -> None:
    kek = new_key_key()
    wrapped = new_data_key("seal", kek)

    with pytest.raises(WrongSeal):
        unwrap(type(wrapped)(new_id(), "seal", wrapped.wrapped, kek.id), [kek])


def test_a_key_never_shows_itself() -> None:
    secret = b"0123456789abcdef0123456789abcdef"

    assert "0123" not in repr(KeyKey(secret))


def test_a_hash_is_of_its_key_and_kind() -> None:
    other = Ring({ROW: bytes(32)}, ROW, (ROW, b"another"))
    ring = a_ring()

    assert ring.hash("phone", "+62812") == a_ring().hash("phone", "+62812")
    assert ring.hash("phone", "+62812") != ring.hash("nik", "+62812")
    assert ring.hash("phone", "+62812") != other.hash("phone", "+62812")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Siti Aminah", "S••• A•••"), ("wati", "w•••"), ("R. 7", "R••• •••"), ("  ", ""), ("", "")],
)
def test_a_masked_name_is_its_initials(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        (normal_phone("0812 3456 7890"), "+62 ••• ••• 890"),
        ("0353 881234", "••• ••• 234"),
        ("110", "••• ••• •••"),
        ("tidak ada", "••• ••• •••"),
    ],
)
def test_a_masked_number_is_its_last_three_digits(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown
