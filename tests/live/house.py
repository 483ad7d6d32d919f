"""A server, a worker and an FCM server as real processes, which tests may kill and start again."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cas_server.children import end_with_parent

UP_WITHIN_S = 60.0
SERVER_PORTS = range(20_000, 32_000)


class House:
    """Processes on one database. Blocking on purpose: browser tests use it without a loop."""

    def __init__(self, dsn: str, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.dsn = dsn
        self.folder = folder
        self.port = free_port()
        self.fcm_url = ""
        self._environment = dict(settings or {})
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def live_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/live"

    @property
    def log(self) -> str:
        """All that server and worker have written so far."""
        logs = (self._log("serve"), self._log("work"))
        return "".join(log.read_text() for log in logs if log.is_file())

    def pid(self, name: str) -> int:
        """The process of "serve", "work" or "fcm"."""
        return self._running[name].pid

    def start(self) -> None:
        """Everything, at the same time."""
        self.start_fcm()
        self.start_server(wait=False)
        self.start_worker()
        self.await_server()

    def start_fcm(self) -> None:
        """A push service that speaks FCM HTTP v1, on a port of its own."""
        fcm = self.folder / "fcm"
        self._spawn("fcm", "cas_server.demo.fcm_server", "--folder", str(fcm))
        _await("the FCM server", (fcm / "fcm.json").is_file)
        address = json.loads((fcm / "fcm.json").read_text())
        self.fcm_url = address["url"].split("/v1/")[0]
        self._environment["CAS_FIREBASE_CREDENTIALS"] = address["credentials"]
        self._environment["CAS_FCM_URL"] = address["url"]

    def start_server(self, *, wait: bool = True) -> None:
        """The web server; a second start after a kill finds the same port."""
        self._spawn("serve", "cas_server", "serve")
        if wait:
            self.await_server()

    def start_worker(self) -> None:
        """One worker; its first look at the database tells that it is up."""
        self._spawn("work", "cas_server", "work")

    def kill(self, name: str) -> None:
        """End one process as a power cut would: no signal handler, no goodbye."""
        process = self._running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(UP_WITHIN_S)

    def mend(self) -> None:
        """Start again what was killed."""
        if "work" not in self._running:
            self.start_worker()
        if "serve" not in self._running:
            self.start_server()

    def close(self) -> None:
        """End what runs, politely first."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def await_server(self) -> None:
        """Until the web server answers."""
        _await("the server", lambda: self._answers() or self._fallen("serve"))

    def asked_of_fcm(self, after: int = 0, wait_s: float = 0.0) -> list[dict[str, Any]]:
        """What the push service was asked to send, waiting a while for something new."""
        url = f"{self.fcm_url}/asked?after={after}&wait_s={wait_s}"
        with urllib.request.urlopen(url, timeout=wait_s + 5) as answer:  # noqa: S310 - our own
            asked: list[dict[str, Any]] = json.load(answer)["asked"]
        return asked

    def _answers(self) -> bool:
        try:
            url = f"{self.url}/v1/health/alive"
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _fallen(self, name: str) -> bool:
        code = self._running[name].poll()
        if code is not None:
            raise RuntimeError(f"{name} ended with {code}: {self._log(name).read_text()[-2000:]}")
        return False

    def _spawn(self, name: str, module: str, *arguments: str) -> None:
        assert name not in self._running
        environment = {
            **os.environ,
            "CAS_DATABASE_URL": self.dsn,
            "CAS_PORT": str(self.port),
            "CAS_POOL_SIZE": "6",
            "CAS_STATE_DIR": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            **self._environment,
        }
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", module, *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # A test run that is killed leaves nobody behind.
                preexec_fn=end_with_parent,
            )

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


@contextmanager
def house_on(dsn: str, folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[House]:
    """A whole house for as long as the block lasts."""
    house = House(dsn, folder, settings)
    try:
        house.start()
        yield house
    finally:
        house.close()


def free_port() -> int:
    """A port that nobody listened at a moment ago, and that no outgoing connection is given while
    its server is being started again: below every usual range of those."""
    while True:
        port = secrets.choice(SERVER_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _await(what: str, condition: Any) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    # Another process cannot wake us: this is the one place that asks again and again.
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come up")
        time.sleep(0.02)
