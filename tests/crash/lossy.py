"""A network of a server's own, in which packets are really lost: each way by itself, some or all.

Needs root, `ip` and `tc`, and nothing of the kernel but namespaces, veth and BPF: whether a packet
is dropped is decided by three instructions, so netem need not be there.
"""

import contextlib
import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

from tests.crash.wire import Way

FOR_BENCHES = IPv4Address("198.18.0.0")
"""198.18.0.0/15 is set aside for measuring networks (RFC 2544): nobody else is there."""
NETWORKS = 2**15
SIDES: dict[Way, str] = {"up": "egress", "down": "ingress"}
LOSE_ALL = "1,6 0 0 2"
LOSE_SOME = "4,32 0 0 4294963256,37 0 1 {above},6 0 0 2,6 0 0 4294967295"
"""Load a random number; where it is above, drop (2), else go on (-1)."""


class LossyNetwork:
    """One end is here, the other in a namespace; `address` is the far one."""

    def __init__(self, number: int) -> None:
        self.name = f"cas-{os.getpid()}-{number}"
        self._near = f"cas{os.getpid()}n{number}"
        own = FOR_BENCHES + 4 * ((2 * os.getpid() + number) % NETWORKS)
        self.here, self.address = str(own + 1), str(own + 2)

    @property
    def inside(self) -> list[str]:
        """What a command begins with that is to run in there; its process stays the same."""
        return ["ip", "netns", "exec", self.name]

    def open(self) -> None:
        _forget_the_dead()
        _run(f"ip netns add {self.name}")
        far = f"{self._near}f"
        _run(f"ip link add {self._near} type veth peer name {far} netns {self.name}")
        _run(f"ip addr add {self.here}/30 dev {self._near}")
        _run(f"ip -n {self.name} addr add {self.address}/30 dev {far}")
        _run(f"ip link set {self._near} up")
        _run(f"ip -n {self.name} link set {far} up")
        _run(f"ip -n {self.name} link set lo up")
        _run(f"tc qdisc add dev {self._near} clsact")

    def lose(self, share: float, *ways: Way) -> None:
        """From now on so much of what goes these ways is lost; 1 is a cut nobody is told of."""
        code = LOSE_ALL if share >= 1 else LOSE_SOME.format(above=int((1 - share) * 2**32))
        for way in ways:
            where = f"dev {self._near} {SIDES[way]} protocol ip pref 1 handle 1"
            _run(f"tc filter replace {where} bpf da bytecode", code)

    def mend(self) -> None:
        """Every packet arrives again."""
        for side in SIDES.values():
            _run(f"tc filter del dev {self._near} {side}")

    def close(self) -> None:
        """Its pair of interfaces goes with it."""
        with contextlib.suppress(subprocess.CalledProcessError):
            _run(f"ip link del {self._near}")
        with contextlib.suppress(subprocess.CalledProcessError):
            _run(f"ip netns del {self.name}")


@contextlib.contextmanager
def lossy_network(number: int) -> Iterator[LossyNetwork]:
    """One for as long as the block lasts."""
    network = LossyNetwork(number)
    try:
        network.open()
        yield network
    finally:
        network.close()


@functools.cache
def why_not() -> str | None:
    """What is missing here for losing packets; None when nothing is."""
    if os.uname().sysname != "Linux" or os.geteuid() != 0:
        return "losing packets needs root on Linux (network namespaces)"
    if missing := [each for each in ("ip", "tc") if shutil.which(each) is None]:
        return f"losing packets needs {' and '.join(missing)} (Debian: iproute2)"
    try:
        with lossy_network(9) as network:
            network.lose(0.5, "up", "down")
    except subprocess.CalledProcessError as refused:
        return f"losing packets is not possible here: {refused.stderr.strip()}"
    return None


def _forget_the_dead() -> None:
    """What a process that was killed left behind, for a namespace outlives everybody in it."""
    for line in _run("ip netns list").splitlines():
        name, *_ = line.split()
        kind, _, rest = name.partition("-")
        if kind == "cas" and not Path(f"/proc/{rest.split('-')[0]}").exists():
            with contextlib.suppress(subprocess.CalledProcessError):
                _run(f"ip netns del {name}")


def _run(command: str, *more: str) -> str:
    words = [*command.split(), *more]
    done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603 - of this file alone
    return done.stdout
