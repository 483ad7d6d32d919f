"""Who stands outside and keeps what it was asked for: browsers' push service, a text message phone.

Both live as long as the harness. They fail only where a schedule says so, and what they refused
must be asked again.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.crash.pace import pause
from tests.push.push_service import PushService, Subscription, listening

WELL, HANGS = "well", "hang"
LOOK_EVERY_S = 0.05


class Moody:
    """Does as its mood is: answers well, or with that status, or hangs and does it all later."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.mood = WELL

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while self.mood == HANGS:
            await pause(LOOK_EVERY_S)
        fails = self.mood != WELL
        answer = Response(status_code=int(self.mood)) if fails else self._app
        await answer(scope, receive, send)


class Texts:
    """A phone with a gateway on it: whatever it is handed has been sent at once."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.app = Starlette(routes=[
            Route("/message", self._send, methods=["POST"]),
            Route("/message/{id}", self._fate, methods=["GET"]),
        ])  # fmt: skip

    async def _send(self, request: Request) -> Response:
        told = await request.json()
        [phone] = told["phoneNumbers"]
        self.sent.append({"phone": phone, "text": told["textMessage"]["text"]})
        return JSONResponse({"id": told["id"], "state": "Sent"}, status_code=202)

    async def _fate(self, request: Request) -> Response:
        return JSONResponse({"id": request.path_params["id"], "state": "Sent"})


@dataclass
class Outside:
    """Both, and the browsers that have subscribed."""

    push: PushService
    texts: Texts
    texts_url: str
    moods: Mapping[str, Moody]
    """Of "texts" and of "browsers"."""
    subscriptions: list[Subscription] = field(default_factory=list)

    @property
    def environment(self) -> Mapping[str, str]:
        """How a server finds them."""
        return {
            "CAS_PUSH_ORIGINS": self.push.url,
            "CAS_SMS_GATEWAY_URL": f"{self.texts_url}/message",
            "CAS_SMS_UNANSWERED_PER_NETWORK": "100000",
            "CAS_SMS_UNANSWERED_PER_HOUR": "100000",
            "CAS_SMS_UNANSWERED_PER_DAY": "100000",
            "CAS_SMS_PER_DAY": "100000",
        }

    def subscribe(self, application_server_key: str) -> Subscription:
        """A browser asks to be woken."""
        made = self.push.subscribe(application_server_key)
        self.subscriptions.append(made)
        return made

    def write_down(self, folder: Path) -> None:
        """All that was asked of either since the last time, for the checker."""
        pushed = []
        for browser in self.subscriptions:
            while not browser.pushed.empty():
                told = browser.pushed.get_nowait().told
                pushed.append({"to": browser.endpoint, "alarm_id": told.get("alarm_id")})
        books = {"browsers": [one.endpoint for one in self.subscriptions],
                 "pushed": pushed, "texts": self.texts.sent}  # fmt: skip
        (folder / "outside.json").write_text(json.dumps(books))
        self.subscriptions, self.texts.sent = [], []


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    """There for as long as the block lasts."""
    texts, push = Texts(), PushService("")
    moods = {"texts": Moody(texts.app), "browsers": Moody(push.app)}
    async with listening(moods["browsers"]) as push.url, listening(moods["texts"]) as url:
        yield Outside(push, texts, url, moods)
