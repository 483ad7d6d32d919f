"""What the OpenAPI document says beyond what FastAPI knows: who may ask, and how refusals look."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field

from cas_server.identity.presser import attest
from cas_server.identity.subject import allow
from cas_server.web.problems import PROBLEM

_REFUSED = {
    HTTPStatus.UNAUTHORIZED: "No sign-in, or one that has ended",
    HTTPStatus.FORBIDDEN: "Not for this role or this sign-in; `code` says what is missing",
}
_EVERYWHERE = {
    "4XX": "Refused; `code` is what to act on, `detail` says what to do",
    str(HTTPStatus.SERVICE_UNAVAILABLE.value): "Not just now: ask again, repeating is harmless",
}


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    field: str
    reason: str


class Problem(BaseModel):
    """How every refusal looks (RFC 9457). Some carry more facts than are named here."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str = Field(default="", description="what to mend, when one field is at fault")
    errors: list[Fault] = []


def complete(document: dict[str, Any], app: FastAPI) -> None:
    """Add to every operation who may ask and how it refuses."""
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    for framework_shape in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework_shape, None)
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    for method, path, marks in _marked(app):
        operation = document["paths"][path][method]
        operation["security"] = _security(marks)
        _say_refusals(operation, is_guarded=operation["security"] == [{"bearer": []}])


def _marked(app: FastAPI) -> Iterator[tuple[str, str, list[allow]]]:
    for route in iter_route_contexts(app.routes):
        if str(route.path) not in app.openapi()["paths"]:
            continue
        marks = list(_marks(getattr(route, "dependant", None)))
        for method in getattr(route, "methods", None) or ():
            yield method.lower(), str(route.path), marks


def _marks(dependant: Dependant | None) -> Iterator[allow]:
    for below in dependant.dependencies if dependant else []:
        if isinstance(below.call, allow):
            yield below.call
        yield from _marks(below)


def _security(marks: list[allow]) -> list[dict[str, list[str]]]:
    """Nothing for what is public; a press is heard with a sign-in and without."""
    if any(isinstance(mark, attest) for mark in marks):
        return [{}, {"bearer": []}]
    return [{"bearer": []}] if marks else []


def _say_refusals(operation: dict[str, Any], *, is_guarded: bool) -> None:
    shape = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers: dict[str, Any] = operation["responses"]
    answers.pop(str(HTTPStatus.UNPROCESSABLE_ENTITY.value), None)
    said = {str(status.value): text for status, text in _REFUSED.items()} if is_guarded else {}
    for status, text in (said | _EVERYWHERE).items():
        answers.setdefault(status, {"description": text, "content": shape})
