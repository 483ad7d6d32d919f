"""What stands before every route: limits on bodies, headers on answers, ids in the log."""

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cas_server.errors import CasError
from cas_server.kit.ids import new_id

BODY_WITHIN_S = 30.0
"""The slowest phone sends a press in less; whoever takes longer is holding a place."""

_PAGE = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
_NOWHERE = "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
POLICIES = {
    # Answers are read by programs: opened as a page, they may do nothing at all.
    "/v1/": "default-src 'none'; frame-ancestors 'none'",
    # The map draws in a worker, and sets styles on its elements.
    "/komando": f"{_PAGE}media-src 'self' blob:; worker-src 'self' blob:; {_NOWHERE}",
    "/personil": f"{_PAGE}worker-src 'self' blob:; {_NOWHERE}",
    "/masyarakat": f"{_PAGE}worker-src 'self'; {_NOWHERE}",
    "/instansi": f"{_PAGE}worker-src 'self'; {_NOWHERE}",
    "/": f"default-src 'none'; style-src 'unsafe-inline'; {_NOWHERE}",
}
"""By how an address begins; the first that fits."""

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_MAY = b"geolocation=(self), camera=(), microphone=(%s), payment=(), usb=()"
_SILENT, _HEARING = (b"permissions-policy", _MAY % b""), (b"permissions-policy", _MAY % b"self")
RECORDERS = ("/masyarakat", "/instansi")
"""Pages on which whoever pressed may add a sound."""
# Said only over TLS (a proxy that is trusted says so): over plain HTTP browsers ignore it.
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


def headers_for(scope: Scope, own: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What an answer is sent with, beside its `own` headers."""
    path = scope["path"]
    fitting = (policy for start, policy in POLICIES.items() if path.startswith(start))
    policy = next(fitting, POLICIES["/v1/"])
    may = _HEARING if path.startswith(RECORDERS) else _SILENT
    added = [*HEADERS, may, (b"content-security-policy", policy.encode())]
    if scope.get("scheme") == "https":
        added.append(STRICT_TRANSPORT)
    if path.startswith("/v1/") and not any(name.lower() == b"cache-control" for name, _ in own):
        added.append((b"cache-control", b"no-store"))
    return added


class BodyRefused(CasError, HTTPException):
    """A body that is not read any further. HTTPException, too, or FastAPI calls it "400"."""

    def __init__(self, why: str) -> None:
        HTTPException.__init__(self, self.status, detail=f"body: {why}")

    def __str__(self) -> str:
        return str(self.detail)

    def facts(self) -> dict[str, str]:
        return {"field": "body"}


class BodyTooLarge(BodyRefused):
    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BodyTooSlow(BodyRefused):
    code = "body_too_slow"
    status = HTTPStatus.REQUEST_TIMEOUT


class Edge:
    """Plain ASGI, so that nothing is buffered on the way."""

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int,
        larger: Mapping[re.Pattern[str], int] | None = None,
    ) -> None:
        """`larger`: what a body may have at most under paths that take more than others."""
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        structlog.contextvars.bind_contextvars(request=str(new_id()))
        try:
            await self._serve(scope, receive, send)
        finally:
            structlog.contextvars.clear_contextvars()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive, self._most_bytes(scope))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message["headers"])
                if body.is_refused:
                    own.append((b"connection", b"close"))  # or the rest of it would still come
                message["headers"] = [*own, *headers_for(scope, own)]
            await send(message)

        await self._app(scope, body.receive, with_headers)

    def _most_bytes(self, scope: Scope) -> int:
        # Only a PUT brings one; the press comes by here first and must not pay for it.
        if scope["method"] == "PUT":
            for path, most_bytes in self._larger.items():
                if path.fullmatch(scope["path"]):
                    return most_bytes
        return self._max_body_bytes


class _Body:
    """A request's body on its way in: how much there is of it, and how long it takes."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._taken = 0
        self._until: float | None = None
        self._is_whole = False
        self.is_refused = False

    async def receive(self) -> Message:
        # After the body one waits here for the client to go away, and that has no limit.
        if self._is_whole:
            return await self._receive()
        message = await self._in_time()
        self._taken += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._taken > self._most_bytes:
            self.is_refused = True
            raise BodyTooLarge(f"larger than {self._most_bytes} bytes")
        return message

    async def _in_time(self) -> Message:
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + BODY_WITHIN_S
        try:
            async with asyncio.timeout_at(self._until):
                return await self._receive()
        except TimeoutError as late:
            self.is_refused = True
            raise BodyTooSlow(f"not whole after {BODY_WITHIN_S:.0f} s; send it again") from late
