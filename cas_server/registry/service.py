"""Reads the regency for a subject, and enters a new Masyarakat."""

from dataclasses import dataclass

from cas_server.db.session import ReadSession, Session
from cas_server.identity.codes import RegisteredPersonil
from cas_server.identity.subject import Subject
from cas_server.identity.verification import Newcomer
from cas_server.kit.geo import Position
from cas_server.registry import queries, store
from cas_server.registry.entries import InstansiKind, SatuanKind, WilayahKind
from cas_server.registry.views import Contact, PoliceContacts, SatuanView, SiteView


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outlines under a version; `geojson` is None when the asker has this version already."""

    version: str
    geojson: str | None


async def outlines(session: ReadSession, kind: WilayahKind, known_version: str | None) -> Outlines:
    """Every Wilayah of a kind, unless the asker has them."""
    version = await queries.outlines_version(session, kind)
    if version == known_version:
        return Outlines(version, None)
    return Outlines(version, await queries.outlines(session, kind))


async def satuan_of(session: ReadSession, subject: Subject) -> list[SatuanView]:
    """The subject's own Satuan and all below it."""
    return [
        SatuanView(
            id=each.id,
            code=each.code,
            name=each.name,
            kind=SatuanKind(each.kind),
            parent_id=each.parent_id,
            path=each.path,
            lat=each.position.lat if each.position else None,
            lon=each.position.lon if each.position else None,
            phone=each.phone,
            demo=each.demo,
        )
        for each in await queries.satuan_below(session, subject.satuan_path)
    ]


async def sites_of(session: ReadSession, subject: Subject) -> list[SiteView]:
    """The sites that the subject's Satuan and those below it answer for."""
    return [
        SiteView(
            id=each.id,
            code=each.code,
            name=each.name,
            address=each.address,
            lat=each.position.lat,
            lon=each.position.lon,
            contacts=[Contact(**contact) for contact in each.contacts],
            responder_notes=each.responder_notes,
            demo=each.demo,
            instansi_id=each.instansi_id,
            instansi_name=each.instansi_name,
            instansi_kind=InstansiKind(each.instansi_kind),
            satuan_id=each.satuan_id,
        )
        for each in await queries.sites_below(session, subject.satuan_path)
    ]


async def contacts_at(session: ReadSession, at: Position) -> PoliceContacts:
    """Who can be telephoned for a place."""
    cover = await queries.cover(session, at)
    return PoliceContacts(
        desa=cover.desa.name if cover.desa else None,
        kecamatan=cover.kecamatan.name if cover.kecamatan else None,
        contacts=await queries.contacts(session, cover.satuan_path, cover.bhabinkamtibmas_id),
    )


async def register_masyarakat(session: Session, newcomer: Newcomer) -> None:
    """Enter somebody who has just proved a phone number."""
    await store.add_masyarakat(session, newcomer.masyarakat_id, newcomer.name, newcomer.phone)


async def personil_of_phone(session: ReadSession, phone: str) -> RegisteredPersonil | None:
    """The Personil with this number; None also when two of them share it."""
    return await queries.personil_of_phone(session, phone)
