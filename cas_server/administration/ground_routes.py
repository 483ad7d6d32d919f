"""The forms of Satuan and Wilayah over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from cas_server.administration import satuan, satuan_queries, wilayah, wilayah_queries
from cas_server.administration.ground_views import (
    SatuanChanged,
    SatuanForm,
    SatuanRecord,
    WilayahChanged,
    WilayahForm,
    WilayahRecord,
)
from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1/registry", tags=["registry"])

Looker = Annotated[Subject, Depends(allow(Action.SEE_REGISTRY))]
Changer = Annotated[Subject, Depends(allow(Action.CHANGE_REGISTRY))]


@router.get("/satuan")
async def list_satuan(subject: Looker, session: ReadTransaction) -> list[SatuanRecord]:
    """One's Satuan and all below it, closed ones too, parents before their children."""
    return await satuan_queries.below(session, subject.satuan_path)


@router.put("/satuan/{satuan_id}")
async def put_satuan(
    satuan_id: UUID,
    body: SatuanForm,
    subject: Changer,
    session: WriteTransaction,
    *,
    check_only: bool = False,
) -> SatuanChanged:
    """Add, change, move or close a Satuan; with `check_only` say what that would do."""
    effects = await satuan.put(session, subject, satuan_id, body, utc_now())
    [after] = await satuan_queries.below(session, subject.satuan_path, satuan_id)
    if check_only:
        session.discard()
    return SatuanChanged(stored=not check_only, effects=effects, satuan=after)


@router.get("/wilayah")
async def list_wilayah(
    subject: Looker,
    session: ReadTransaction,
    search: Annotated[str, Query(max_length=100)] = "",
) -> list[WilayahRecord]:
    """Wilayah that one's Satuan and those below answer for, by code, name or Satuan."""
    return await wilayah_queries.answered_at(session, subject.satuan_path, search=search.strip())


@router.put("/wilayah/{code}")
async def put_wilayah(
    code: str,
    body: WilayahForm,
    subject: Changer,
    session: WriteTransaction,
    *,
    check_only: bool = False,
) -> WilayahChanged:
    """Let another Satuan answer for a Wilayah; with `check_only` say what that would do."""
    effects = await wilayah.put(session, subject, code, body, utc_now())
    [after] = await wilayah_queries.answered_at(session, subject.satuan_path, code)
    if check_only:
        session.discard()
    return WilayahChanged(stored=not check_only, effects=effects, wilayah=after)
