"""The Personil's forms over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from cas_server.administration import personil, personil_queries
from cas_server.administration.personil_views import PersonilChanged, PersonilForm, PersonilPage
from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1/registry", tags=["registry"])


@router.get("/personil")
async def list_personil(
    subject: Annotated[Subject, Depends(allow(Action.SEE_REGISTRY))],
    session: ReadTransaction,
    search: Annotated[str, Query(max_length=100)] = "",
    satuan_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    *,
    in_service: bool = True,
) -> PersonilPage:
    """Personil of one's Satuan and below, by name, NRP or Satuan, on duty or not."""
    wanted = (in_service, satuan_id, search.strip())
    return await personil_queries.page(session, subject.satuan_path, wanted, limit)


@router.put("/personil/{personil_id}")
async def put_personil(
    personil_id: UUID,
    body: PersonilForm,
    subject: Annotated[Subject, Depends(allow(Action.CHANGE_REGISTRY))],
    session: WriteTransaction,
    *,
    check_only: bool = False,
) -> PersonilChanged:
    """Add or change a Personil; with `check_only` say what that would do."""
    effects = await personil.put(session, subject, personil_id, body, utc_now())
    after = await personil_queries.one(session, subject.satuan_path, personil_id)
    assert after is not None, "it was just written"
    if check_only:
        session.discard()
    return PersonilChanged(stored=not check_only, effects=effects, personil=after)
