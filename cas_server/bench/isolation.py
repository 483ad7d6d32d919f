"""`cas bench isolation`: presses beside a storm of fixes and clients that never read."""

import asyncio
import math
import time
from dataclasses import dataclass, field

import uvloop

from cas_server.bench import cpu, past, people, stage, steady
from cas_server.bench.people import OPERATOR_TOKEN, fix_frame, personil_token
from cas_server.bench.result import Latency, Result, Side, Target
from cas_server.bench.sockets import Line, open_lines, open_silent
from cas_server.bench.stage import Crowd, Trial
from cas_server.bench.steady import Window
from cas_server.bench.steady_load import Order, Press, Told
from cas_server.db.pool import connect
from cas_server.kit.clock import utc_now

FIXES_A_SECOND = 10_000
PACED = 10_100
"""A little above, for no timer is exact."""
OFFICERS = 4_000
SILENT = 1_000
DESKS = 28
"""One of each Polsek, which read all the while."""
CITIZENS = 15_000
PRESSES_A_SECOND = 50.0
ROUNDS = 5
ALONE_SHARE = 0.4
"""Of a round; in the rest there are fixes and clients that never read."""
SHORTEST_ROUND_S = 0.6
SETTLED_AFTER_S = 1.0
"""After a thousand sockets were closed, which is no part of being alone."""
SLICES_A_SECOND = 200
"""Phones know nothing of each other: what comes in one go is a few fixes, not five hundred."""
CAUGHT_UP_WITHIN_S = 30.0
LOOK_EVERY_S = 0.2

RISE = 0.2
SILENT_KB = 256.0

_POLSEK = "SELECT id FROM satuan WHERE kind = 'polsek' ORDER BY path"
_LATE = """
SELECT count(*) FROM last_position
WHERE personil_id IN (SELECT md5('personil ' || n)::uuid FROM generate_series(1, $1::int) n)
  AND fixed_at < $2
"""


@dataclass(slots=True)
class Rounds:
    """What was seen, round by round."""

    alone: list[Window] = field(default_factory=list)
    disturbed: list[Window] = field(default_factory=list)
    fixes_a_second: list[float] = field(default_factory=list)
    """Sent, in each storm."""
    caught_up_s: list[float] = field(default_factory=list)
    """After each storm, from one more fix of everybody to when all were found in the table."""
    calm_mb: float = 0.0
    """Memory of the server after a storm in which everybody read."""
    most_mb: float = 0.0


def measure(trial: Trial) -> Result:
    """Presses go on all the while; in turns they are alone and disturbed."""
    officers, citizens = trial.share_of(OFFICERS), trial.share_of(CITIZENS)
    crowd = Crowd(personil=officers, signed_in=officers, citizens=citizens)
    with stage.regency(trial.say, crowd) as (_, dsn):
        asyncio.run(past.give(dsn, officers))
        asyncio.run(people.give_keys(dsn, citizens))
        spots = asyncio.run(stage.spots(dsn, max(officers, 2_000)))
        with stage.server(dsn) as (process, port):
            order = Order(port, PRESSES_A_SECOND, 0, citizens, spots[:2_000])
            with steady.pressing(order) as presses:
                bench = _Bench(trial, dsn, port, process.pid, spots)
                uvloop.run(bench.run(officers, trial.share_of(SILENT)))
                told = presses.finish()
        stored = asyncio.run(steady.stored(dsn, told.presses))
    return _result(bench.rounds, told, stored, trial)


class _Bench:
    """Officers who stay connected, and rounds in which they move and silent clients come."""

    def __init__(
        self, trial: Trial, dsn: str, port: int, server_pid: int, spots: list[tuple[float, float]]
    ) -> None:
        self._trial = trial
        self._dsn = dsn
        self._port = port
        self._server_pid = server_pid
        self._spots = spots
        self._officers: list[Line] = []
        self._fixes_a_second = trial.share_of(PACED)
        self.rounds = Rounds()

    async def run(self, officers: int, silent: int) -> None:
        say, rounds = self._trial.say, self.rounds
        say(f"{officers} officers sign in")
        tokens = [personil_token(number) for number in range(1, officers + 1)]
        self._officers = await open_lines(self._port, "/v1/live", tokens, _ignore)
        # Else what is read for any desk would be laid at the door of those that do not read.
        watches = await self._watches(DESKS)
        desks = await open_lines(self._port, "/v1/live?frames=lines", [OPERATOR_TOKEN] * DESKS,
                                 _ignore)  # fmt: skip
        for line, watch in zip(desks, watches, strict=True):
            line.send(watch)
        each_s = max(SHORTEST_ROUND_S, self._trial.seconds / ROUNDS)
        await self._storm(each_s * (1 - ALONE_SHARE))
        await self._caught_up()
        rounds.fixes_a_second.clear()
        rounds.calm_mb = cpu.resident_mb(self._server_pid)
        async with past.closing(self._dsn):
            for number in range(1, ROUNDS + 1):
                say(f"round {number} of {ROUNDS}: alone, then disturbed")
                await asyncio.sleep(min(SETTLED_AFTER_S, each_s / 5))
                began = time.perf_counter()
                await asyncio.sleep(each_s * ALONE_SHARE)
                rounds.alone.append(Window(began, time.perf_counter()))
                await self._disturb(silent, each_s * (1 - ALONE_SHARE))
        for line in (*self._officers, *desks):
            line.close()

    async def _disturb(self, silent: int, seconds: float) -> None:
        lines = await open_silent(self._port, OPERATOR_TOKEN, await self._watches(silent))
        began = time.perf_counter()
        await self._storm(seconds)
        self.rounds.disturbed.append(Window(began, time.perf_counter()))
        await self._caught_up()
        for line in lines:
            line.close()

    async def _watches(self, count: int) -> list[str]:
        """What the silent ask to see: the Polsek in turn."""
        sql = await connect(self._dsn)
        polsek = [row["id"] for row in await sql.fetch(_POLSEK)]
        await sql.close()
        return [
            f'{{"type":"watch","satuan_id":"{polsek[number % len(polsek)]}"}}'
            for number in range(count)
        ]

    async def _storm(self, seconds: float) -> None:
        """Fixes at an even pace, whether or not the earlier ones are stored."""
        began, rounds = time.perf_counter(), self.rounds
        at_once = math.ceil(self._fixes_a_second / SLICES_A_SECOND)
        sent = slices = 0
        while time.perf_counter() < began + seconds:
            for number in range(sent, sent + at_once):
                self._fix(number % len(self._officers))
            sent, slices = sent + at_once, slices + 1
            rounds.most_mb = max(rounds.most_mb, cpu.resident_mb(self._server_pid))
            await asyncio.sleep(max(0.0, began + slices / SLICES_A_SECOND - time.perf_counter()))
        rounds.fixes_a_second.append(sent / (time.perf_counter() - began))

    def _fix(self, officer: int) -> None:
        # Each stays around one place: who jumps across the regency is not believed.
        lat, lon = self._spots[officer]
        self._officers[officer].send(fix_frame(lat, lon, utc_now()))

    async def _caught_up(self) -> None:
        """One more fix of everybody, and all of them are in the table."""
        began, at = time.perf_counter(), utc_now()
        for officer in range(len(self._officers)):
            self._fix(officer)
        sql = await connect(self._dsn)
        async with asyncio.timeout(CAUGHT_UP_WITHIN_S):
            while await sql.fetchval(_LATE, len(self._officers), at):  # noqa: ASYNC110 - another process
                await asyncio.sleep(LOOK_EVERY_S)
        await sql.close()
        self.rounds.caught_up_s.append(time.perf_counter() - began)


def _ignore(_: Line, __: bytes) -> None:
    """Nothing that the server says is waited for here."""


def _result(rounds: Rounds, told: Told, stored: int, trial: Trial) -> Result:
    alone = Side("press p99, alone", _p99(rounds.alone, told.presses))
    disturbed = Side("press p99, disturbed", _p99(rounds.disturbed, told.presses))
    fixes = Side("fixes a second", rounds.fixes_a_second)
    silent = trial.share_of(SILENT)
    silent_kb = max(0.0, rounds.most_mb - rounds.calm_mb) * 1e3 / silent
    return Result(
        name="isolation",
        value=disturbed.median,
        unit="ms",
        yardstick=alone.median,
        latency_ms=Latency.of(_took_ms(rounds.disturbed, told.presses)),
        checks={
            "every_accepted_press_stored": stored == len(told.presses),
            "presses": len(told.presses),
            "tries_that_found_nobody": told.refused,
            "tries_cut_off_before_the_answer": told.broken,
            "tries_answered_otherwise": told.other_answers,
            "fixes_a_second": round(fixes.median),
            "fixes_stored_after_s": round(max(rounds.caught_up_s), 2),
            "clients_that_never_read": silent,
            "server_mb_before_them": round(rounds.calm_mb, 1),
            "server_mb_most": round(rounds.most_mb, 1),
        },
        seconds=trial.seconds,
        compared=(
            f"p99 of {PRESSES_A_SECOND:.0f} presses a second while officers send fixes and "
            f"{silent} desks, each of a Polsek, ask for their picture and never read a byte "
            "(receive buffers of 4 kB), against the same presses alone, in turns. The officers' "
            f"sockets and {DESKS} desks that read, one of each Polsek, stay open in both. Memory "
            "is the most the server held in any round above what it held after a storm of fixes "
            "without the silent ones."
        ),
        sides=[disturbed, alone, fixes],
        targets=[
            Target("rise of press p99", disturbed.median / alone.median - 1, "at most", RISE),
            Target("memory of a silent client (KB)", silent_kb, "at most", SILENT_KB),
            Target("clients that never read", silent, "at least", SILENT),
            Target("fixes a second", fixes.median, "at least", FIXES_A_SECOND),
        ],
    )


def _p99(windows: list[Window], presses: list[Press]) -> list[float]:
    return [Latency.of(window.took_ms(presses)).p99 for window in windows]


def _took_ms(windows: list[Window], presses: list[Press]) -> list[float]:
    return [ms for window in windows for ms in window.took_ms(presses)]
