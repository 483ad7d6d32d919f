"""A citizen with a past, and ways to search everything that is stored."""

from dataclasses import dataclass
from uuid import UUID

from cas_server.alarm import desk, picture_queries, sound_queries
from cas_server.alarm.picture_queries import NewPicture
from cas_server.alarm.reports import Found
from cas_server.alarm.sound_queries import NewSound
from cas_server.alarm.views import Disposition
from cas_server.db.session import Database
from cas_server.dispatch.views import ResponderState
from cas_server.kit.ids import new_id
from cas_server.pictures.sound import Sound
from tests.db.story import Story
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff

NOTE = "anak saya Sulastri di dalam rumah"

PICTURE = b"\xff\xd8 what the citizen photographed \xff\xd9"
SOUND = b"\x1aE\xdf\xa3 what the citizen said"

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


@dataclass(frozen=True)
class Past:
    """Somebody who pressed once, and the alarm."""

    citizen: Person
    operator: Person
    alarm_id: UUID


async def one_with_a_past(database: Database, regency: Regency, *, closed: bool = True) -> Past:
    """A press with a note; an officer came, and (if `closed`) the desk closed it."""
    async with database.transaction() as session:
        story = Story(session, regency)
        citizen = await make_masyarakat(session)
        officer = await make_personil(session, regency.kota, regency.at(300))
        operator = await make_staff(session, regency.polres)
        alarm_id = await story.raised(citizen, regency.at(), note=NOTE)
        await story.accept(officer, alarm_id)
        await story.step(officer, alarm_id, ResponderState.ON_SCENE)
        await story.report(officer, alarm_id, Found(Disposition.GENUINE, "ditangani berdua"))
        picture = NewPicture(new_id(), alarm_id, story.now, bytes(32), PICTURE)
        await picture_queries.insert(session, picture)
        said = Sound("audio/webm", 1_000)
        sound = NewSound(new_id(), alarm_id, story.now, bytes(32), said, SOUND)
        await sound_queries.insert(session, sound)
        past = Past(citizen, operator, alarm_id)
        if closed:
            closing = (Disposition.GENUINE, "ditangani", story.now)
            await desk.close(session, operator.subject, alarm_id, *closing)
    return past


async def close(database: Database, regency: Regency, past: Past) -> None:
    async with database.transaction() as session:
        now = Story(session, regency).now
        closing = (Disposition.GENUINE, "ditangani", now)
        await desk.close(session, past.operator.subject, past.alarm_id, *closing)


async def pictures_of(database: Database, past: Past) -> list[bytes]:
    """What is kept of what was photographed and recorded."""
    query = """SELECT content FROM alarm_picture WHERE alarm_id = $1
        UNION ALL SELECT content FROM alarm_sound WHERE alarm_id = $1"""
    async with database.glance() as session:
        return [row["content"] for row in await session.sql.fetch(query, past.alarm_id)]


async def tables_with(database: Database, *words: str) -> set[str]:
    """Every table in which one of these words still stands, anywhere."""
    async with database.reading() as session:
        tables = [row["tablename"] for row in await session.sql.fetch(_TABLES)]
        return {
            table
            for table in tables
            for word in words
            if await session.sql.fetchval(
                f"SELECT EXISTS (SELECT FROM {table} r WHERE strpos(r::text, $1) > 0)",  # noqa: S608 - names of tables
                word,
            )
        }
