"""A client that never reads holds little, and not for ever."""

import errno
import select
import socket

from cas_server.web.patience import UNSENT_BYTES, bound_waiting

PATIENCE_MS = 60_000


def test_what_is_never_read_is_bounded_and_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as deaf:
        bound_waiting(listening, unheard_within_s=1.0)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(listening.getsockname())
        accepted, _ = listening.accept()
        with accepted:
            accepted.settimeout(0)

            taken = 0
            while _is_writable(accepted):
                taken += accepted.send(b"x" * 8_192)
            cut = select.poll()
            cut.register(accepted, 0)

            assert taken < 4 * UNSENT_BYTES, "else the kernel takes megabytes"
            assert cut.poll(PATIENCE_MS), "still connected"
            reason = accepted.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            assert reason == errno.ETIMEDOUT


def _is_writable(accepted: socket.socket) -> bool:
    return bool(select.select([], [accepted], [], 0)[1])
