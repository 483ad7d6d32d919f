"""The real processes of one installation, which die, stand still and come back."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from cas_server.children import end_with_parent
from cas_server.embedded import Cluster
from cas_server.embedded.problems import EmbeddedProblem
from tests.crash.diary import Diary
from tests.crash.lossy import LossyNetwork, why_not
from tests.crash.outside import Outside, outside
from tests.crash.pace import pause, until
from tests.crash.power import FragileCluster
from tests.crash.wire import Wire
from tests.live.house import free_port

DATABASE = "cas"
UP_WITHIN_S = 90.0
LOOK_EVERY_S = 0.1
SERVERS = 2
PROBE = """
INSERT INTO outbox (kind, payload, created_at, run_at)
VALUES ('push.account', '{"account_id": "00000000-0000-0000-0000-000000000000",
        "message": "new_device"}', now(), now()) RETURNING id
"""
"""A push to nobody: when the row is gone, a worker is at work."""
REPOSITORY = Path(__file__).parents[2]


class Machines:
    """Servers behind wires, a worker, the push service and PostgreSQL. Whoever dies is started
    again, as `cas up` does; whoever stands still for `still_s` goes on."""

    def __init__(
        self,
        cluster: Cluster,
        folder: Path,
        outside: Outside,
        *,
        workers: int = 1,
        program: Sequence[str] = ("cas_server",),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.cluster = cluster
        self.outside = outside
        self.folder = folder
        self.faults = folder / "faults"
        self.faults.mkdir(parents=True, exist_ok=True)
        self.still_s = 1.0
        self.diary = Diary(folder, "machines")
        self._program = program
        self._workers = ["work", *(f"work-{number}" for number in range(2, workers + 1))]
        self._ports = [free_port() for _ in range(SERVERS)]
        self.networks = [] if why_not() else [LossyNetwork(number) for number in range(SERVERS)]
        self._hosts = [each.address for each in self.networks] or ["127.0.0.1"] * SERVERS
        self.wires = [Wire(*at) for at in zip(self._ports, self._hosts, strict=True)]
        self.environment = {**outside.environment, **(environment or {})}
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._still_since: dict[str, float] = {}
        self._closing = False
        self._chance = random.Random(0)  # noqa: S311 - which files a power cut spares
        self._database_changes = asyncio.Lock()
        self.fcm_url = ""

    @property
    def dsn(self) -> str:
        return self.cluster.url(DATABASE)

    @property
    def names(self) -> list[str]:
        """The processes that may die: not the push service, which is somebody else's."""
        servers = [f"serve-{index}" for index in range(len(self.wires))]
        return [*servers, *self._workers, "postgres"]

    async def start(self) -> None:
        """Everything, at the same time."""
        await self._start_fcm()
        for network in self.networks:
            network.open()
        for wire in self.wires:
            await wire.open()
        for name in self.names[:-1]:
            await self._spawn(name)
        self._keep(self._tend())
        await self.up()

    def pid(self, name: str) -> int:
        """The process of this name; of PostgreSQL the postmaster."""
        if name == "postgres":
            return int((self.cluster.data / "postmaster.pid").read_text().split()[0])
        return self._running[name].pid

    def signal(self, name: str, number: signal.Signals) -> None:
        """Harmless when it is dead already; PostgreSQL stands still with all its processes."""
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            pid = self.pid(name)
            both = name == "postgres" and number is not signal.SIGKILL
            for each in (*(_children_of(pid) if both else ()), pid):
                os.kill(each, number)
            self.diary.write("signal", name=name, number=number.name)

    def order(self, point: str, count: int, does: str) -> None:
        """Let the `count`-th passing of a point end badly."""
        aside = self.faults / "order.new"
        aside.write_text(f"{count} {does}\n")
        aside.rename(self.faults / f"{point}.order")

    def carried_out(self) -> list[str]:
        """Points whose order somebody came past."""
        return [path.name.split(".done-")[0] for path in self.faults.glob("*.done-*")]

    def forget_orders(self) -> None:
        """Nothing more will happen at any point."""
        for path in [*self.faults.glob("*.order"), *self.faults.glob("*.done-*")]:
            path.unlink(missing_ok=True)

    def passed(self) -> set[str]:
        """Every point that any process has come past so far."""
        return {line.split()[0] for line in (self.faults / "passed").read_text().splitlines()}

    async def mend(self) -> None:
        """The end of all faults: wires are free, nobody stands still, everybody runs and works."""
        self.forget_orders()
        for wire in self.wires:
            wire.mend()
        for network in self.networks:
            network.mend()
        for name in [*self._running, "postgres"]:
            self.signal(name, signal.SIGCONT)
        if not await asyncio.to_thread(self.cluster.runs):
            await self._start_database()
        await self.up()

    async def up(self) -> None:
        """Until every server is ready and a worker has done some work."""
        async with asyncio.timeout(UP_WITHIN_S):
            for at in zip(self._hosts, self._ports, strict=True):
                while not await asyncio.to_thread(_is_ready, *at):
                    await pause(LOOK_EVERY_S)
            await self._worker_works()

    async def _worker_works(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                sql = await asyncpg.connect(self.dsn, timeout=5)
                try:
                    job = await sql.fetchval(PROBE)
                    while await sql.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE id = $1)",
                                             job):  # fmt: skip
                        await pause(LOOK_EVERY_S)
                    return
                finally:
                    sql.terminate()
            await pause(LOOK_EVERY_S)

    async def close(self) -> None:
        """End what runs, by force: this installation is not needed any more."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        for wire in self.wires:
            await wire.close()
        for network in self.networks:
            network.close()

    async def kill_database(self, *, power: bool = False) -> None:
        """PostgreSQL dies as a whole and is started again."""
        async with self._database_changes:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                pid = self.pid("postgres")
                for each in (pid, *_children_of(pid)):
                    os.kill(each, signal.SIGKILL)
            self.diary.write("killed", name="postgres")
            if power and isinstance(self.cluster, FragileCluster):
                lost = await asyncio.to_thread(self.cluster.lose_unsynced, self._chance)
                self.diary.write("power", files_that_lost=lost)
        await self._start_database()

    async def fill_disk(self, seconds: float) -> None:
        """PostgreSQL finds no space, for its log or for pictures; it may end itself over it."""
        if isinstance(self.cluster, FragileCluster):
            self.cluster.fill_disk(full=True)
            self.diary.write("disk.full")
            await pause(seconds)
            self.cluster.fill_disk(full=False)
            self.diary.write("disk.free")
            await self._start_database()

    async def _start_database(self) -> None:
        """As often as it takes: while the disk is full it cannot."""
        async with self._database_changes, asyncio.timeout(UP_WITHIN_S):
            while True:
                try:
                    await asyncio.to_thread(self.cluster.start, _quiet)
                except EmbeddedProblem as problem:
                    self.diary.write("not.started", name="postgres", why=str(problem))
                    await pause(LOOK_EVERY_S)
                else:
                    self.diary.write("started", name="postgres")
                    return

    async def _start_fcm(self) -> None:
        folder = self.folder / "fcm"
        module = ["-m", "cas_server.demo.fcm_server", "--folder", str(folder)]
        self._running["fcm"] = await self._run("fcm", module)
        assert await until((folder / "fcm.json").is_file, UP_WITHIN_S), "the FCM server is not up"
        told = json.loads((folder / "fcm.json").read_text())
        self.fcm_url = told["url"].split("/v1/")[0]
        self.environment["CAS_FIREBASE_CREDENTIALS"] = told["credentials"]
        self.environment["CAS_FCM_URL"] = told["url"]

    async def _spawn(self, name: str) -> None:
        command = ["-m", *self._program, name.split("-")[0]]
        self._running[name] = process = await self._run(name, command)
        self._keep(self._start_again(name, process))

    async def _start_again(self, name: str, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if not self._closing:
            self.diary.write("died", name=name, code=code)
            await self._spawn(name)

    async def _run(self, name: str, command: Sequence[str]) -> asyncio.subprocess.Process:
        number = int(name[-1]) if name.startswith("serve") else None
        network = self.networks[number] if self.networks and number is not None else None
        environment = {
            **os.environ,
            "CAS_DATABASE_URL": self.dsn,
            "CAS_HOST": network.address if network else "127.0.0.1",
            "CAS_PORT": str(0 if number is None else self._ports[number]),
            "CAS_POOL_SIZE": "6",
            "CAS_STATE_DIR": str(self.folder),
            "CAS_PUSH_TIMEOUT_S": "2",
            "CAS_DEMO": "true",
            "CAS_FAULTS": str(self.faults),
            **self.environment,
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(network.inside if network else ()), sys.executable, *command,
                env=environment, cwd=REPOSITORY, stdout=log, stderr=log,
                stdin=asyncio.subprocess.DEVNULL, start_new_session=True,
                preexec_fn=end_with_parent,
            )  # fmt: skip

    async def _tend(self) -> None:
        while True:
            await pause(LOOK_EVERY_S)
            now = time.monotonic()
            for name, process in list(self._running.items()):
                if not _stands_still(process.pid):
                    self._still_since.pop(name, None)
                elif now - self._still_since.setdefault(name, now) > self.still_s:
                    self.signal(name, signal.SIGCONT)

    def _keep(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _stands_still(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
    except OSError:
        return False


def _children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_ready(host: str, port: int) -> bool:
    try:
        url = f"http://{host}:{port}/v1/health/ready"
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _quiet(_: str) -> None:
    """Nobody is listening."""


@asynccontextmanager
async def machines(
    cluster: Cluster,
    folder: Path,
    *,
    workers: int = 1,
    program: Sequence[str] = ("cas_server",),
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Machines]:
    """An installation for as long as the block lasts; its database has a regency already."""
    async with outside() as others:
        made = Machines(
            cluster, folder, others, workers=workers, program=program, environment=environment
        )
        try:
            await made.start()
            yield made
        finally:
            await made.close()
