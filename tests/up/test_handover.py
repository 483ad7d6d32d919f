"""Sockets that are handed over, without a server around them."""

import os
import socket

import pytest

from cas_server import handover
from cas_server.handover import PortTaken


def test_a_port_where_somebody_listens_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}; choose another with CAS_PORT="):
            handover.bound("127.0.0.1", port)


def test_every_address_of_a_host_is_bound_as_far_as_the_machine_has_it() -> None:
    sockets = handover.bound("localhost", 0)

    addresses = {each.getsockname()[0] for each in sockets}
    for each in sockets:
        each.close()
    assert "127.0.0.1" in addresses
    assert addresses <= {"127.0.0.1", "::1"}


def test_sockets_that_were_meant_for_a_process_above_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", str(os.getppid()))

    assert handover.inherited() is None
    assert "LISTEN_FDS" not in os.environ
