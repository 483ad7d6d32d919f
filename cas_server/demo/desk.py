"""Simulated operators: they acknowledge and close simulated alarms, after everybody else could."""

import contextlib
from dataclasses import dataclass

import structlog

from cas_server.demo import judgement
from cas_server.demo.api import Api, Refused, Unreachable
from cas_server.demo.judgement import Deed, Mandate
from cas_server.demo.pace import Pace
from cas_server.demo.shapes import Alarm, AlarmList, OnDuty, SignIn
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position

LOOK_EVERY_S = 6.0
REFUSED_FOR_S = 120.0
"""Somebody has changed the demo's password: asking often would only trip the server's brake."""

DEVICE = "simulasi"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Key:
    """Who sees the whole Polres, and the password of every operator.

    The overseer only looks wherever a Polsek has an operator of its own (`NAME.POLSEK`), because
    whoever tries the demo signs in as the overseer.
    """

    overseer: str
    password: str


class Desk:
    """The duty desks of the Polsek, each signed in when it first has something to do."""

    def __init__(self, api: Api, key: Key, simulated: frozenset[str], pace: Pace) -> None:
        self._api = api
        self._key = key
        self._simulated = simulated
        self._pace = pace
        self._signed_in: dict[str, SignIn] = {}
        self._clerks: set[str] = set()
        self.open_simulated = 0

    async def run(self) -> None:
        """Look around every few seconds, for ever."""
        while True:
            pause_s = LOOK_EVERY_S
            try:
                await self._look()
            except Unreachable:
                pass  # the server is starting again; look later
            except Refused as refused:
                self._signed_in.clear()
                pause_s = REFUSED_FOR_S
                log.warning("simulation.desk_refused", status=refused.status, code=refused.code)
            await self._pace.wait(pause_s)

    async def last_seen(self) -> dict[str, Position]:
        """Where every Personil on duty was last seen, by Personil."""
        overseer = await self._sign_in(self._key.overseer)
        seen = await self._api.ask(list[OnDuty], "GET", "/personil", overseer.token)
        return {each.personil_id: each.position for each in seen if each.position is not None}

    async def _look(self) -> None:
        overseer = await self._sign_in(self._key.overseer)
        found = await self._api.ask(AlarmList, "GET", "/alarms?open=true", overseer.token)
        mine = [a for a in found.alarms if judgement.is_simulated(a, self._simulated)]
        self.open_simulated = len(mine)
        for alarm in mine:
            if alarm.acknowledged is not None:
                # Without its account an acknowledgement of an earlier run looks like a human's.
                await self._clerk(alarm)
        mandate = Mandate(self._simulated, frozenset(self._clerks))
        for deed, alarm in judgement.deeds(mine, mandate, utc_now(), self._pace.delays):
            # A human was quicker, or the alarm has just ended: as good.
            with contextlib.suppress(Refused):
                await self._act(deed, alarm)

    async def _act(self, deed: Deed, alarm: Alarm) -> None:
        token = (await self._clerk(alarm)).token
        if deed is Deed.ACKNOWLEDGE:
            await self._api.tell("POST", f"/alarms/{alarm.id}/acknowledgement", token)
            return
        verdict = judgement.verdict(alarm)
        body = {"disposition": verdict.disposition, "note": verdict.note}
        await self._api.tell("POST", f"/alarms/{alarm.id}/closing", token, body)

    async def _clerk(self, alarm: Alarm) -> SignIn:
        """The operator of the Polsek where the alarm stands; of the Polres when there is none."""
        place = alarm.satuan_path.rstrip("/").rpartition("/")[2]
        overseer = self._key.overseer
        username = f"{overseer}.{place.removeprefix('polsek-')}"
        if not place.startswith("polsek-"):
            username = overseer
        try:
            clerk = await self._sign_in(username)
        except Refused:
            clerk = self._signed_in[username] = await self._sign_in(overseer)
        self._clerks.add(clerk.account.account_id)
        return clerk

    async def _sign_in(self, username: str) -> SignIn:
        known = self._signed_in.get(username)
        if known is None:
            body = {"username": username, "password": self._key.password, "device": DEVICE}
            known = await self._api.ask(SignIn, "POST", "/sessions", "", body)
            self._signed_in[username] = known
        return known
