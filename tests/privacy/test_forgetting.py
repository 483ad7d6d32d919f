"""No table that knows an account is left out when a person is forgotten, unless it says why."""

import re

from cas_server.db.session import Database
from cas_server.privacy import queries

KEPT = {
    "alarm_handover": "who of the police handed an alarm on: those accounts are not erased",
    "consent": "that this account agreed, and to which text: the proof of lawful use",
    "drill": "that a site has practised, and how fast it was answered: ids and times",
    "drill_window": "that a site asked for a drill with officers: ids and times",
    "erasure": "that this account asked to be forgotten, and when",
    "push_outcome": "evidence of an alarm: outcomes of pushes by ids; goes by age",
    "reveal": "who of the police looked whom up: those accounts are not erased",
}
"""What stays under the account's id, which names nobody once the account is emptied."""

OF_ACCOUNTS = """
SELECT DISTINCT c.table_name::text FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
  AND c.column_name = 'account_id'
"""


async def test_every_table_of_accounts_is_forgotten_or_says_why_not(database: Database) -> None:
    async with database.glance() as session:
        tables = {row["table_name"] for row in await session.sql.fetch(OF_ACCOUNTS)}
    forgotten = set(re.findall(r"DELETE FROM (\w+)", " ".join(queries.FORGET)))

    assert tables - forgotten - KEPT.keys() == set(), (
        "add these to FORGET in cas_server/privacy/queries.py, or to KEPT above with the reason"
    )
    assert KEPT.keys() <= tables - forgotten
