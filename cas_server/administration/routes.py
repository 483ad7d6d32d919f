"""Settings and imports over HTTP, for admins."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from cas_server.administration import files, rules
from cas_server.administration.views import CallingRules, ImportOutcome, RulesChanged, RulesView
from cas_server.db.session import DatabaseOf, ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.registry.importing import ImportKind

router = APIRouter(prefix="/v1", tags=["administration"])

Looker = Annotated[Subject, Depends(allow(Action.SEE_RULES))]
Changer = Annotated[Subject, Depends(allow(Action.CHANGE_RULES))]
Importer = Annotated[Subject, Depends(allow(Action.IMPORT))]

FILE = re.compile(r"/v1/imports/\w+")
MOST_FILE_BYTES = 32_000_000
"""The outlines of the desa of a province, as the authorities draw them."""
_BYTES = {"schema": {"type": "string", "format": "binary"}}
BODY = {
    "requestBody": {
        "required": True,
        "description": "CSV, or GeoJSON for Wilayah; the columns are those of `cas import`",
        "content": {"text/csv": _BYTES, "application/geo+json": _BYTES},
    }
}


@router.get("/satuan/{satuan_id}/rules")
async def see_rules(satuan_id: UUID, subject: Looker, session: ReadTransaction) -> RulesView:
    """By which figures a Satuan calls."""
    return await rules.show(session, subject, satuan_id)


@router.put("/satuan/{satuan_id}/rules")
async def change_rules(
    satuan_id: UUID,
    body: CallingRules,
    subject: Changer,
    session: WriteTransaction,
    *,
    check_only: bool = False,
) -> RulesChanged:
    """Set the figures of a Satuan; with `check_only` say what that would change."""
    changes = await rules.change(session, subject, satuan_id, body, utc_now())
    if check_only:
        session.discard()
    return RulesChanged(stored=not check_only, changes=changes)


@router.put("/imports/{kind}", openapi_extra=BODY)
async def import_registry(
    kind: ImportKind,
    request: Request,
    subject: Importer,
    database: DatabaseOf,
    *,
    check_only: bool = False,
) -> ImportOutcome:
    """Take a file of the registry, or say what is wrong with it; all of it or nothing."""
    return await files.take(database, subject, kind, await request.body(), check_only=check_only)
