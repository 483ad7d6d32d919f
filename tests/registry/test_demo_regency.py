"""The demo regency: complete, plainly marked, the same every time, and never beside a real one."""

from datetime import UTC, datetime, timedelta

import pytest
import shapely

from cas_server.db.session import Session
from cas_server.identity.passwords import matches
from cas_server.identity.phones import normal_phone
from cas_server.identity.tokens import token_hash
from cas_server.registry import queries
from cas_server.registry.demo_regency import (
    DEMO_PASSWORD,
    outlines,
    people,
    places,
    provision_phones,
    seed,
)
from tests.registry.stage import SATUAN, Files

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def counts(session: Session, question: str) -> dict[str, int]:
    return {row[0]: row[1] for row in await session.sql.fetch(question)}


async def test_an_empty_registry_is_filled(session: Session) -> None:
    report = await seed(session, NOON)

    assert report.seeded
    assert (report.satuan, report.personil, report.masyarakat, report.sites) == (29, 120, 3000, 40)
    assert await counts(session, "SELECT role, count(*) FROM account WHERE demo GROUP BY role") == {
        "admin": 1,
        "operator": 29,
        "pimpinan": 29,
        "personil": 120,
        "masyarakat": 3000,
        "instansi": 120,
    }
    assert await counts(session, "SELECT kind, count(*) FROM wilayah GROUP BY kind") == {
        "kabupaten": 1,
        "kecamatan": 28,
    }


@pytest.mark.parametrize(
    "table", ["satuan", "personil", "masyarakat", "instansi", "site", "account"]
)
async def test_everything_in_it_is_marked_as_demo(session: Session, table: str) -> None:
    await seed(session, NOON)

    assert await session.sql.fetchval(f"SELECT bool_and(demo) FROM {table}")  # noqa: S608 - our own


async def test_every_outline_is_marked_as_approximate(session: Session) -> None:
    await seed(session, NOON)

    assert await session.sql.fetchval("SELECT bool_and(approximate) FROM wilayah")


async def test_seeding_again_changes_nothing(session: Session) -> None:
    await seed(session, NOON)

    report = await seed(session, NOON)

    assert not report.seeded
    assert await session.sql.fetchval("SELECT count(*) FROM satuan") == 29


async def test_a_real_regency_is_left_alone(session: Session, files: Files) -> None:
    await files.bring("satuan", SATUAN)

    report = await seed(session, NOON)

    assert not report.seeded
    assert await session.sql.fetchval("SELECT count(*) FROM account") == 0


async def test_every_kecamatan_is_answered_for_by_its_own_polsek(session: Session) -> None:
    await seed(session, NOON)

    for kecamatan in places.KECAMATAN:
        cover = await queries.cover(session, kecamatan.label)
        assert cover.satuan_code == kecamatan.polsek_code
        assert cover.kecamatan is not None
        assert cover.kecamatan.code == kecamatan.code


def test_the_outlines_are_sound_and_do_not_overlap() -> None:
    areas = [shapely.from_wkb(each.area_wkb) for each in outlines.wilayah()]
    whole, parts = areas[0], areas[1:]

    assert all(area.is_valid and area.geom_type == "MultiPolygon" for area in areas)
    assert shapely.union_all(parts).symmetric_difference(whole).area < 1e-9
    assert sum(part.area for part in parts) == pytest.approx(whole.area)


def test_the_same_people_are_invented_every_time() -> None:
    assert people.personil() == people.personil()
    assert people.masyarakat() == people.masyarakat()
    assert people.instansi() == people.instansi()


def test_nrps_and_phone_numbers_have_the_right_form_and_belong_to_nobody() -> None:
    personil, masyarakat = people.personil(), people.masyarakat()
    phones = [each.phone for each in personil] + [each.phone for each in masyarakat]

    assert len(set(phones)) == len(phones)
    assert all(phone is not None and normal_phone(phone) == phone for phone in phones)
    assert all(phone is not None and phone.startswith("+62810") for phone in phones)
    assert all(each.nrp[2:4] == "00" for each in personil)


def test_tim_panther_is_a_skill_at_the_polres() -> None:
    panther = [each for each in people.personil() if "tim_panther" in each.skills]

    assert len(panther) == people.TIM_PANTHER
    assert {each.satuan_code for each in panther} == {places.POLRES_CODE}


async def test_staff_and_personil_share_the_password_that_is_shown(session: Session) -> None:
    await seed(session, NOON)

    rows = await session.sql.fetch(
        """SELECT DISTINCT password_hash FROM account
        WHERE role <> 'masyarakat' AND (role <> 'instansi' OR phone IS NULL)"""
    )
    assert len(rows) == 1
    assert await matches(DEMO_PASSWORD, rows[0]["password_hash"])


async def test_every_site_is_answered_for_by_somebody(session: Session) -> None:
    await seed(session, NOON)

    sites = await queries.sites_below(session, "polres-bojonegoro/")

    assert len(sites) == 40
    assert len({site.satuan_id for site in sites}) >= 20


async def test_phones_are_signed_in_and_can_press(session: Session) -> None:
    await seed(session, NOON)

    phones = await provision_phones(session, NOON)

    roles = [phone.role for phone in phones]
    assert (roles.count("personil"), roles.count("masyarakat"), roles.count("instansi")) == (
        120,
        200,
        10,
    )
    find = "SELECT account_id, scope, expires_at FROM credential WHERE token_hash = $1"
    sign_in = await session.sql.fetchrow(find, token_hash(phones[0].token))
    press = await session.sql.fetchrow(find, token_hash(phones[0].press_token))
    assert tuple(sign_in) == (phones[0].account_id, "session", NOON + timedelta(days=365))
    assert tuple(press) == (phones[0].account_id, "press", None)


async def test_new_phones_replace_the_old_ones(session: Session) -> None:
    await seed(session, NOON)
    await provision_phones(session, NOON)

    phones = await provision_phones(session, NOON)

    assert await session.sql.fetchval("SELECT count(*) FROM credential") == 2 * len(phones)
