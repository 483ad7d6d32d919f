"""One private PostgreSQL cluster in one folder: made, started, adopted, recovered and stopped."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from cas_server.embedded import conf, postmaster, sql, startup
from cas_server.embedded.places import (
    LONGEST_SOCKET_PATH,
    Say,
    locked,
    make_folder,
    open_lock,
    private_folder,
    require_reach,
    server_account,
)
from cas_server.embedded.problems import StartFailed
from cas_server.embedded.programs import ZONES_LINK, Programs

_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_READY_WITHIN_S = 300.0
_SAY_EVERY_S = 5.0
_POLL_S = 0.02

# Servers left to run for their other users: kept here, for they may outlive their Cluster object.
_left_running: list[subprocess.Popen[bytes]] = []


class Cluster:
    """A cluster in `folder`, shared by everybody who starts it; the last one out stops it.

    folder/data    PostgreSQL's own files, of the account it runs under
    folder/log     its log, one file for each day of the week
    folder/socket  its socket, unless the path would be too long
    folder/*.lock  who is starting it, who is using it
    """

    def __init__(self, folder: Path, programs: Programs) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self._programs = programs
        self._account = server_account()
        self._socket = self.folder / "socket"
        self._in_use: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, say: Say, *, settings: Mapping[str, str] = _NO_SETTINGS) -> None:
        """Make it if new, adopt it if it runs, recover it if it crashed."""
        startup.require_own_folder(self.folder)
        with startup.clear_disk_full(self.folder):
            make_folder(self.folder, 0o711 if os.geteuid() == 0 else 0o700)
            require_reach(self.data, self._account)
            with locked(self.folder / "start.lock", say, what=str(self.folder)):
                self._enter()
                try:
                    self._start(say, settings)
                except BaseException:
                    self._leave()
                    raise

    def _enter(self) -> None:
        if self._in_use is None:
            self._in_use = open_lock(self.folder / "use.lock")
            fcntl.flock(self._in_use, fcntl.LOCK_SH)

    def _start(self, say: Say, settings: Mapping[str, str]) -> None:
        if self.data.exists():
            startup.require_sound_data(self.data, self._account, self._programs.version)
            if self._adopt(say):
                return
            self._require_nobody_elsewhere()
            postmaster.end_orphans(self.data)
        else:
            say("making a new database cluster")
            startup.initialise(self.data, self._programs, self._account, settings)
        self._launch(say, settings)

    def _adopt(self, say: Say) -> bool:
        """Use the server that runs here already, once it is ready; False if there is none."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while known := postmaster.running(self.data):
            self._socket = Path(known.socket_folder or self._socket)
            if known.status == "ready" and self._answers():
                return True
            if time.monotonic() > deadline:
                raise StartFailed(self.folder, f"process {known.pid} runs but does not answer")
            if known.status != "ready":
                say("waiting for the database that is already running here")
            time.sleep(0.2)
        # A server in another process namespace shows no process, but answers all the same.
        known = postmaster.read_pid_file(self.data)
        self._socket = Path(known.socket_folder) if known and known.socket_folder else self._socket
        return known is not None and self._answers()

    def is_running(self) -> bool:
        """Whether a server answers here; starts and keeps nothing."""
        known = postmaster.read_pid_file(self.data)
        if known is None or not known.socket_folder:
            return False
        self._socket = Path(known.socket_folder)
        return self._answers()

    def check(self) -> None:
        """Raise what a start would complain about before it touches anything."""
        startup.require_own_folder(self.folder)
        require_reach(self.data, self._account)
        if self.data.exists():
            startup.require_sound_data(self.data, self._account, self._programs.version)

    def _require_nobody_elsewhere(self) -> None:
        # Containers that share the folder share its locks, but see only their own processes.
        started = self._started()
        if started and started[1] != _process_namespace() and not self._is_last():
            raise StartFailed(self.folder, "another container uses this folder; give it its own")
        assert self._in_use is not None
        fcntl.flock(self._in_use, fcntl.LOCK_SH)

    def _answers(self) -> bool:
        return sql.answers(self._programs, self._socket)

    def _launch(self, say: Say, settings: Mapping[str, str]) -> None:
        postmaster.clear_stale_files(self.data, self._socket)
        self._socket = self._socket_folder()
        make_folder(self.folder / "log", 0o700, self._account)
        self._link_zones()
        named = {"cluster_name": postmaster.cluster_name(self.data), **settings}
        command = conf.command_line(self._programs.bin / "postgres", self.data, self._socket, named)
        if self._process:
            self._process.poll()  # collects one that was killed
        with (self.folder / "start.log").open("wb") as early:
            self._process = startup.spawn(
                command, self._programs, self._account, early, cwd=self.data
            )
        (self.folder / "started").write_text(f"{self._process.pid} {_process_namespace()}")
        self._wait_until_ready(say, self._process)

    def _link_zones(self) -> None:
        link = self.folder / ZONES_LINK
        link.unlink(missing_ok=True)
        if self._programs.zones:
            link.symlink_to(self._programs.zones)

    def _wait_until_ready(self, say: Say, process: subprocess.Popen[bytes]) -> None:
        began = time.monotonic()
        told = 0
        while True:
            known = postmaster.read_pid_file(self.data)
            if known and known.pid == process.pid and known.status == "ready":
                return
            if process.poll() is not None:
                raise startup.explain(self.folder)
            waited_s = time.monotonic() - began
            if waited_s > _READY_WITHIN_S:
                process.send_signal(signal.SIGQUIT)
                process.wait()
                raise StartFailed(self.folder, f"it was not ready after {waited_s:.0f} s")
            if waited_s // _SAY_EVERY_S > told:
                told += 1
                say(f"the database is recovering ({waited_s:.0f} s)")
            time.sleep(_POLL_S)

    def _socket_folder(self) -> Path:
        own = self.folder / "socket"
        if len(os.fsencode(own / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH and '"' not in str(own):
            return make_folder(own, 0o700, self._account)
        if self._socket != own and self._socket.is_dir():
            return self._socket
        return private_folder("cas-", self._account)

    def runs(self) -> bool:
        """False when its server has ended by itself; `start` brings it back."""
        return postmaster.running(self.data) is not None

    def stop(self) -> None:
        """Leave; and if nobody else uses the cluster and CAS started it, end it."""
        if self._in_use is None:
            return
        with locked(self.folder / "start.lock", lambda _: None, what=str(self.folder)):
            if self._is_last() and self._is_ours():
                self._end(signal.SIGINT)
            self._leave()

    def _is_last(self) -> bool:
        assert self._in_use is not None
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _started(self) -> list[str] | None:
        """Process id and namespace of the server that CAS started here last."""
        try:
            return (self.folder / "started").read_text().split()
        except FileNotFoundError:
            return None

    def _is_ours(self) -> bool:
        known = postmaster.running(self.data)
        started = self._started()
        return bool(known and started and started[0] == str(known.pid))

    def destroy(self) -> None:
        """End the server at once, whoever uses it, and remove the folder with all data."""
        if self.data.exists():
            self._end(signal.SIGQUIT)
        self._leave()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, told: signal.Signals) -> None:
        known = postmaster.running(self.data)
        if known:
            self._socket = Path(known.socket_folder or self._socket)
        postmaster.end(self.data, told, self._process)
        if self._socket != self.folder / "socket":
            shutil.rmtree(self._socket, ignore_errors=True)

    def _leave(self) -> None:
        if self._in_use is not None:
            os.close(self._in_use)
            self._in_use = None
        if self._process and self._process.poll() is None:
            _left_running.append(self._process)
        self._process = None

    def url(self, database: str) -> str:
        """For asyncpg, over the unix socket."""
        return (
            f"postgresql://{sql.ROLE}@/{quote(database, safe='')}?host={quote(str(self._socket))}"
        )

    def create_database(self, name: str, *, template: str | None = None) -> bool:
        """True if it was made, False if it was there; a template nobody is connected to."""
        found = self.run_sql("postgres", "SELECT 1 FROM pg_database WHERE datname = :'n'", n=name)
        if found:
            return False
        self.run_sql(
            "postgres", 'CREATE DATABASE :"n" TEMPLATE :"t"', n=name, t=template or "template1"
        )
        return True

    def drop_database(self, name: str) -> None:
        """Whoever is connected to it is sent away."""
        self.run_sql("postgres", 'DROP DATABASE IF EXISTS :"n" WITH (FORCE)', n=name)

    def run_sql(self, database: str, statement: str, **variables: str) -> str:
        """What psql prints for it; variables are quoted by psql as :'name' or :"name"."""
        return sql.run(self._programs, self._socket, database, statement, **variables)


def _process_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return "only"
