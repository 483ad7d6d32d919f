"""The regency over HTTP: outlines for the map, Satuan, sites."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import JSONResponse

from cas_server.db.session import ReadTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow, public
from cas_server.kit.geo import Position
from cas_server.registry import service
from cas_server.registry.entries import WilayahKind
from cas_server.registry.places import find
from cas_server.registry.views import (
    FoundPlace,
    PoliceContacts,
    SatuanView,
    SiteView,
    WilayahCollection,
)

router = APIRouter(prefix="/v1", tags=["registry"])


class GeoJson(JSONResponse):
    """GeoJSON as the database wrote it: not parsed and written again."""

    media_type = "application/geo+json"

    def render(self, content: str) -> bytes:
        return content.encode()


@router.get(
    "/wilayah",
    dependencies=[Depends(public(Action.SEE_MAP))],
    response_class=GeoJson,
    response_model=WilayahCollection,
    responses={HTTPStatus.NOT_MODIFIED.value: {"description": "the asker has this version"}},
)
async def wilayah(
    session: ReadTransaction,
    kind: WilayahKind = WilayahKind.KECAMATAN,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Outlines of every Wilayah of a kind."""
    asked = (if_none_match or "").removeprefix("W/").strip('"')
    found = await service.outlines(session, kind, asked)
    # "no-cache" means: keep it, and ask each time whether it is still the one.
    headers = {"ETag": f'"{found.version}"', "Cache-Control": "no-cache"}
    if found.geojson is None:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return GeoJson(found.geojson, headers=headers)


@router.get("/contacts", dependencies=[Depends(allow(Action.SEE_CONTACTS))])
async def contacts(
    session: ReadTransaction,
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
) -> PoliceContacts:
    """Police numbers for a place: the Satuan that answers for it, and the Bhabinkamtibmas."""
    return await service.contacts_at(session, Position(lat, lon))


@router.get("/satuan")
async def satuan(
    subject: Annotated[Subject, Depends(allow(Action.SEE_PERSONIL))], session: ReadTransaction
) -> list[SatuanView]:
    """One's own Satuan and all below it, parents before their children."""
    return await service.satuan_of(session, subject)


@router.get("/places")
async def places(
    subject: Annotated[Subject, Depends(allow(Action.PRESS_FOR_CALLER))],
    session: ReadTransaction,
    text: Annotated[str, Query(min_length=2, max_length=80, description="parts of names")],
) -> list[FoundPlace]:
    """Where a caller may be: Wilayah anywhere, and sites of one's own ground; at most 12."""
    return await find(session, subject, text)


@router.get("/sites")
async def sites(
    subject: Annotated[Subject, Depends(allow(Action.SEE_INSTANSI))], session: ReadTransaction
) -> list[SiteView]:
    """Sites of Instansi that one's own Satuan and those below it answer for."""
    return await service.sites_of(session, subject)
