"""Builds the web application and its lifespan; no logic."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import Depends, FastAPI

from cas_server.administration import ground_routes, personil_routes
from cas_server.administration import instansi_routes as instansi_form_routes
from cas_server.administration import routes as administration_routes
from cas_server.administration.routes import FILE, MOST_FILE_BYTES
from cas_server.alarm import (
    figure_routes,
    handing_routes,
    joint_routes,
    offer_routes,
    own_routes,
    picture_routes,
    press_routes,
    report_routes,
    reveal_routes,
    shift_routes,
    sound_routes,
    track_routes,
)
from cas_server.alarm import routes as alarm_routes
from cas_server.alarm.admission import Admission
from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import DATABASE_FAULTS, Database
from cas_server.dispatch import offers
from cas_server.evidence import routes as evidence_routes
from cas_server.identity import codes, device_routes, oidc_routes, passkey_routes, staff_routes
from cas_server.identity import routes as identity_routes
from cas_server.identity.presser import MOST_TOGETHER, Proofs
from cas_server.identity.roles import Action
from cas_server.identity.subject import public
from cas_server.identity.verification import People
from cas_server.instansi import routes as instansi_routes
from cas_server.kit.clock import utc_now
from cas_server.kit.door import Door
from cas_server.live import routes as live_routes
from cas_server.live.feed import Feed
from cas_server.live.guard import Guard
from cas_server.live.hub import Hub
from cas_server.live.routes import Lives
from cas_server.metrics import routes as metrics_routes
from cas_server.pictures.darkroom import Darkroom
from cas_server.pictures.form import MOST_BYTES
from cas_server.pictures.sound import MOST_BYTES as MOST_SOUND_BYTES
from cas_server.presence import routes as presence_routes
from cas_server.presence.intake import Intake
from cas_server.privacy import routes as privacy_routes
from cas_server.push import routes as push_routes
from cas_server.registry import routes as registry_routes
from cas_server.registry import service as registry
from cas_server.settings import Settings
from cas_server.vault.service import attach
from cas_server.web import health, pages, problems
from cas_server.web.edge import Edge

WARM_CONNECTIONS = 4
PICTURE = re.compile(r"/v1/(?:alarms|offers)/[^/]+/pictures/[^/]+")
SOUND = re.compile(r"/v1/alarms/[^/]+/sounds/[^/]+")

log = structlog.get_logger()


def create_app(settings: Settings, dsn: str) -> FastAPI:
    """The whole server on one database; everything it runs in the background ends with it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        bell = Bell(dsn)
        pool = create_pool(dsn, settings.pool_size)
        database = attach(Database(pool, bell), settings)
        hub = Hub()
        intake = Intake(database, utc_now)
        lives = Lives(database, hub, intake, utc_now, settings.watcher_backlog)
        app.state.database = database
        app.state.proofs = Proofs(database)
        app.state.intake = intake
        app.state.lives = lives
        await database.warm(WARM_CONNECTIONS)
        feed = Feed(database, bell, hub, utc_now)
        guard = Guard(database, lives, utc_now)
        loops = [bell.run(), feed.run(), intake.run(), lives.sweep(), guard.run()]
        tasks = [asyncio.create_task(_never_ending(loop)) for loop in loops]
        try:
            yield
        finally:
            app.state.stopping = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(*DATABASE_FAULTS):
                await intake.flush()
            await database.close()

    app = FastAPI(
        title="CAS, the Crime Alarm System",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        separate_input_output_schemas=True,
    )
    app.state.settings = settings
    app.state.gauges = lambda: _gauges(app)
    app.state.lapse_offers = offers.lapse
    app.state.people = People(registry.register_masyarakat, registry.personil_of_phone)
    app.state.door = Door(MOST_TOGETHER)
    app.state.admission = Admission(settings.pool_size, utc_now)
    app.state.darkroom = Darkroom()
    app.state.code_requests = codes.Requests(registry.personil_of_phone, settings)
    problems.install(app)
    app.add_middleware(
        Edge,
        max_body_bytes=settings.max_body_bytes,
        larger={PICTURE: MOST_BYTES, SOUND: MOST_SOUND_BYTES, FILE: MOST_FILE_BYTES},
    )
    app.include_router(health.router, dependencies=[Depends(public(Action.SEE_HEALTH))])
    # The first is found first, and every route before it costs each press a look; a socket, too.
    for routes in (press_routes, live_routes, alarm_routes, identity_routes, staff_routes,
                   passkey_routes, oidc_routes, device_routes, registry_routes, presence_routes,
                   push_routes, offer_routes, own_routes, picture_routes, sound_routes,
                   report_routes, reveal_routes, track_routes, figure_routes, shift_routes,
                   joint_routes, handing_routes, evidence_routes, privacy_routes,
                   administration_routes, instansi_routes, personil_routes, metrics_routes,
                   ground_routes, instansi_form_routes):  # fmt: skip
        app.include_router(routes.router)
    pages.mount(app)
    return app


def _gauges(app: FastAPI) -> dict[str, float]:
    lent, opened, most = app.state.database.connections
    told = {
        "cas_database_connections_in_use": lent,
        "cas_database_connections_open": opened,
        "cas_database_connections_most": most,
    }
    lives = getattr(app.state, "lives", None)  # there from the server's start on
    return told if lives is None else {**told, "cas_sockets": len(lives)}


async def _never_ending(loop: Coroutine[None, None, None]) -> None:
    """A background loop that ends by itself is a fault: stop, and be started again."""
    try:
        await loop
    except Exception:
        log.exception("server.loop_died")
        os.kill(os.getpid(), signal.SIGTERM)
