"""What stands before every route: a limit on bodies, headers on answers, ids in the log."""

from http import HTTPStatus

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cas_server.kit.ids import new_id
from cas_server.web.problems import problem

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"geolocation=(self), camera=(), microphone=()"),
]


class BodyTooLarge(Exception):
    """The body grew past the limit while it was being read."""


class Edge:
    """Plain ASGI, so that nothing is buffered on the way."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

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
        taken = 0
        started = False

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._max_body_bytes:
                raise BodyTooLarge
            return message

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        try:
            await self._app(scope, limited, with_headers)
        except BodyTooLarge:
            if started:
                raise
            detail = f"body: larger than {self._max_body_bytes} bytes"
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            answer = problem(status, "body_too_large", detail, {"field": "body"}, {})
            await answer(scope, receive, with_headers)
