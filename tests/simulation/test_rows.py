"""What PostgreSQL writes for a row is read as it was meant, and once."""

import pytest

from cas_server.db.session import Session
from tests.simulation.rows import fields


@pytest.mark.parametrize(
    "values",
    [
        ["a", None, "b"],
        [None, None],
        ["", None, ""],
        ['she said "no"', r"C:\new", 'a "b" \\ c'],
        ["a, b", "(c)", ",", '"'],
        ["two\nlines", '{"key": "a \\"word\\""}'],
        [None, "last"],
    ],
)
async def test_a_row_is_read_as_it_was_written(session: Session, values: list[str | None]) -> None:
    places = ", ".join(f"${number}::text" for number in range(1, len(values) + 1))

    row = await session.sql.fetchval(f"SELECT ROW({places})::text", *values)

    assert fields(row) == values
