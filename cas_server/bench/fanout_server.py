"""The server, with two extra doors for a benchmark: publish to the hub, or send one by one.

python -m cas_server.bench.fanout_server
"""

import asyncio
from typing import Any, cast

from fastapi import FastAPI, Request, Response, WebSocket

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

    async def tell(self, message: Any) -> None:
        for websocket in self._sockets:
            await websocket.send_json(message)


def add_doors(app: FastAPI) -> None:
    """POST /bench/hub and /bench/plain tell everybody on /v1/live or on /bench/plain."""
    plain = Plain()

    async def hub(request: Request) -> Response:
        frame = (await request.body()).decode()
        request.app.state.lives.hub.publish(topics.EVERYBODY, frame)
        return Response(status_code=204)

    async def one_by_one(request: Request) -> Response:
        await plain.tell(await request.json())
        return Response(status_code=204)

    app.add_api_websocket_route("/bench/plain", plain.serve)
    app.add_api_route("/bench/hub", hub, methods=["POST"])
    app.add_api_route("/bench/plain", one_by_one, methods=["POST"])


def main() -> None:
    settings = Settings()
    assert settings.database_url is not None
    made = server(settings, settings.database_url.get_secret_value())
    add_doors(cast(FastAPI, made.config.app))
    asyncio.run(made.serve())


if __name__ == "__main__":
    main()
