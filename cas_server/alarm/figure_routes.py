"""A day at the desk over HTTP: figures and places of one's own subtree, and nobody's name."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from cas_server.alarm import figures
from cas_server.alarm.figure_views import Figures, Heat
from cas_server.db.session import ReadTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1", tags=["alarm"])

Looker = Annotated[Subject, Depends(allow(Action.SEE_ALARMS))]
Hours = Annotated[int, Query(ge=1, le=168)]


@router.get("/figures")
async def see_figures(subject: Looker, session: ReadTransaction, hours: Hours = 24) -> Figures:
    """How many alarms, and how long after the press somebody saw, took and reached them."""
    return await figures.figures(session, subject.satuan_path, utc_now(), hours)


@router.get("/heat")
async def see_heat(subject: Looker, session: ReadTransaction, hours: Hours = 24) -> Heat:
    """Where alarms were, coarsely, for a layer of the map."""
    return await figures.heat(session, subject.satuan_path, utc_now(), hours)
