"""Random people of random roles do random things; secrecy, subtree and evidence stay whole."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from cas_server.alarm import report_queries, showing
from cas_server.alarm.views import AlarmView
from cas_server.embedded import Cluster
from cas_server.journal import queries as journal
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.conftest import TEMPLATE
from tests.db.fold import Told
from tests.db.test_any_story import stored
from tests.live.canary import found_in, name_of, phone_of
from tests.live.house import house_on
from tests.live.town import (
    CITIZENS,
    DESKS,
    EVERYBODY,
    OFFICERS,
    REPORTERS,
    SIDES,
    Stage,
    Town,
    canary,
    found_town,
    new_citizen,
    offer_sides,
    side_of,
    sign_in_again,
)
from tests.signing import SigningPhone, public_text

EXAMPLES = int(os.environ.get("CAS_ANYTHING_EXAMPLES", "6"))
STEPS = 40

WHY = "menelepon balik: posisi kurang jelas"
LOOKS = ("/alarms", "/alarms?open=false", "/personil", "/sites", "/satuan", "/offers",
         "/own-alarms", "/account", "/account/devices", "/sessions", "/duty",
         "/device-confirmations")  # fmt: skip
DESK_LOOKS = ("/alarms", "/alarms?open=false", "/personil", "/sites", "/device-confirmations")
OWN_LOOKS = ("/offers", "/own-alarms", "/account/export")
OF_AN_ALARM: dict[str, tuple[str, dict[str, Any] | None]] = {
    "": ("GET", None),
    "/timeline": ("GET", None),
    "/decisions": ("GET", None),
    "/folded-presses": ("GET", None),
    "/acknowledgement": ("POST", None),
    "/calls": ("POST", None),
    "/reveals": ("POST", {"reason": WHY}),
    "/track-looks": ("POST", {"reason": WHY}),
    "/closing": ("POST", {"disposition": "test", "note": "uji"}),
}
OF_ONES_OWN: dict[str, tuple[str, dict[str, Any] | None]] = {
    "": ("GET", None),
    "/cancellation": ("POST", {"reason": "salah tekan"}),
}

somebody = st.sampled_from(EVERYBODY)
desks = st.sampled_from(DESKS)
officers = st.sampled_from(OFFICERS)
reporters = st.sampled_from(REPORTERS)
numbers = st.integers(0, 1_000)


class Anything(RuleBasedStateMachine):
    """What people do. Whatever they are answered is searched for what is not theirs."""

    stage: Stage

    @initialize()
    def begin(self) -> None:
        self.town: Town = self.stage.run(found_town(self.stage.database))
        self.phones: dict[str, SigningPhone] = {}
        self.sent: dict[str, tuple[str, dict[str, str], bytes]] = {}
        self.offers: dict[UUID, str] = {}

    def ask(
        self, name: str | None, method: str, path: str, body: Any = None, *, cleared: bool = False
    ) -> httpx2.Response:
        """Ask as somebody, or as nobody; when `cleared`, an answer that grants may name others."""
        who = self.town.people[name] if name else None
        headers = who.bearer if who else {}
        answer = self.stage.client.request(method, path, headers=headers, json=body)
        self.search(name, f"{method} {path} {body}", answer, cleared=cleared)
        if answer.status_code == 401 and name is not None:
            self.stage.run(sign_in_again(self.stage.database, self.town, name))
        return answer

    def search(
        self, name: str | None, asked: str, answer: httpx2.Response, *, cleared: bool = False
    ) -> None:
        """No 5xx, nobody else's name or number, and at a desk no id of the Polres next door."""
        assert answer.status_code < 500, (asked, answer.text)
        own = self.town.marks.get(name or "", set())
        told = {mark.lower() for mark in found_in(answer.content)} - own
        assert not told or (cleared and answer.is_success), f"{name} {asked}: told {told}"
        if name in DESKS:
            [other] = set(SIDES) - {side_of(name)}
            foreign = {each for each in self.town.ids[other] if each in answer.text}
            assert foreign <= {each for each in foreign if each in asked}, (
                f"{name} {asked}: shown what is next door: {foreign}"
            )

    def an_alarm(self, number: int) -> str:
        known = [*self.town.alarms]
        return known[number % len(known)] if known else str(new_id())

    # Presses, as phones send them.

    @rule(name=reporters, north_m=st.integers(-800, 800), silent=st.booleans())
    def presses(self, *, name: str, north_m: int, silent: bool) -> None:
        place = self.town.at(side_of(name), north_m)
        self.press(name, f"/alarms/{new_id()}", {"position": place, "silent": silent})

    @rule(side=st.sampled_from(SIDES), named=st.booleans())
    def presses_unknown(self, *, side: str, named: bool) -> None:
        body: dict[str, Any] = {"position": self.town.at(side, 200)}
        if named:
            body["callback_phone"] = phone_of(canary())
        answer = self.ask(None, "PUT", f"/alarms/{new_id()}", body)
        self.heard(answer, side)

    @rule(name=st.sampled_from(CITIZENS), way=st.sampled_from(["good", "forged", "other path"]))
    def presses_signed(self, name: str, way: str) -> None:
        phone = self.phones.get(name) or self.new_phone(name)
        path = f"/v1/alarms/{new_id()}"
        body = f'{{"position": {self.town.at(side_of(name))}}}'.replace("'", '"').encode()
        signed_path = path if way != "other path" else f"/v1/alarms/{new_id()}"
        signer = phone if way != "forged" else SigningPhone(phone.who, phone.key_id)
        headers = signer.headers(signed_path, body)
        answer = self.send(name, path, headers, body)
        proof = answer.json()["verification"]
        # One that joins is told how sure the first was.
        assert (proof == "unverified") == (way != "good"), answer.text
        if way == "good":
            self.sent[name] = (path, headers, body)

    @rule(name=st.sampled_from(CITIZENS))
    def is_replayed(self, name: str) -> None:
        if name not in self.sent:
            return
        answer = self.send(name, *self.sent[name])
        assert answer.status_code == 200, "a replay raises nothing"

    def send(self, name: str, path: str, headers: dict[str, str], body: bytes) -> httpx2.Response:
        url = f"{self.stage.house.url}{path}"
        answer = self.stage.client.put(url, headers=headers, content=body)
        self.search(name, f"PUT {path}", answer)
        self.heard(answer, side_of(name))
        return answer

    def new_phone(self, name: str) -> SigningPhone:
        key = Ed25519PrivateKey.generate()
        body = {"public_key": public_text(key), "device": "HP"}
        answer = self.ask(name, "POST", "/press-keys", body)
        if answer.status_code == 401:
            answer = self.ask(name, "POST", "/press-keys", body)
        phone = SigningPhone(self.town.people[name], UUID(answer.json()["key_id"]), key)
        self.phones[name] = phone
        return phone

    def press(self, name: str, path: str, body: dict[str, Any]) -> None:
        self.heard(self.ask(name, "PUT", path, body), side_of(name))

    def heard(self, answer: httpx2.Response, side: str) -> None:
        """No press is ever refused."""
        assert answer.status_code in (200, 201), answer.text
        self.town.raised(answer.json()["alarm_id"], side)

    @rule(name=st.sampled_from([desk for desk in DESKS if "admin" not in desk]))
    def takes_a_call(self, name: str) -> None:
        number = canary()
        body = {"caller_name": name_of(number), "caller_phone": phone_of(number),
                "position": self.town.at(side_of(name), 100)}  # fmt: skip
        answer = self.ask(name, "PUT", f"/desk/alarms/{new_id()}", body)
        if answer.is_success:
            self.town.raised(answer.json()["id"], side_of(name))

    # The desk, and whoever has no business there.

    @rule(name=desks, number=numbers, what=st.sampled_from(sorted(OF_AN_ALARM)))
    def works_at_the_desk(self, name: str, number: int, what: str) -> None:
        ours = [alarm for alarm, side in self.town.alarms.items() if side == side_of(name)]
        if ours:
            self.deal_with(name, ours[number % len(ours)], what)

    @rule(name=somebody, number=numbers, what=st.sampled_from(sorted(OF_AN_ALARM)))
    def meddles_with_an_alarm(self, name: str, number: int, what: str) -> None:
        self.deal_with(name, self.an_alarm(number), what)

    def deal_with(self, name: str, alarm_id: str, what: str) -> None:
        method, body = OF_AN_ALARM[what]
        cleared = what == "/reveals"
        answer = self.ask(name, method, f"/alarms/{alarm_id}{what}", body, cleared=cleared)
        side = self.town.alarms.get(alarm_id)
        if answer.is_success:
            assert side == side_of(name), f"{name} did {what} to an alarm that is {side}"
            assert name in DESKS or (name in OFFICERS and what == "/reveals"), (name, what)

    @rule(name=desks, number=numbers, whom=officers, sent=st.booleans())
    def orders(self, *, name: str, number: int, whom: str, sent: bool) -> None:
        alarm_id, personil_id = self.an_alarm(number), self.town.people[whom].holder_id
        path = f"/alarms/{alarm_id}/assignments"
        if sent:
            answer = self.ask(name, "POST", path, {"personil_id": str(personil_id)})
        else:
            answer = self.ask(name, "DELETE", f"{path}/{personil_id}")
        if answer.is_success:
            assert side_of(whom) == side_of(name) == self.town.alarms[alarm_id]

    # Officers.

    @rule(name=officers, act=st.sampled_from(["acceptance", "acceptance", "refusal", "receipt"]))
    def answers_an_offer(self, name: str, act: str) -> None:
        answer = self.ask(name, "GET", "/offers")
        for offer in answer.json() if answer.is_success else []:
            assert self.town.alarms.get(offer["alarm_id"], side_of(name)) == side_of(name)
            body = {"reason": ""} if act == "refusal" else None
            self.ask(name, "POST", f"/offers/{offer['offer_id']}/{act}", body)

    @rule(name=somebody, number=numbers,
          act=st.sampled_from(["acceptance", "refusal", "receipt", "steps"]))  # fmt: skip
    def reaches_for_anothers_offer(self, name: str, number: int, act: str) -> None:
        offers = self.stage.run(offer_sides(self.stage.database, self.town))
        for offer_id, side in offers.items():
            self.town.tells(side, offer_id)
        if not offers:
            return
        offer_id = [*offers][number % len(offers)]
        body = {"steps": {"step": "en_route"}, "refusal": {"reason": ""}}.get(act)
        answer = self.ask(name, "POST", f"/offers/{offer_id}/{act}", body)
        if answer.is_success:
            assert name in OFFICERS
            assert offers[offer_id] == side_of(name)

    @rule(name=officers, step=st.sampled_from(["en_route", "on_scene", "released"]))
    def takes_a_step(self, name: str, step: str) -> None:
        answer = self.ask(name, "GET", "/offers")
        for offer in answer.json() if answer.is_success else []:
            self.ask(name, "POST", f"/offers/{offer['offer_id']}/steps", {"step": step})

    @rule(name=somebody, wanted=st.sampled_from(["available", "busy", "break", None]))
    def goes_on_or_off_duty(self, name: str, wanted: str | None) -> None:
        method, body = ("PUT", {"availability": wanted}) if wanted else ("DELETE", None)
        self.ask(name, method, "/duty", body)

    @rule(name=somebody, north_m=st.integers(-900, 900))
    def is_located(self, name: str, north_m: int) -> None:
        fix = self.town.at(side_of(name), north_m) | {"fixed_at": utc_now().isoformat()}
        self.ask(name, "POST", "/fixes", {"fixes": [fix]})

    # What everybody may try.

    @rule(name=somebody, path=st.sampled_from(LOOKS))
    def looks(self, name: str, path: str) -> None:
        self.ask(name, "GET", path)

    @rule(path=st.sampled_from(LOOKS), token=st.sampled_from(["", "cas_guessed"]))
    def looks_without_a_sign_in(self, path: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.stage.client.get(path, headers=headers)
        assert answer.status_code == 401 or path == "/satuan", path
        self.search(None, path, answer)

    @rule(name=reporters, number=numbers, what=st.sampled_from(sorted(OF_ONES_OWN)))
    def follows_an_alarm(self, name: str, number: int, what: str) -> None:
        method, body = OF_ONES_OWN[what]
        alarm_id = self.an_alarm(number)
        answer = self.ask(name, method, f"/own-alarms/{alarm_id}{what}", body)
        if answer.is_success:
            assert self.town.alarms[alarm_id] == side_of(name)

    @rule(name=somebody)
    def exports_their_data(self, name: str) -> None:
        self.ask(name, "GET", "/account/export")

    @rule(name=st.sampled_from(CITIZENS))
    def is_erased(self, name: str) -> None:
        answer = self.ask(name, "DELETE", "/account?confirm=HAPUS")
        if answer.is_success and answer.json()["state"] == "done":
            self.stage.run(self.another(name))
            self.phones.pop(name, None)
            self.sent.pop(name, None)

    async def another(self, name: str) -> None:
        async with self.stage.database.transaction() as session:
            await new_citizen(session, self.town, name)

    @rule(name=somebody, which=st.sampled_from(["current", "others", str(new_id())]))
    def ends_a_sign_in(self, name: str, which: str) -> None:
        self.ask(name, "DELETE", f"/sessions/{which}")

    @rule(name=somebody, guess=st.text("0123456789", min_size=6, max_size=6))
    def guesses_a_code(self, name: str, guess: str) -> None:
        body = {"code": guess, "device": "hp", "name": name}
        self.ask(None, "POST", f"/codes/{new_id()}/verification", body)

    def teardown(self) -> None:
        """The journal is sound, and tells of every alarm what its tables say."""
        self.everybody_looks_once_more()
        verdict = self.stage.run(self.stage.judged())
        assert verdict.findings == []
        for alarm_id in self.town.alarms:
            told, view, kept = self.stage.run(self.told_and_stored(UUID(alarm_id)))
            assert told == kept, f"the journal of {alarm_id} tells another story"
            assert told.status == view.status

    def everybody_looks_once_more(self) -> None:
        """So that no story ends with a leak that nobody happened to see."""
        for side in SIDES:
            ours = [alarm for alarm, where in self.town.alarms.items() if where == side]
            for alarm_id in ours[:2]:
                self.deal_with(f"{side} operator", alarm_id, "/acknowledgement")
        for name in EVERYBODY:
            for path in DESK_LOOKS if name in DESKS else OWN_LOOKS:
                if self.ask(name, "GET", path).status_code == 401:  # signed out: now in again
                    self.ask(name, "GET", path)

    async def told_and_stored(self, alarm_id: UUID) -> tuple[Told, AlarmView, Told]:
        told = Told()
        async with self.stage.database.reading() as session:
            for entry in await journal.of_alarm(session, alarm_id):
                told.read(entry)
            [view] = await showing.desk_views(session, [alarm_id])
            said = await report_queries.reports(session, alarm_id)
        return told, view, stored(view, said)


@pytest.fixture
def stage(cluster: Cluster, tmp_path: Path) -> Iterator[Stage]:
    cluster.create_database("anything", template=TEMPLATE)
    dsn = cluster.url("anything")
    wishes = {"CAS_EVIDENCE_HEAD_EVERY_S": "1", "CAS_SMS_UNANSWERED_PER_NETWORK": "100000"}
    with house_on(dsn, tmp_path, wishes) as house:
        stage = Stage(dsn, house)
        yield stage
        stage.close()


def test_whatever_people_do_nobody_is_exposed_and_nothing_can_be_denied(stage: Stage) -> None:
    class Here(Anything):
        pass

    Here.stage = stage
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # A story is short enough to be read whole; making it shorter takes minutes.
            phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
            print_blob=True,
        ),
    )
