"""Numbers pumped for text messages cost little, and real people still get their code."""

import asyncio
import os
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import islice
from random import Random

import httpx2

from cas_server.identity import allowance, codes
from cas_server.identity.allowance import Asker, Budget, Purse, Spent
from cas_server.kit.clock import utc_now
from cas_server.registry import service as registry
from cas_server.settings import Settings
from tests.identity.conftest import Front
from tests.identity.test_codes import PHONE, ask, rows, sign_up, verify

ATTEMPTS = 100_000
AT_THE_DOOR = int(os.environ.get("PUMPED", "400"))
"""Attempts through the real server and database; PUMPED=100000 makes it the whole attack."""
STRANGER = Asker(number_known=False, device_known=False)
KNOWN = Asker(number_known=True, device_known=False)
NOTHING = Spent(hour={}, day={}, network=0, every=0)
BUDGET = Budget.of(Settings())


def small(front: Front, **limits: int) -> None:
    """Let the front door have a smaller budget."""
    settings = Settings(demo=True, **limits)  # type: ignore[arg-type]  # only numbers are given
    front.app.state.code_requests = codes.Requests(registry.personil_of_phone, settings)


async def pump(front: Front, number: int) -> httpx2.Response:
    """One of many askers: each has a number, a device and a network of its own."""
    async with front.caller(str(IPv4Address((11 << 24) + number * 256))) as caller:
        body = {"phone": f"+62813{number:08}", "device": f"pompa {number}"}
        return await caller.post("/codes", json=body)


def paid(spent: Spent, purse: Purse) -> Spent:
    """What is spent after one more message."""
    return replace(
        spent,
        hour={**spent.hour, purse: spent.hour.get(purse, 0) + 1},
        day={**spent.day, purse: spent.day.get(purse, 0) + 1},
        every=spent.every + 1,
    )


def test_a_hundred_thousand_attempts_of_whomever_cost_five_hundred_messages_a_day() -> None:
    chance, spent, messages = Random(110), NOTHING, 0  # noqa: S311 - who asks, not a secret
    for attempt in range(ATTEMPTS):
        if attempt % 4_000 == 0:  # the next hour
            spent = replace(spent, hour={})
        # Every second number has an account, every tenth even a known device, all networks differ.
        asker = Asker(number_known=chance.random() < 0.5, device_known=chance.random() < 0.1)
        purse = allowance.payer(spent, BUDGET, asker)
        if purse is not None:
            messages += 1
            spent = paid(spent, purse)

    assert messages == BUDGET.per_day == 500


def test_pumps_that_give_every_code_back_are_stopped_by_the_ceiling() -> None:
    spent, messages = NOTHING, 0
    for _ in range(ATTEMPTS):
        if allowance.payer(spent, BUDGET, STRANGER) is not None:
            messages += 1
            spent = replace(spent, every=spent.every + 1)

    assert messages == BUDGET.ceiling


async def test_askers_at_once_from_many_networks_get_what_the_budget_has_and_not_one_more(
    front: Front,
) -> None:
    small(front, sms_unanswered_per_hour=50, sms_unanswered_per_day=50)

    numbers, delivered = iter(range(AT_THE_DOOR)), 0
    while batch := list(islice(numbers, 40)):
        answers = await asyncio.gather(*(pump(front, number) for number in batch))
        assert {answer.status_code for answer in answers} == {202}
        # As the worker does: a code that waits longer than it is good for is not sent at all.
        delivered += len(await front.deliver())

    assert delivered == len(front.sms.sent) == 30
    [(asked,)] = await rows(front, "SELECT count(*) FROM one_time_code")
    assert asked == AT_THE_DOOR


async def test_one_network_cannot_use_up_what_others_need(front: Front) -> None:
    small(front, sms_unanswered_per_network=3)
    async with front.caller("198.51.100.7") as one, front.caller("198.51.100.99") as neighbour:
        first = [await one.post("/codes", json=body(number)) for number in range(3)]
        more = [await neighbour.post("/codes", json=body(number)) for number in range(3, 6)]
    async with front.caller("203.0.113.7") as other:
        elsewhere = await ask(other)

    assert [answer.json()["scarce"] for answer in (*first, *more)] == [False] * 3 + [True] * 3
    assert elsewhere.json()["scarce"] is False
    assert len(await front.deliver()) == 4


def body(number: int) -> dict[str, str]:
    return {"phone": f"+62813{number:08}", "device": f"pompa {number}"}


async def test_codes_that_are_given_back_make_room_for_others(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    small(front, sms_unanswered_per_network=1)

    for number in range(3):
        asked = await caller.post("/codes", json={**body(number), "device": "HP Wati"})
        await front.deliver()
        answer = await verify(caller, asked.json()["code_id"], front.code)
        assert answer.status_code == 201


async def test_during_an_attack_a_known_number_still_gets_its_code_and_nobody_is_told_so(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    await sign_up(front, caller)
    front.sms.sent.clear()
    small(front, sms_unanswered_per_hour=10, sms_unanswered_per_day=10)
    for number in range(8):
        await pump(front, number)
    await front.deliver()
    attacked = len(front.sms.sent)

    known = await ask(caller)
    await front.deliver()
    stranger = await ask(caller, "0812-0000-0001")
    await front.deliver()

    assert attacked == 6
    assert [phone for phone, _ in front.sms.sent[attacked:]] == ["+6281234567890"]
    assert shape(known) == shape(stranger)
    assert known.json()["scarce"] is True


def shape(answer: httpx2.Response) -> object:
    """All of an answer but what is random."""
    told = answer.json()
    return answer.status_code, sorted(answer.headers), {**told, "code_id": "", "expires_at": ""}


def test_a_known_device_has_the_last_word() -> None:
    spent = Spent(hour={Purse.COMMON: 500, Purse.NUMBER: 500}, day={}, network=0, every=0)
    here_before = Asker(number_known=True, device_known=True)

    assert allowance.payer(spent, BUDGET, STRANGER) is None
    assert allowance.payer(spent, BUDGET, KNOWN) is None
    assert allowance.payer(spent, BUDGET, here_before) is Purse.DEVICE


async def test_one_device_gets_five_codes_an_hour_whatever_the_numbers(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    answers = [await ask(caller, f"+62813{number:08}") for number in range(7)]

    assert [answer.status_code for answer in answers] == [202] * 5 + [429] * 2
    assert 3_500 < int(answers[-1].headers["retry-after"]) <= 3_600
    assert len(await front.deliver()) == codes.CODES_PER_HOUR


async def test_one_number_gets_ten_codes_a_day(front: Front, caller: httpx2.AsyncClient) -> None:
    for _ in range(2):
        for turn in range(5):
            json = {"phone": PHONE, "device": f"HP {turn} {utc_now()}"}
            assert (await caller.post("/codes", json=json)).status_code == 202
        await rows(front, "UPDATE one_time_code SET created_at = created_at - interval '2 hours'")

    answer = await ask(caller)

    assert answer.status_code == 429
    assert 70_000 < int(answer.headers["retry-after"]) < 86_400
