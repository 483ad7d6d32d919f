"""The network under a server loses packets each way by itself, and none when it is mended."""

import subprocess
import sys
from collections.abc import Iterator
from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from tests.crash.lossy import LossyNetwork, lossy_network, why_not

pytestmark = [
    pytest.mark.xdist_group("crash"),
    pytest.mark.skipif(why_not() is not None, reason=str(why_not())),
]

ECHO = """
import socket
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("0.0.0.0", 5000))
print("up", flush=True)
heard = 0
while True:
    asked, whom = here.recvfrom(9)
    heard += asked == b"ping"
    here.sendto(b"%d" % heard, whom)
"""
PINGS = 60


class Echo:
    """Somebody in the network who counts what arrives, and says so."""

    def __init__(self, network: LossyNetwork) -> None:
        self._at = (network.address, 5000)
        self._socket = socket(AF_INET, SOCK_DGRAM)
        self._socket.settimeout(0.05)

    def close(self) -> None:
        self._socket.close()

    def answered(self) -> int:
        return sum(self._ask(b"ping") is not None for _ in range(PINGS))

    def heard(self) -> int:
        while (told := self._ask(b"how many")) is None:
            pass
        return told

    def _ask(self, what: bytes) -> int | None:
        self._socket.sendto(what, self._at)
        try:
            return int(self._socket.recv(9))
        except TimeoutError:
            return None


@pytest.fixture(scope="module")
def network() -> Iterator[LossyNetwork]:
    with lossy_network(8) as made:
        yield made


@pytest.fixture(scope="module")
def echo(network: LossyNetwork) -> Iterator[Echo]:
    command = [*network.inside, sys.executable, "-c", ECHO]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        process.stdout.readline()
        echo = Echo(network)
        yield echo
        echo.close()
        process.kill()


def test_packets_are_lost_one_way_or_both_in_part_or_all(network: LossyNetwork, echo: Echo) -> None:
    network.lose(0.5, "up")
    some = echo.answered()
    network.lose(1, "up")
    none = echo.answered()
    network.mend()
    arrived = echo.heard()
    network.lose(1, "down")
    unheard = echo.answered()
    network.mend()

    assert 0 < some < PINGS
    assert none == unheard == 0
    assert echo.heard() >= arrived + PINGS, "what is cut one way goes on the other way"
