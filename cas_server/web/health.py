"""Alive: the process answers. Ready: it can take a press."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from cas_server.db.session import DatabaseOf
from cas_server.errors import CasError
from cas_server.kit.wire import Wire


class Health(Wire):
    """`ok`, or the sentence that says what is missing."""

    status: Literal["ok", "not_ready"]
    detail: str


router = APIRouter(prefix="/v1/health", tags=["health"])


@router.get("/alive")
async def alive() -> Health:
    """The process answers."""
    return Health(status="ok", detail="alive")


async def _stopping(request: Request) -> bool:
    return bool(getattr(request.app.state, "stopping", False))


@router.get("/ready")
async def ready(
    response: Response, database: DatabaseOf, stopping: Annotated[bool, Depends(_stopping)]
) -> Health:
    """The database answers and the regency is there."""
    try:
        async with database.statement() as sql:
            known = await sql.fetchval("SELECT EXISTS (SELECT FROM satuan)", timeout=2.0)
    except (CasError, TimeoutError):
        return _not_ready(response, "the database does not answer")
    if stopping:
        return _not_ready(response, "this process is stopping")
    if not known:
        return _not_ready(response, "no Satuan has been imported: run 'cas import satuan FILE.csv'")
    return Health(status="ok", detail="ready")


def _not_ready(response: Response, detail: str) -> Health:
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Health(status="not_ready", detail=detail)
