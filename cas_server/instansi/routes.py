"""An Instansi over HTTP: its sites, people, drills and lines; and the desk's look at them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.identity.views import Device
from cas_server.instansi import drill_calls, drills, first_manager, people, service, windows
from cas_server.instansi.views import (
    Drill,
    DrillAgreement,
    DrillBody,
    DrillCall,
    DrillWindow,
    DrillWindowBody,
    Line,
    ManagerBody,
    OwnDrills,
    OwnInstansi,
    OwnSite,
    Petugas,
    PetugasBody,
    SiteChange,
    SiteWatch,
)
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1", tags=["instansi"])

Member = Annotated[Subject, Depends(allow(Action.SEE_OWN_SITES))]
Counter = Annotated[Subject, Depends(allow(Action.KEEP_LINE))]
Driller = Annotated[Subject, Depends(allow(Action.DRILL))]
Manager = Annotated[Subject, Depends(allow(Action.MANAGE_INSTANSI))]
Told = Annotated[Subject, Depends(allow(Action.RECEIVE_DRILL))]
Watcher = Annotated[Subject, Depends(allow(Action.SEE_INSTANSI))]


@router.get("/own-instansi")
async def see_own(subject: Member, session: ReadTransaction) -> OwnInstansi:
    """The Instansi of whoever asks, and its sites."""
    return await service.own(session, subject)


@router.put("/own-sites/{site_id}")
async def change_site(
    site_id: UUID, body: SiteChange, subject: Manager, session: WriteTransaction
) -> OwnSite:
    """Say anew what responders should know of a site; for the Instansi's manager."""
    return await service.change_site(session, subject, site_id, body, utc_now())


@router.put("/own-sites/{site_id}/line", status_code=HTTPStatus.NO_CONTENT)
async def keep_line(site_id: UUID, body: Line, subject: Counter, session: WriteTransaction) -> None:
    """This device stands at the site and hears us; say so once a minute."""
    await service.hear_line(session, subject, site_id, body, utc_now())


@router.delete("/own-sites/{site_id}/line", status_code=HTTPStatus.NO_CONTENT)
async def close_line(
    site_id: UUID,
    device: Annotated[Device, Query(min_length=1)],
    subject: Counter,
    session: WriteTransaction,
) -> None:
    """The counter closes: from now on its silence is no fault."""
    await service.close_line(session, subject, site_id, device, utc_now())


@router.get("/own-sites/{site_id}/drills")
async def see_drills(site_id: UUID, subject: Driller, session: ReadTransaction) -> OwnDrills:
    """The site's newest drills, and how many there were in 30 days."""
    return await drills.of_site(session, subject, site_id, utc_now())


@router.get("/petugas")
async def see_people(subject: Manager, session: ReadTransaction) -> list[Petugas]:
    """Everybody who signs in for the Instansi; for its manager."""
    return await people.people(session, subject)


@router.put("/petugas/{petugas_id}")
async def put_petugas(
    petugas_id: UUID, body: PetugasBody, subject: Manager, session: WriteTransaction
) -> Petugas:
    """Let somebody sign in with their own number, or say anew who they are."""
    return await people.put(session, subject, petugas_id, body, utc_now())


@router.delete("/petugas/{petugas_id}")
async def remove_petugas(petugas_id: UUID, subject: Manager, session: WriteTransaction) -> Petugas:
    """Out at once, on every device."""
    return await people.remove(session, subject, petugas_id, utc_now())


@router.post("/petugas/{petugas_id}/restoration")
async def restore_petugas(petugas_id: UUID, subject: Manager, session: WriteTransaction) -> Petugas:
    """Take a removal back."""
    return await people.restore(session, subject, petugas_id, utc_now())


@router.put("/registry/instansi/{instansi_id}/managers/{petugas_id}")
async def put_manager(
    instansi_id: UUID,
    petugas_id: UUID,
    body: ManagerBody,
    subject: Annotated[Subject, Depends(allow(Action.CHANGE_REGISTRY))],
    session: WriteTransaction,
) -> Petugas:
    """Let somebody be the first to manage an Instansi; for an admin of its ground."""
    ids = (instansi_id, petugas_id)
    return await first_manager.put(session, subject, ids, body, utc_now())


@router.put("/drills/{drill_id}")
async def begin_drill(
    drill_id: UUID, body: DrillBody, subject: Driller, session: WriteTransaction
) -> Drill:
    """Press for practice: timed and counted, and no alarm."""
    return await drills.begin(session, subject, drill_id, body.site_id, utc_now())


@router.get("/drills/{drill_id}")
async def see_drill(drill_id: UUID, subject: Driller, session: ReadTransaction) -> Drill:
    """How far it has come."""
    return await drills.see(session, subject, drill_id)


@router.post("/drills/{drill_id}/end")
async def end_drill(drill_id: UUID, subject: Driller, session: WriteTransaction) -> Drill:
    """It is over."""
    return await drills.end(session, subject, drill_id, utc_now())


@router.post("/drills/{drill_id}/answer")
async def answer_drill(
    drill_id: UUID,
    subject: Annotated[Subject, Depends(allow(Action.ANSWER_DRILL))],
    session: WriteTransaction,
) -> Drill:
    """The desk has seen the drill; the first answer counts."""
    return await drills.answer(session, subject, drill_id, utc_now())


@router.put("/own-sites/{site_id}/drill-windows/{window_id}")
async def ask_for_officers(
    site_id: UUID,
    window_id: UUID,
    body: DrillWindowBody,
    subject: Manager,
    session: WriteTransaction,
) -> DrillWindow:
    """Ask the site's Satuan that drills tell officers for up to a day; for the manager."""
    return await windows.ask(session, subject, (site_id, window_id), body, utc_now())


@router.put("/drill-windows/{window_id}/agreement")
async def agree_drills(
    window_id: UUID,
    body: DrillAgreement,
    subject: Annotated[Subject, Depends(allow(Action.AGREE_DRILLS))],
    session: WriteTransaction,
) -> DrillWindow:
    """Say yes or no for the site's Satuan; that may change until the window is over."""
    return await windows.answer(session, subject, window_id, utc_now(), agreed=body.agreed)


@router.get("/own-drill-calls")
async def see_drill_calls(subject: Told, session: ReadTransaction) -> list[DrillCall]:
    """The drills that you are told of just now. None of them is an alarm."""
    return await drill_calls.own(session, subject, utc_now())


@router.post("/own-drill-calls/{drill_id}/receipt")
async def receive_drill(
    drill_id: UUID, subject: Told, session: WriteTransaction
) -> list[DrillCall]:
    """You have seen it: timed and counted. Nobody expects you to set out."""
    return await drill_calls.receive(session, subject, drill_id, utc_now())


@router.get("/site-watch")
async def see_site_watch(subject: Watcher, session: ReadTransaction) -> SiteWatch:
    """Sites whose line is lost, and drills that are being held, on one's own ground."""
    return await service.watch(session, subject, utc_now())
