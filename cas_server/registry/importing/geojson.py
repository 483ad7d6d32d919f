"""Pure: areas out of a GeoJSON file, each a sound MultiPolygon in Indonesia."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from geojson_pydantic import MultiPolygon, Polygon
from pydantic import TypeAdapter, ValidationError

from cas_server.registry.importing import indonesia
from cas_server.registry.importing.faults import Faults
from cas_server.registry.importing.indonesia import Box, Whereabouts

if TYPE_CHECKING:  # every start of the server would wait for it and hold its 30 MB
    import shapely

_GEOMETRY: TypeAdapter[Polygon | MultiPolygon] = TypeAdapter(Polygon | MultiPolygon)
_WGS_84 = ("crs84", "4326")


@dataclass(frozen=True, slots=True)
class Feature:
    """An area and what is said about it; `area` is None after a fault."""

    number: int
    properties: dict[str, Any]
    area: "shapely.MultiPolygon | None"


def read_features(raw: bytes, faults: Faults, *, swap: bool) -> list[Feature]:
    """Every feature of the file, or ImportFaulty when it is no collection of them."""
    collection = _decode(raw, faults)
    found = collection.get("features")
    if collection.get("type") != "FeatureCollection" or not isinstance(found, list):
        faults.add("", "", "the file is not a GeoJSON FeatureCollection")
    elif not found:
        faults.add("", "features", "there are none")
    if sentence := _foreign_crs(collection):
        faults.add("", "crs", sentence)
    faults.stop_if_any()
    return [
        _feature(number, each, faults, swap=swap)
        for number, each in enumerate(found or [], start=1)
    ]


def _decode(raw: bytes, faults: Faults) -> dict[str, Any]:
    if not raw.strip():
        faults.add("", "", "the file is empty")
    faults.stop_if_any()
    try:
        return msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        faults.add("", "", f"the file is not GeoJSON in UTF-8: {error}")
        faults.stop_if_any()
        raise


def _foreign_crs(collection: dict[str, Any]) -> str | None:
    # GeoJSON itself is always WGS 84; older programs still name what they wrote.
    crs = collection.get("crs")
    if crs is None or any(word in str(crs).lower() for word in _WGS_84):
        return None
    return "coordinates must be WGS 84 (EPSG:4326); export the file again"


def _feature(number: int, found: Any, faults: Faults, *, swap: bool) -> Feature:
    properties = found.get("properties") if isinstance(found, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    where = where_of(number, properties)
    area = _area(where, found.get("geometry") if isinstance(found, dict) else None, faults)
    if area is not None:
        area = _placed(where, area, faults, swap=swap)
    return Feature(number, properties, area)


def where_of(number: int, properties: dict[str, Any]) -> str:
    """How a feature is named to a person: its number, and its code if it has one."""
    code = properties.get("kode") or properties.get("code")
    return f"feature {number} ({code})" if code else f"feature {number}"


def _area(where: str, geometry: Any, faults: Faults) -> "shapely.MultiPolygon | None":
    import shapely

    try:
        checked = _GEOMETRY.validate_python(geometry)
    except ValidationError as error:
        faults.add(where, "geometry", _plain(error, geometry))
        return None
    area = shapely.force_2d(shapely.from_wkt(checked.wkt))
    if not area.is_valid:
        faults.add(where, "geometry", f"bad polygon: {shapely.is_valid_reason(area)}")
        return None
    if area.is_empty or not area.area:
        faults.add(where, "geometry", "bad polygon: it has no area")
        return None
    polygons = [part for part in shapely.get_parts(area) if isinstance(part, shapely.Polygon)]
    return shapely.MultiPolygon(polygons)


def _plain(error: ValidationError, geometry: Any) -> str:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        return f"must be a Polygon or MultiPolygon, not {kind}"
    # The union tries both kinds; the faults of the other one say nothing.
    mine = [each for each in error.errors() if each["loc"] and each["loc"][0] == kind]
    first = (mine or error.errors())[0]
    return f"bad polygon: {first['msg'].removeprefix('Value error, ')}"


def _placed(
    where: str, area: "shapely.MultiPolygon", faults: Faults, *, swap: bool
) -> "shapely.MultiPolygon | None":
    if swap:
        import shapely

        area = shapely.transform(area, lambda points: points[:, ::-1])
    found = indonesia.whereabouts(Box(*area.bounds))
    if found is Whereabouts.INSIDE:
        return area
    faults.add(where, "geometry", indonesia.sentence(found, swap=swap))
    return None
