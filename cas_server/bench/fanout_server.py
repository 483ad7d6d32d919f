"""The server, with doors for a benchmark: what is told there goes to the hub, or one by one.

python -m cas_server.bench.fanout_server
"""

import asyncio
from typing import cast

from fastapi import FastAPI, WebSocket

from cas_server.live import topics
from cas_server.serve import server
from cas_server.settings import Settings


class Plain:
    """What the hub is compared with: a list of sockets and a loop."""

    def __init__(self) -> None:
        self._sockets: list[WebSocket] = []

    async def serve(self, websocket: WebSocket) -> None:
        await websocket.accept()
        self._sockets.append(websocket)
        while (await websocket.receive())["type"] == "websocket.receive":
            continue
        self._sockets.remove(websocket)

    async def tell(self, websocket: WebSocket) -> None:
        await websocket.accept()
        while (message := await websocket.receive())["type"] == "websocket.receive":
            for each in self._sockets:
                await each.send_text(message["text"])


async def hub(websocket: WebSocket) -> None:
    """Every frame is published to everybody on /v1/live."""
    await websocket.accept()
    published = websocket.app.state.lives.hub.publish
    while (message := await websocket.receive())["type"] == "websocket.receive":
        published(topics.EVERYBODY, message["text"])


def main() -> None:
    settings = Settings()
    assert settings.database_url is not None
    made = server(settings, settings.database_url.get_secret_value())
    app, plain = cast(FastAPI, made.config.app), Plain()
    app.add_api_websocket_route("/bench/plain", plain.serve)
    app.add_api_websocket_route("/bench/plain/tell", plain.tell)
    app.add_api_websocket_route("/bench/hub", hub)
    asyncio.run(made.serve())


if __name__ == "__main__":
    main()
