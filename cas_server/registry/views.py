"""The shapes the regency is shown in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from cas_server.kit.wire import Latitude, Longitude, Wire
from cas_server.registry.entries import InstansiKind, SatuanKind, WilayahKind

LonLat = tuple[Longitude, Latitude]


class SatuanView(Wire):
    """A unit of the police; `path` begins with its parent's. `lat` and `lon` come together."""

    id: UUID
    code: str
    name: str
    kind: SatuanKind
    parent_id: UUID | None
    path: str
    lat: Latitude | None
    lon: Longitude | None
    phone: str | None
    demo: bool


class PoliceContact(Wire):
    """Who can be telephoned. `rank` is a Bhabinkamtibmas's; `lat` and `lon` a Satuan's."""

    kind: SatuanKind | Literal["bhabinkamtibmas"]
    name: str
    rank: str | None
    phone: str
    lat: Latitude | None
    lon: Longitude | None


class PoliceContacts(Wire):
    """Who answers for a place, its own people before those above them; and what it is called."""

    desa: str | None
    kecamatan: str | None
    contacts: list[PoliceContact]


class Contact(Wire):
    """Somebody to ask for at a site."""

    name: str
    phone: str
    duty: str


class SiteView(Wire):
    """A place of an Instansi, and the Satuan that answers for it."""

    id: UUID
    code: str
    name: str
    address: str
    lat: Latitude
    lon: Longitude
    contacts: list[Contact]
    responder_notes: str
    demo: bool
    instansi_id: UUID
    instansi_name: str
    instansi_kind: InstansiKind
    satuan_id: UUID


class FoundPlace(Wire):
    """A Wilayah or a site that a caller may mean; `within` is the Wilayah above it, or the address.

    `accuracy_m` is the radius of a circle as large as the Wilayah.
    """

    kind: Literal["kabupaten", "kecamatan", "desa", "site"]
    name: str
    within: str | None
    lat: Latitude
    lon: Longitude
    accuracy_m: float


class WilayahProperties(Wire):
    """`approximate` means the outline is a drawing aid ("batas perkiraan"); `label` is a point to
    write the name at, longitude first."""

    code: str
    name: str
    kind: WilayahKind
    satuan_id: UUID
    approximate: bool
    label: LonLat


class Polygon(Wire):
    type: Literal["Polygon"]
    coordinates: list[list[LonLat]]


class MultiPolygon(Wire):
    type: Literal["MultiPolygon"]
    coordinates: list[list[list[LonLat]]]


class WilayahFeature(Wire):
    """One Wilayah; `id` is its Kemendagri code."""

    type: Literal["Feature"]
    id: str
    properties: WilayahProperties
    geometry: Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


class WilayahCollection(Wire):
    """All Wilayah of a kind, as GeoJSON; outlines are simplified for drawing."""

    type: Literal["FeatureCollection"]
    features: list[WilayahFeature]
