"""What the installation says of itself, to whom, and the rules that are made of it."""

import json
import re
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.live.hub import Hub
from cas_server.live.routes import Lives
from cas_server.metrics import queries
from cas_server.metrics.flowing import Flow, standing_still
from cas_server.settings import Settings
from tests.factories import Regency, make_masyarakat, make_personil

DEPLOY = Path(__file__).parents[2] / "deploy"
BY_PROMETHEUS = {"up"}
BY_PROMETHEUS_LABELS = {"job", "instance"}


def samples(page: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


async def read(client: httpx2.AsyncClient) -> dict[tuple[str, ...], float]:
    answer = await client.get("/metrics")
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["content-type"].startswith("text/plain")
    return samples(answer.text)


async def press(client: httpx2.AsyncClient, database: Database, regency: Regency) -> None:
    async with database.transaction() as session:
        citizen = await make_masyarakat(session)
        await make_personil(session, regency.kota, regency.at(400))
    at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 9}
    for expected in (HTTPStatus.CREATED, HTTPStatus.OK):
        path = f"/v1/alarms/{regency.polres.id}"
        answer = await client.put(path, json={"position": at}, headers=citizen.bearer)
        assert answer.status_code == expected


async def test_presses_and_their_offers_are_counted(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    before = await read(client)

    await press(client, database, regency)

    after = await read(client)
    for outcome in ("raised", "repeated"):
        name = ("cas_presses_total", outcome)
        assert after[name] == before[name] + 1
    assert after["cas_press_seconds_count",] == before["cas_press_seconds_count",] + 2
    assert after["cas_alarms_open",] == 1
    assert after["cas_alarms_unacknowledged",] == 1
    assert after["cas_offers", "open"] == 1
    assert 0 <= after["cas_step_seconds", "0.5", "offered"] < 60
    assert after["cas_outbox_jobs",] > 0
    assert after["cas_database_up",] == 1
    assert ("cas_step_seconds", "0.5", "accepted") not in after


async def test_what_lags_and_what_was_stored_is_told(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    await press(client, database, regency)
    async with database.transaction() as session:
        newcomer = await make_personil(session, regency.kota)
        await queries.beat(session, queries.WORKER, utc_now() - timedelta(minutes=2))
        await session.sql.execute("UPDATE outbox SET run_at = now() - interval '1 minute'")
        await session.sql.execute("""
            UPDATE offer SET expires_at = now() - interval '30 seconds', unreached_at = now()
        """)
    before = await read(client)
    fix = {"lat": -7.15, "lon": 111.88, "accuracy_m": 8, "fixed_at": utc_now().isoformat()}

    answer = await client.post("/v1/fixes", json={"fixes": [fix]}, headers=newcomer.bearer)

    assert answer.is_success, answer.text
    after = await read(client)
    assert after["cas_fixes_stored_total",] == before["cas_fixes_stored_total",] + 1
    assert after["cas_outbox_age_seconds",] >= 60
    assert after["cas_deadline_late_seconds",] >= 30
    assert after["cas_worker_silent_seconds",] >= 120
    assert after["cas_offers_unreached",] == 1
    assert after["cas_database_connections_most",] >= after["cas_database_connections_open",] >= 1


async def test_without_a_database_the_process_still_tells_of_itself(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    class Away:
        connections = (0, 0, 1)

        def reading(self) -> Any:
            raise OSError("no database")

    app.state.database = Away()

    told = await read(client)

    assert told["cas_database_up",] == 0
    assert ("cas_alarms_open",) not in told
    assert told["cas_database_connections_most",] == 1


@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        (None, "127.0.0.1", {}, HTTPStatus.OK),
        (None, "::1", {}, HTTPStatus.OK),
        (None, "203.0.113.9", {}, HTTPStatus.FORBIDDEN),
        ("geheim", "127.0.0.1", {}, HTTPStatus.FORBIDDEN),
        ("geheim", "203.0.113.9", {"Authorization": "Bearer geheim"}, HTTPStatus.OK),
        ("geheim", "203.0.113.9", {"Authorization": "Bearer other"}, HTTPStatus.FORBIDDEN),
        ("geheim", "203.0.113.9", {"Authorization": "Basic geheim"}, HTTPStatus.FORBIDDEN),
    ],
)
async def test_numbers_are_for_this_machine_or_for_whoever_has_the_token(
    app: FastAPI, token: str | None, address: str, headers: dict[str, str], status: HTTPStatus
) -> None:
    app.state.settings = Settings(metrics_token=SecretStr(token) if token else None)
    transport = httpx2.ASGITransport(app=app, client=(address, 1))

    async with httpx2.AsyncClient(transport=transport, base_url="http://cas") as client:
        answer = await client.get("/metrics", headers=headers)

    assert answer.status_code == status


async def test_the_watchdog_is_quiet_while_a_worker_beats_and_nothing_is_late(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    never = await client.get("/v1/health/flow")
    async with database.transaction() as session:
        await queries.beat(session, queries.WORKER, utc_now())
        await session.sql.execute("DELETE FROM outbox")
    await press(client, database, regency)

    well = await client.get("/v1/health/flow")

    assert never.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    [missing] = never.json()["standing_still"]
    assert (missing["part"], missing["seconds"]) == ("worker", None)
    assert "cas work" in missing["detail"]
    assert well.status_code == HTTPStatus.OK
    assert well.json() == {"flowing": True, "standing_still": []}


async def test_the_watchdog_says_what_stands_still(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    await press(client, database, regency)
    async with database.transaction() as session:
        await queries.beat(session, queries.WORKER, utc_now() - timedelta(minutes=2))
        await session.sql.execute("UPDATE outbox SET run_at = now() - interval '1 minute'")
        await session.sql.execute("UPDATE offer SET expires_at = now() - interval '30 seconds'")

    answer = await client.get("/v1/health/flow")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    still = {each["part"]: each["seconds"] for each in answer.json()["standing_still"]}
    assert still.keys() == {"worker", "outbox", "deadlines"}
    for part, least_s in {"worker": 120, "outbox": 60, "deadlines": 30}.items():
        assert still[part] >= least_s


async def test_a_beat_never_goes_back(database: Database) -> None:
    now = utc_now()
    async with database.transaction() as session:
        for at in (now, now - timedelta(hours=1)):
            await queries.beat(session, queries.WORKER, at)
        assert (await queries.flow(session, now)).worker_s == 0


def test_what_was_late_and_is_no_more_is_forgotten() -> None:
    assert standing_still(Flow(1.0, None, None)) == []
    assert standing_still(Flow(1.0, 14.9, 9.9)) == []


def named_in(expression: str) -> set[str]:
    """The metrics of an expression, as they are called without their suffixes."""
    names = re.findall(r"\b(?:cas_[a-z_]+|up)\b", expression)
    return {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in names}


SELECTED = re.compile(r'(\bcas_[a-z_]+)\{(\w+)="([^"]*)"\}')


def asked_of(expression: str) -> set[tuple[str, str, str]]:
    """Each metric of an expression that is asked for one label: its name, the label, the value."""
    return set(SELECTED.findall(expression))


async def test_rules_and_dashboard_name_only_what_is_told(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, regency: Regency
) -> None:
    await press(client, database, regency)
    async with database.transaction() as session:
        await queries.beat(session, queries.WORKER, utc_now())
        await session.sql.execute(
            "INSERT INTO push_outcome (account_id, device_id, at, outcome, detail)"
            " VALUES ($1, $1, now(), 'sent', '')",
            new_id(),
        )
    app.state.lives = Lives(database, Hub(), app.state.intake, utc_now, 8)
    page = (await client.get("/metrics")).text
    families = list(text_string_to_metric_families(page))
    told = {family.name for family in families} | BY_PROMETHEUS
    labelled = {(sample.name, *label) for family in families for sample in family.samples
                for label in sample.labels.items()}  # fmt: skip
    labels = {label for _, label, _ in labelled} | BY_PROMETHEUS_LABELS
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"][0]["rules"]
    board = json.loads((DEPLOY / "grafana.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]

    for rule in rules:
        assert named_in(rule["expr"]), rule["alert"]
        assert named_in(rule["expr"]) <= told, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"].keys() == {"summary", "action"}
    for expression in shown:
        assert named_in(expression), expression
        assert named_in(expression) <= told, expression
    everything = [*shown, *(rule["expr"] for rule in rules)]
    for expression in everything:
        assert asked_of(expression) <= labelled, expression
        assert {word for words in re.findall(r"\b(?:by|without) \(([^)]*)\)", expression)
                for word in words.split(", ")} <= labels, expression  # fmt: skip
    mentioned = set().union(*(named_in(each) for each in [*shown, *(r["expr"] for r in rules)]))
    of_ours = {name for name in told if name.startswith("cas_")}
    assert of_ours - mentioned == set(), "what nobody looks at need not be told"
