"""The Instansi's forms over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from cas_server.administration import instansi, instansi_queries
from cas_server.administration.instansi_views import InstansiChanged, InstansiForm, InstansiPage
from cas_server.db.session import DatabaseOf, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1/registry", tags=["registry"])


@router.get("/instansi")
async def list_instansi(
    subject: Annotated[Subject, Depends(allow(Action.SEE_REGISTRY))],
    database: DatabaseOf,
    search: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> InstansiPage:
    """Instansi with a site on one's own ground, or entered there, by name or code."""
    # Without the second wall: behind it the people of an Instansi, at no Satuan, are not there.
    async with database.reading() as session:
        return await instansi_queries.page(session, subject.satuan_path, search.strip(), limit)


@router.put("/instansi/{instansi_id}")
async def put_instansi(
    instansi_id: UUID,
    body: InstansiForm,
    subject: Annotated[Subject, Depends(allow(Action.CHANGE_REGISTRY))],
    session: WriteTransaction,
    *,
    check_only: bool = False,
) -> InstansiChanged:
    """Add, rename or close an Instansi; with `check_only` say what that would do."""
    effects = await instansi.put(session, subject, instansi_id, body, utc_now())
    async with session.beyond_the_wall():
        after = await instansi_queries.one(session, subject.satuan_path, instansi_id)
    assert after is not None, "it was just written"
    if check_only:
        session.discard()
    return InstansiChanged(stored=not check_only, effects=effects, instansi=after)
