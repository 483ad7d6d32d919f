"""People who press without a pause while something is done to the server, and remember it all."""

import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

BODY = json.dumps({"position": {"lat": -7.15, "lon": 111.88, "accuracy_m": 12}})
PATIENCE_S = 60.0


class Presser(threading.Thread):
    """One phone: a press is repeated, as apps do, until it is answered with any 2xx."""

    def __init__(self, port: int, *, keeps: bool) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._keeps = keeps
        self._line: http.client.HTTPConnection | None = None
        self._over = threading.Event()
        self._answered = threading.Condition()
        self.accepted: list[str] = []
        self.faults: list[str] = []
        """Connections that were refused, and answers other than a 2xx."""
        self.broken = 0
        """Connections that ended while a press was on its way."""

    def run(self) -> None:
        while not self._over.is_set():
            press_id = str(uuid.uuid4())
            while not self._is_taken(press_id):
                if self._over.is_set():
                    return
            with self._answered:
                self.accepted.append(press_id)
                self._answered.notify_all()

    def _is_taken(self, press_id: str) -> bool:
        line = self._line or http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        self._line = None
        try:
            if line.sock is None:
                line.connect()
        except OSError as error:
            line.close()
            self.faults.append(f"not connected: {error!r}")
            return False
        try:
            line.request("PUT", f"/v1/alarms/{press_id}", BODY)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.broken += 1
            line.close()
            return False
        if self._keeps and not answer.will_close:
            self._line = line
        else:
            line.close()
        if answer.status not in (http.client.CREATED, http.client.OK):
            self.faults.append(f"answered {answer.status}")
            return False
        return True

    def await_more(self, count: int) -> None:
        """Until so many more presses are accepted than now."""
        with self._answered:
            wanted = len(self.accepted) + count
            assert self._answered.wait_for(lambda: len(self.accepted) >= wanted, PATIENCE_S)

    def finish(self) -> None:
        self._over.set()
        self.join(PATIENCE_S)
        if self._line is not None:
            self._line.close()


@contextmanager
def pressing(port: int) -> Iterator[list[Presser]]:
    """One over a connection that it keeps, one over a new connection for each press."""
    pressers = [Presser(port, keeps=True), Presser(port, keeps=False)]
    for presser in pressers:
        presser.start()
    try:
        yield pressers
    finally:
        for presser in pressers:
            presser.finish()
