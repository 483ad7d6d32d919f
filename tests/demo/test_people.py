"""Simulated people press in a plausible rhythm, say what the server understands, and answer."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cas_server.alarm import intake
from cas_server.demo import __main__ as command
from cas_server.demo import rhythm, story, temper
from cas_server.demo.pressing import press_body
from cas_server.demo.story import Turn
from cas_server.dispatch.policy import Rules
from cas_server.kit.geo import Position, distance_m
from cas_server.registry.demo_regency import DEMO_PASSWORD

HOME = Position(-7.224739, 111.833550)
NIGHT = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)  # 03.30 WIB
AFTERNOON = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)  # 17.30 WIB

seeds = st.integers(0, 100_000)


@given(seed=seeds)
@settings(max_examples=200, deadline=None)
def test_the_server_understands_every_field_of_a_press(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    told = story.of_masyarakat(HOME, chance) if seed % 5 else story.of_instansi(chance)

    press = intake.read(msgspec.json.encode(press_body(told)))

    assert press.dropped == ()
    assert press.note == told.note
    assert told.at is None or distance_m(HOME, told.at) < 2_000


@given(seed=seeds)
@settings(max_examples=200, deadline=None)
def test_only_somebody_whose_place_is_unknown_presses_without_one(seed: int) -> None:
    told = story.of_masyarakat(HOME, Random(seed))  # noqa: S311 - repeatable

    assert (told.at is None) == (told.turn is Turn.LOCATE_LATE)


def test_the_hours_of_a_day_are_all_of_its_calls() -> None:
    assert abs(sum(rhythm.HOUR_PER_MILLE) - 1_000) <= 12  # each was rounded
    assert rhythm.activity(AFTERNOON) > 1 > rhythm.activity(NIGHT) == rhythm.QUIETEST


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_presses_come_as_often_as_wished_and_no_wait_is_very_long(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    mean_s = 3_600 / (45 * rhythm.activity(AFTERNOON))

    gaps = [rhythm.gap_s(45, AFTERNOON, chance) for _ in range(3_000)]

    assert max(gaps) <= rhythm.LONGEST_GAPS * mean_s
    assert 0.85 * mean_s < sum(gaps) / len(gaps) < 1.05 * mean_s


@given(seed=seeds)
@settings(max_examples=200, deadline=None)
def test_who_answers_has_seen_the_call_before(seed: int) -> None:
    reply = temper.reply(Random(seed))  # noqa: S311 - repeatable

    if reply.answer in (temper.Answer.ACCEPT, temper.Answer.DECLINE):
        assert reply.seen_after_s < reply.answered_after_s < Rules().accept_s
    assert reply.is_seen or not reply.accepts


def test_most_come_and_some_do_not() -> None:
    chance = Random(7)  # noqa: S311 - repeatable
    answers = [temper.reply(chance) for _ in range(2_000)]

    accepting = sum(reply.accepts for reply in answers) / len(answers)

    assert 0.7 < accepting < 0.8
    assert {reply.answer for reply in answers} == set(temper.Answer)


def test_the_simulated_desk_knows_the_password_that_everybody_is_told() -> None:
    assert command.DESK_PASSWORD == DEMO_PASSWORD


def test_the_simulation_imports_nothing_of_the_server_but_kit(repository: Path) -> None:
    imported = {
        name
        for file in (repository / "cas_server" / "demo").glob("*.py")
        for name in _imported(ast.parse(file.read_text()))
        if name.startswith("cas_server")
    }

    allowed = ("cas_server.demo", "cas_server.kit")
    assert [name for name in sorted(imported) if not name.startswith(allowed)] == []


def _imported(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names
