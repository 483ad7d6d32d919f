"""Pure: a GeoJSON file of Wilayah as entries.

Each feature is a Polygon or MultiPolygon with the properties kode (Kemendagri: 35.22 a kabupaten,
35.22.15 a kecamatan, 35.22.15.2001 a desa) and nama; and if wanted satuan (code of the one that
answers for it), label_lon and label_lat (where to write the name), perkiraan (true for an outline
that is only approximate). Without satuan the one answers that has the code, or the nearest code
above, in its column wilayah. A desa's kecamatan must be known or stand in the same file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cas_server.kit.geo import Position
from cas_server.registry.entries import SatuanEntry, WilayahEntry, WilayahKind
from cas_server.registry.importing import kemendagri
from cas_server.registry.importing.cells import code_of
from cas_server.registry.importing.faults import Faults
from cas_server.registry.importing.geojson import Feature, where_of

if TYPE_CHECKING:  # as in geojson: not for those who only start a server
    import shapely

_NOWHERE = Position(0, 0)
_DOTS_OF_KECAMATAN = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What the check needs of the registry: the Satuan by code, and the kecamatan there are."""

    satuan: Mapping[str, SatuanEntry]
    kecamatan_codes: frozenset[str]


def answering(satuan: Mapping[str, SatuanEntry]) -> dict[str, str]:
    """Which Satuan answers for which Kemendagri code."""
    return {code: each.code for each in satuan.values() for code in each.wilayah_codes}


def check(features: list[Feature], known: Known, faults: Faults) -> list[WilayahEntry]:
    """The file's Wilayah."""
    checker = _Checker(known, answering(known.satuan), _kecamatan_in(features), faults)
    entries: list[WilayahEntry] = []
    seen: dict[str, int] = {}
    for feature in features:
        entry = checker.entry(feature)
        if entry is None:
            continue
        if entry.code in seen:
            where = where_of(feature.number, feature.properties)
            faults.add(where, "kode", f"stands already in feature {seen[entry.code]}")
        seen.setdefault(entry.code, feature.number)
        entries.append(entry)
    return entries


@dataclass(frozen=True, slots=True)
class _Checker:
    known: Known
    answering: Mapping[str, str]
    kecamatan_in_file: frozenset[str]
    faults: Faults

    def entry(self, feature: Feature) -> WilayahEntry | None:
        """None when so much is wrong that no entry can be made."""
        import shapely

        where = where_of(feature.number, feature.properties)
        code = self._code(where, feature.properties)
        name = _text(feature.properties, "nama", "name")
        if not name:
            self.faults.add(where, "nama", "is missing")
        if code is None or feature.area is None:
            return None
        return WilayahEntry(
            code=code,
            name=name,
            kind=kemendagri.kind_of(code),
            parent_code=kemendagri.parent_of(code),
            area_wkb=shapely.to_wkb(feature.area, byte_order=1),
            label=self._label(where, feature.properties, feature.area),
            satuan_code=self._satuan(where, code, feature.properties),
            approximate=feature.properties.get("perkiraan") is True,
        )

    def _code(self, where: str, properties: dict[str, Any]) -> str | None:
        code = _text(properties, "kode", "code")
        sentence = kemendagri.fault_of(code) if code else "is missing"
        if sentence:
            self.faults.add(where, "kode", sentence)
            return None
        level = _text(properties, "level").lower()
        kind = kemendagri.kind_of(code)
        if level in set(WilayahKind) and level != kind:
            self.faults.add(where, "level", f"says {level}, but {code} is a {kind}")
        if kind is WilayahKind.DESA:
            self._check_kecamatan(where, code, properties)
        return code

    def _check_kecamatan(self, where: str, code: str, properties: dict[str, Any]) -> None:
        parent = kemendagri.parent_of(code)
        said = _text(properties, "kec_kode")
        if said and said != parent:
            self.faults.add(where, "kec_kode", f"says {said}, but {code} lies in {parent}")
        if parent not in self.known.kecamatan_codes | self.kecamatan_in_file:
            sentence = f"unknown code: there is no kecamatan {parent}; import the kecamatan first"
            self.faults.add(where, "kode", sentence)

    def _satuan(self, where: str, code: str, properties: dict[str, Any]) -> str:
        named = code_of(_text(properties, "satuan"))
        if named:
            if named not in self.known.satuan:
                self.faults.add(where, "satuan", f"there is no Satuan {named}")
            elif self.known.satuan[named].closed:
                sentence = f"{named} is closed; open it in the settings first"
                self.faults.add(where, "satuan", sentence)
            return named
        for each in kemendagri.self_and_above(code):
            if each in self.answering:
                return self.answering[each]
        self.faults.add(
            where, "kode", f"unknown code: no Satuan answers for {code} or what lies around it"
        )
        return ""

    def _label(
        self, where: str, properties: dict[str, Any], area: "shapely.MultiPolygon"
    ) -> Position:
        import shapely

        lon, lat = properties.get("label_lon"), properties.get("label_lat")
        if lon is None and lat is None:
            largest = max(area.geoms, key=lambda part: part.area)
            point = largest.representative_point()
            return Position(point.y, point.x)
        if not isinstance(lon, int | float) or not isinstance(lat, int | float):
            self.faults.add(where, "label_lon, label_lat", "must both be numbers of degrees")
            return _NOWHERE
        if not area.intersects(shapely.Point(lon, lat)):
            self.faults.add(where, "label_lon, label_lat", "do not lie in the area")
            return _NOWHERE
        return Position(lat, lon)


def _kecamatan_in(features: list[Feature]) -> frozenset[str]:
    codes = (_text(feature.properties, "kode", "code") for feature in features)
    return frozenset(code for code in codes if code.count(".") == _DOTS_OF_KECAMATAN)


def _text(properties: dict[str, Any], *names: str) -> str:
    found = next((properties[name] for name in names if properties.get(name) is not None), "")
    return " ".join(str(found).split())
