"""Hands out a record: seals what is there, gathers, writes down that it left, and the files."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from cas_server.db.session import Database, ReadSession
from cas_server.errors import InvalidInput, NotFound
from cas_server.evidence import keys, part_queries, record, record_queries
from cas_server.evidence.chain import Chain
from cas_server.evidence.parts import sealed
from cas_server.evidence.record_form import Document, text_of
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.clock import Clock
from cas_server.settings import Settings


async def hand_out(database: Database, settings: Settings, asked: str, clock: Clock) -> Document:
    """The signed record of an alarm, by its number or id; the journal tells that it was taken."""
    key = keys.load(keys.key_file(settings))
    chain = Chain(database, settings, clock)
    await chain.extend()
    await chain.publish()
    async with database.reading() as session:
        alarm_id = await _alarm_id(session, asked)
        document = await record.gather(session, alarm_id, key, clock())
        parts = sealed((await part_queries.of_alarms(session, [alarm_id]))[alarm_id])
    async with database.transaction() as session:
        event = Event("record.exported", alarm_id, payload={"parts": parts})
        await journal.append(session, clock(), event)
    return document


async def _alarm_id(session: ReadSession, asked: str) -> UUID:
    if asked.isdecimal():
        found = await record_queries.alarm_of_number(session, int(asked))
        if found is None:
            raise NotFound("alarm", f"no. {asked}")
        return found
    try:
        return UUID(asked)
    except ValueError:
        raise InvalidInput("alarm", "give its number, like 12, or its id") from None


def write(document: Document, folder: Path) -> Sequence[Path]:
    """The JSON that is signed, and the page for people."""
    # Printing loads a library that only an export needs.
    from cas_server.evidence.record_page import pdf_of

    number = document["sections"]["alarm"]["number"]
    files = (folder / f"alarm-{number}.json", folder / f"alarm-{number}.pdf")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files[0].write_text(text_of(document), encoding="utf-8")
        files[1].write_bytes(pdf_of(document))
    except OSError as failure:
        raise InvalidInput("output", f"{folder}: {failure.strerror}") from failure
    return files
