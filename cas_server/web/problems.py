"""CasError to problem+json (RFC 9457), in one place; no stack trace ever leaves."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from cas_server.errors import CasError

log = structlog.get_logger()

PROBLEM = "application/problem+json"


def install(app: FastAPI) -> None:
    """Let every failure of `app` answer with a problem document."""
    app.add_exception_handler(CasError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    status: int, code: str, detail: str, facts: Mapping[str, Any], headers: Mapping[str, str]
) -> JSONResponse:
    """One problem document; `code` is what clients act on."""
    title = HTTPStatus(status).phrase
    body = {"type": f"urn:cas:{code}", "title": title, "status": status, "code": code}
    content = jsonable_encoder({**body, "detail": detail, **facts})
    return JSONResponse(content, status, headers=dict(headers), media_type=PROBLEM)


async def _expected(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CasError)
    log.info("request.refused", code=error.code)
    facts = error.facts()
    headers: dict[str, str] = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after := facts.get("retry_after_s"):
        headers["Retry-After"] = retry_after
    return problem(error.status, error.code, str(error), facts, headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(fault) for fault in error.errors()]
    first = faults[0] if faults else {"field": "body", "reason": "is not valid"}
    detail = f"{first['field']}: {first['reason']}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    facts = {"field": first["field"], "errors": faults}
    return problem(status, "invalid_input", detail, facts, {})


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    where: Sequence[str | int] = fault["loc"]
    path = [str(part) for part in where if part not in ("body", "query", "path")]
    return {"field": ".".join(path) or "body", "reason": str(fault["msg"])}


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).name.lower()
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
    return problem(error.status_code, code, str(error.detail), {}, headers)


def _methods_of(request: Request) -> list[str]:
    """Of all routes with this address: the framework names those of the first one only."""
    path = request.scope["path"]
    routes = iter_route_contexts(request.app.routes)
    fitting = [route for route in routes if compile_path(str(route.path))[0].match(path)]
    # What is written out, like "passkey", is not meant where another route has an id.
    fitting = [route for route in fitting if route.path == path] or fitting
    return sorted({method for route in fitting for method in getattr(route, "methods", None) or ()})


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request.failed", path=request.scope.get("route_path", ""), exc_info=error)
    detail = "something went wrong on the server; it has been logged"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", detail, {}, {})
