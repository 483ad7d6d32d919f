"""Wilayah out of a GeoJSON file."""

import json
from typing import Any

import pytest

from cas_server.db.session import Session
from cas_server.registry.importing import Change, ImportFaulty
from tests.registry.stage import (
    SATUAN,
    Files,
    Ring,
    collection,
    desa,
    feature,
    kecamatan,
    square,
)


async def faults_of(files: Files, content: str | bytes, *, swap: bool = False) -> list[str]:
    with pytest.raises(ImportFaulty) as caught:
        await files.bring("wilayah", content, swap=swap)
    return list(caught.value.lines())


def swapped(found: dict[str, Any]) -> dict[str, Any]:
    ring: Ring = found["geometry"]["coordinates"][0]
    return feature(
        found["properties"]["kode"], found["properties"]["nama"], [point[::-1] for point in ring]
    )


@pytest.fixture
async def satuan(files: Files) -> None:
    await files.bring("satuan", SATUAN)


@pytest.mark.usefixtures("satuan")
class TestWithSatuan:
    async def test_each_wilayah_finds_the_satuan_that_answers_for_it(
        self, session: Session, files: Files
    ) -> None:
        await files.bring("wilayah", collection(*kecamatan()))
        await files.bring("wilayah", collection(*desa()))

        rows = await session.sql.fetch(
            "SELECT w.code, w.kind, w.parent_code, s.code AS satuan, ST_GeometryType(area) AS type "
            "FROM wilayah w JOIN satuan s ON s.id = satuan_id ORDER BY w.code"
        )
        assert [tuple(row) for row in rows] == [
            ("99.01.01", "kecamatan", "99.01", "polsek-barat", "ST_MultiPolygon"),
            ("99.01.01.2001", "desa", "99.01.01", "polsek-barat", "ST_MultiPolygon"),
            ("99.01.01.2002", "desa", "99.01.01", "polsek-barat", "ST_MultiPolygon"),
            ("99.01.02", "kecamatan", "99.01", "polsek-timur", "ST_MultiPolygon"),
        ]

    async def test_a_second_import_says_what_changed(self, files: Files) -> None:
        await files.bring("wilayah", collection(*kecamatan()))
        barat, _ = kecamatan()
        larger = feature("99.01.02", "Timur", square(112.1, -7.1, 0.2))

        report = await files.bring("wilayah", collection(barat, larger))

        assert report.unchanged == 1
        assert report.changed == [Change("99.01.02", ["outline", "label"])]

    async def test_an_area_in_two_pieces_and_with_heights_is_taken(
        self, session: Session, files: Files
    ) -> None:
        pieces = feature("99.01.01", "Barat", [])
        rings = [[[*point, 12.5] for point in square(west, -7.1, 0.04)] for west in (112.0, 112.2)]
        pieces["geometry"] = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}

        await files.bring("wilayah", collection(pieces))

        assert await session.sql.fetchval("SELECT ST_NumGeometries(area) FROM wilayah") == 2
        assert await session.sql.fetchval("SELECT ST_NDims(area) FROM wilayah") == 2
        assert await session.sql.fetchval("SELECT ST_Covers(area, label_at) FROM wilayah")

    async def test_swapped_coordinates_are_noticed_and_swap_is_offered(self, files: Files) -> None:
        found = await faults_of(files, collection(*map(swapped, kecamatan())))

        assert found == [
            f"feature {number} ({code}): geometry: longitude and latitude are swapped; "
            "import again with --swap to change them over"
            for number, code in ((1, "99.01.01"), (2, "99.01.02"))
        ]

    async def test_swapped_coordinates_are_taken_with_swap(
        self, session: Session, files: Files
    ) -> None:
        await files.bring("wilayah", collection(*map(swapped, kecamatan())), swap=True)

        west = "SELECT ST_XMin(area) FROM wilayah WHERE code = '99.01.01'"
        assert await session.sql.fetchval(west) == pytest.approx(112.0)

    async def test_swap_on_a_file_that_is_right_is_refused(self, files: Files) -> None:
        found = await faults_of(files, collection(*kecamatan()), swap=True)

        assert all("leave out --swap" in line for line in found)

    @pytest.mark.parametrize(
        ("ring", "sentence"),
        [
            ([[112, -7], [112.1, -7.1], [112.1, -7], [112, -7.1], [112, -7]], "Self-intersection"),
            ([[112, -7], [112.1, -7], [112, -7.1]], "bad polygon: "),
            ([[112, -7], [112.1, -7], [112.1, -7.1], [112, -7.1]], "bad polygon: "),
            ([[112, -7], [112.1, -7], [112.2, -7], [112, -7]], "bad polygon: "),
            ([], "bad polygon: "),
            ([["112", "tujuh"]], "bad polygon: "),
            (square(512_000, 9_200_000, 1000), "lies outside Indonesia"),
            (square(5.0, 52.0), "lies outside Indonesia"),
        ],
    )
    async def test_a_bad_polygon_is_named_with_its_feature(
        self, files: Files, ring: Ring, sentence: str
    ) -> None:
        found = await faults_of(files, collection(feature("99.01.01", "Barat", ring)))

        assert len(found) == 1
        assert found[0].startswith("feature 1 (99.01.01): geometry: ")
        assert sentence in found[0]

    @pytest.mark.parametrize("geometry", [None, 7, {"type": "Point", "coordinates": [112, -7]}])
    async def test_what_is_no_area_is_refused(self, files: Files, geometry: Any) -> None:
        bad = feature("99.01.01", "Barat", []) | {"geometry": geometry}

        [fault] = await faults_of(files, collection(bad))

        assert "must be a Polygon or MultiPolygon" in fault

    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            ("3522010", "3522010 looks like a BPS code"),
            ("3522010001", "3522010001 looks like a BPS code"),
            ("35.22.010.001", "looks like a BPS code"),
            ("352201", "352201 has no dots"),
            ("35.22.15.0001", "is not a Kemendagri code"),
            ("Barat", "is not a Kemendagri code"),
            ("", "is missing"),
            ("98.01.01", "unknown code: no Satuan answers for 98.01.01"),
            ("99.01.07.2001", "unknown code: there is no kecamatan 99.01.07"),
        ],
    )
    async def test_a_wrong_or_unknown_code_is_refused(
        self, files: Files, code: str, sentence: str
    ) -> None:
        found = await faults_of(files, collection(feature(code, "Di mana", square(112.0, -7.1))))

        assert any("kode: " in line and sentence in line for line in found), found

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [
            ({"satuan": "nirwana"}, "satuan: there is no Satuan nirwana"),
            ({"level": "desa"}, "level: says desa, but 99.01.01 is a kecamatan"),
            ({"label_lon": 111.0, "label_lat": -7.05}, "label_lon, label_lat: do not lie in the"),
            ({"label_lon": "x", "label_lat": 1}, "label_lon, label_lat: must both be numbers"),
            ({"nama": None}, "nama: is missing"),
        ],
    )
    async def test_a_property_that_contradicts_is_refused(
        self, files: Files, more: dict[str, Any], sentence: str
    ) -> None:
        bad = feature("99.01.01", "Barat", square(112.0, -7.1))
        bad["properties"] |= more

        [fault] = await faults_of(files, collection(bad))

        assert fault.startswith(f"feature 1 (99.01.01): {sentence}")

    async def test_a_desa_that_names_another_kecamatan_is_refused(self, files: Files) -> None:
        await files.bring("wilayah", collection(*kecamatan()))
        lost = feature("99.01.01.2001", "Sukamaju", square(112.0, -7.1), kec_kode="99.01.02")

        [fault] = await faults_of(files, collection(lost))

        assert "kec_kode: says 99.01.02, but 99.01.01.2001 lies in 99.01.01" in fault

    async def test_a_code_that_stands_twice_names_the_other_feature(self, files: Files) -> None:
        barat, _ = kecamatan()

        found = await faults_of(files, collection(barat, barat))

        assert found == ["feature 2 (99.01.01): kode: stands already in feature 1"]

    async def test_one_fault_keeps_the_whole_file_out(self, session: Session, files: Files) -> None:
        barat, timur = kecamatan()
        timur["properties"]["kode"] = "3522010"

        await faults_of(files, collection(barat, timur))

        assert await session.sql.fetchval("SELECT count(*) FROM wilayah") == 0

    async def test_no_more_faults_are_listed_than_somebody_reads(self, files: Files) -> None:
        bad = [feature("3522010", "Salah", square(112.0, -7.1)) for _ in range(60)]

        found = await faults_of(files, collection(*bad))

        assert len(found) == 51
        assert found[-1] == "... and 10 more"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"kode,nama\n", "the file is not GeoJSON"),
        (b'{"type": "FeatureCollection", "features": [', "the file is not GeoJSON"),
        (b'{"type": "Feature"}', "the file is not a GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": []}', "features: there are none"),
        (b'{"type": "FeatureCollection", "features": "\xff"}', "the file is not GeoJSON in UTF-8"),
        (b'{"type": "FeatureCollection", "features": [7]}', "feature 1: kode: is missing"),
    ],
)
async def test_a_file_that_is_no_geojson_is_refused(
    files: Files, content: bytes, sentence: str
) -> None:
    found = await faults_of(files, content)

    assert any(line.startswith(sentence) for line in found), found


async def test_coordinates_of_another_system_are_refused(files: Files) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}
    file = json.loads(collection(*kecamatan())) | {"crs": crs}

    [fault] = await faults_of(files, json.dumps(file))

    assert fault == "crs: coordinates must be WGS 84 (EPSG:4326); export the file again"
