"""Runs the web application in this process, with the server that was measured best."""

import sys
from typing import TYPE_CHECKING

from cas_server import handover
from cas_server.errors import CasError
from cas_server.garbage import loading
from cas_server.priority import go_first
from cas_server.settings import Settings

if TYPE_CHECKING:
    import uvicorn

STOP_WITHIN_S = 5


def run(settings: Settings, dsn: str) -> None:
    """Serve until told to end, on the sockets that were left to us, else at CAS_HOST and CAS_PORT.

    Whoever started this is told when requests are answered.
    """
    serving = server(settings, dsn)
    from cas_server.vault.service import check  # loaded by now
    from cas_server.web.patience import bound_waiting

    if not handover.await_turn():
        return
    handover.show_as("cas-server")
    go_first()
    check(settings, dsn)
    sockets = handover.inherited() or handover.bound(settings.host, settings.port)
    for each in sockets:
        bound_waiting(each)
    serving.run(sockets)


async def _tell_ready() -> None:
    handover.tell_ready()


def server(settings: Settings, dsn: str) -> "uvicorn.Server":
    """A uvicorn server, not started; `cas serve` and the tests run the same one."""
    with loading():
        import uvicorn

        from cas_server.app import create_app
        from cas_server.web.accepting import Server
        from cas_server.web.patience import patient_http
        from cas_server.web.prompt import PromptWebSocket

        app = create_app(settings, dsn)
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=patient_http(),
            ws=PromptWebSocket,
            ws_max_size=settings.max_frame_bytes,
            ws_per_message_deflate=False,
            ws_ping_interval=20.0,
            ws_ping_timeout=20.0,
            timeout_graceful_shutdown=STOP_WITHIN_S,
            access_log=False,
            log_config=None,
            server_header=False,
            # X-Forwarded-For is believed from these alone; else anybody could be anybody.
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
            lifespan="on",
            # Called first when the application has started and the sockets are taken up.
            callback_notify=_tell_ready,
        )
    )


def main() -> None:
    """`cas serve` without the command line around it, which `cas up` need not wait for."""
    from cas_server import log

    settings = Settings()
    log.configure(settings.log_level)
    assert settings.database_url is not None, "whoever starts this says which database"
    dsn = settings.database_url.get_secret_value()
    try:
        run(settings, dsn)
    except CasError as error:
        sys.exit(f"cas: {error}")


if __name__ == "__main__":
    main()
