"""One alarm's record stands alone: whole, signed, proven, and broken by any change."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import pytest_asyncio

from cas_server.alarm import desk
from cas_server.alarm.views import Disposition
from cas_server.db.session import Database
from cas_server.dispatch.views import ResponderState
from cas_server.errors import NotFound
from cas_server.evidence import published, record_check
from cas_server.evidence.chain import Chain
from cas_server.evidence.handing_out import hand_out, write
from cas_server.evidence.record_form import Document, digest, text_of
from cas_server.evidence.record_page import pdf_of, printable
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings
from tests.db.story import Story
from tests.evidence.stage import as_superuser
from tests.factories import Regency, make_masyarakat, make_personil, make_staff


@pytest_asyncio.fixture
async def document(
    database: Database, chain: Chain, settings: Settings, regency: Regency
) -> Document:
    """An alarm that was pressed, taken, reached and closed."""
    async with database.transaction() as session:
        story = Story(session, regency)
        citizen = await make_masyarakat(session)
        officer = await make_personil(session, regency.kota, regency.at(300))
        await make_personil(session, regency.kota, regency.at(900))
        operator = await make_staff(session, regency.polres)
        alarm_id = await story.raised(
            citizen, regency.at(), note='Toko "Żabka" (北京), ada 2 orang'
        )
        await story.acknowledge(operator, alarm_id)
        await story.accept(officer, alarm_id)
        await story.step(officer, alarm_id, ResponderState.ON_SCENE)
        closing = (Disposition.GENUINE, "ditangani", story.now)
        await desk.close(session, operator.subject, alarm_id, *closing)
    await chain.extend()
    await chain.publish()
    return await hand_out(database, settings, str(alarm_id), utc_now)


def read_back(document: Document) -> Document:
    return record_check.read(text_of(document))


async def test_a_record_that_nobody_touched_is_sound_on_its_own_and_under_published_heads(
    document: Document, heads_file: Path
) -> None:
    again = read_back(document)

    assert record_check.check(again, None, None) == []
    assert record_check.check(again, published.read(heads_file), None) == []
    assert len(again["sections"]["journal"]) > 8
    assert len(again["sections"]["offers"]) == 2


async def test_a_record_is_what_its_schema_says(document: Document, repository: Path) -> None:
    schema = json.loads((repository / "schemas" / "record.schema.json").read_text())

    jsonschema.validate(json.loads(text_of(document)), schema)


TAMPERED: dict[str, Any] = {
    "note": lambda d: d["sections"]["alarm"].update(note="lain"),
    "offer": lambda d: d["sections"]["offers"].pop(),
    "decision": lambda d: d["sections"]["decisions"][0].update(ring=3),
    "entry left out": lambda d: d["sections"]["journal"].pop(1),
    "entry changed": lambda d: d["sections"]["journal"][0].update(
        leaf=d["sections"]["journal"][0]["leaf"].replace("alarm.raised", "alarm.closed")
    ),
    "entries swapped": lambda d: d["sections"]["journal"].reverse(),
    "section gone": lambda d: d["sections"].pop("tracks"),
    "section added": lambda d: d["sections"].update(more=[]),
    "head": lambda d: d["head"].update(size="3"),
    "time": lambda d: d.update(made_at="2020-01-01T00:00:00.000000Z"),
    "manifest": lambda d: d["manifest"].update(
        alarm=digest(d["sections"]["alarm"]), offers="0" * 64
    ),
    "signature": lambda d: d.update(signature="00" * 64),
    "part missing": lambda d: d.pop("manifest"),
}


async def test_any_change_is_found(document: Document, heads_file: Path) -> None:
    heads = published.read(heads_file)
    missed = []
    for name, tamper in TAMPERED.items():
        changed = copy.deepcopy(read_back(document))
        tamper(changed)
        if not record_check.check(read_back(changed), heads, None):
            missed.append(name)

    assert missed == []


async def test_the_changed_part_is_named(document: Document) -> None:
    changed = read_back(document)
    TAMPERED["note"](changed)

    [finding] = record_check.check(changed, None, None)

    assert finding.what == "the part 'alarm' was changed after it was signed"


async def test_a_record_signed_by_somebody_else_is_not_believed(
    document: Document, heads_file: Path, database: Database, tmp_path: Path
) -> None:
    """The thief of a database has everything but the key."""
    own = Settings(state_dir=tmp_path / "thief")
    await as_superuser(database, "TRUNCATE tree_head")
    chain = Chain(database, own, utc_now)
    await chain.publish()

    forged = await hand_out(database, own, document["alarm_id"], utc_now)

    assert record_check.check(read_back(forged), None, None) == []
    findings = record_check.check(read_back(forged), published.read(heads_file), None)
    assert any("nobody published" in finding.what for finding in findings)


async def test_an_alarm_is_found_by_its_number_and_a_wrong_one_is_told(
    document: Document, database: Database, settings: Settings
) -> None:
    number = str(document["sections"]["alarm"]["number"])

    again = await hand_out(database, settings, number, utc_now)

    assert again["alarm_id"] == document["alarm_id"]
    # That it was handed out before stands in it now.
    assert "record.exported" in again["sections"]["journal"][-1]["leaf"]
    with pytest.raises(NotFound, match=r"no\. 999"):
        await hand_out(database, settings, "999", utc_now)


async def test_a_page_for_people_is_printed_beside_it(document: Document, tmp_path: Path) -> None:
    files = write(document, tmp_path / "out")

    number = document["sections"]["alarm"]["number"]
    assert [file.name for file in files] == [f"alarm-{number}.json", f"alarm-{number}.pdf"]
    assert files[1].read_bytes().startswith(b"%PDF-")
    assert files[0].read_text(encoding="utf-8") == text_of(document)
    assert pdf_of(read_back(document)).startswith(b"%PDF-")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "other"}'])
def test_what_is_no_record_is_told_so(text: str) -> None:
    with pytest.raises(record_check.NoRecord):
        record_check.read(text)


def test_letters_the_printer_lacks_are_spelled_and_none_becomes_a_question_mark() -> None:
    printed = printable("Żabka, 北京, Ωmega, café 🚓")

    assert "?" not in printed
    assert printed.startswith("Zabka, BeiJing, ")
    assert "café" in printed
    printed.encode("latin-1")
