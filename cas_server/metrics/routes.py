"""/metrics for Prometheus on this machine or with the token; the watchdog's word for everybody."""

import asyncio
import hmac
from dataclasses import asdict
from http import HTTPStatus
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from cas_server.db.session import DATABASE_FAULTS, Database, DatabaseOf
from cas_server.errors import CasError
from cas_server.identity.roles import Action
from cas_server.identity.routes import SettingsOf
from cas_server.identity.subject import public
from cas_server.kit.clock import utc_now
from cas_server.kit.wire import Wire
from cas_server.metrics import queries
from cas_server.metrics.exposition import exposition
from cas_server.metrics.flowing import Flow, Part, Standstill, standing_still

LOOK_WITHIN_S = 5.0

router = APIRouter(tags=["health"])


class MetricsNotForYou(CasError):
    code = "metrics_refused"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "metrics are read on the server's own machine, or with the token of CAS_METRICS_TOKEN"
        )


class StandstillView(Wire):
    """One part that does not move: for how long, unless nobody knows, and what to do."""

    part: Part
    seconds: float | None
    detail: str


class Flowing(Wire):
    """Whether alarms still reach people, and if not, what stands still."""

    flowing: bool
    standing_still: list[StandstillView]


async def _may_read(request: Request, settings: SettingsOf) -> None:
    token = settings.metrics_token
    if token is None:
        here = request.client is not None and _is_loopback(request.client.host)
        if not here:
            raise MetricsNotForYou
        return
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(told.encode(), token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not right:
        raise MetricsNotForYou


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


async def _here(request: Request) -> dict[str, float]:
    """What this process knows without asking; whoever builds it says how (`state.gauges`)."""
    told: dict[str, float] = request.app.state.gauges()
    return told


HereOf = Annotated[dict[str, float], Depends(_here)]


@router.get(
    "/metrics",
    dependencies=[Depends(public(Action.SEE_METRICS)), Depends(_may_read)],
    include_in_schema=False,
)
async def metrics(database: DatabaseOf, here: HereOf) -> Response:
    """Numbers of this process and of the installation, as Prometheus reads them; nobody's name."""
    flow, state = await _looked(database)
    return Response(exposition(here, flow, state), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/v1/health/flow",
    dependencies=[Depends(public(Action.SEE_HEALTH))],
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Flowing}},
)
async def flow(response: Response, database: DatabaseOf) -> Flowing:
    """The watchdog: 503 when the worker, the outbox or the deadlines stand still."""
    try:
        async with asyncio.timeout(LOOK_WITHIN_S), database.glance() as session:
            still = standing_still(await queries.flow(session, utc_now()))
    except (*DATABASE_FAULTS, TimeoutError):
        still = [Standstill(Part.DATABASE, None, "the database does not answer")]
    if still:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    told = [StandstillView(**asdict(each)) for each in still]
    return Flowing(flowing=not still, standing_still=told)


async def _looked(database: Database) -> tuple[Flow | None, queries.State | None]:
    now = utc_now()
    try:
        async with asyncio.timeout(LOOK_WITHIN_S), database.reading() as session:
            return await queries.flow(session, now), await queries.state(session, now)
    except (*DATABASE_FAULTS, TimeoutError):
        return None, None
