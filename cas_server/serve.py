"""Runs the web application in this process, with the server that was measured best."""

import uvicorn

from cas_server.app import create_app
from cas_server.settings import Settings

STOP_WITHIN_S = 5


def server(settings: Settings, dsn: str) -> uvicorn.Server:
    """A uvicorn server, not started; `cas serve` and the tests run the same one."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings, dsn),
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=settings.max_frame_bytes,
            ws_per_message_deflate=False,
            ws_ping_interval=20.0,
            ws_ping_timeout=20.0,
            timeout_graceful_shutdown=STOP_WITHIN_S,
            access_log=False,
            log_config=None,
            server_header=False,
            lifespan="on",
        )
    )
