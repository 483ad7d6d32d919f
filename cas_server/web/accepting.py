"""uvicorn, but many waiting connections are taken up at a time.

uvloop takes one in each pass of its loop, and a pass takes long when thousands come back at once:
a press over a new connection would wait for as many passes as there are phones before it.
"""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import structlog
import uvicorn

BACKLOG = 4096
"""A full herd comes back at once: what does not fit is tried again by its kernel a second later."""
EACH_PASS = 64
AGAIN_AFTER_S = 0.5

_FULL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = structlog.get_logger()


class Accepting:
    """A listening socket whose connections are given to protocols, from now until `close`."""

    def __init__(self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._socket = listening
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._beginning: set[asyncio.Task[Any]] = set()
        self._again: asyncio.TimerHandle | None = None
        listening.settimeout(0)
        listening.listen(BACKLOG)
        self._watch()

    def close(self) -> None:
        """Take up no more; who waits in the kernel is left to whoever else listens there."""
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    async def wait_closed(self) -> None:
        """Return when everybody who was taken up has a protocol."""
        await asyncio.gather(*self._beginning, return_exceptions=True)

    def _watch(self) -> None:
        self._again = None
        self._loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        for _ in range(EACH_PASS):
            try:
                connection, _address = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _FULL:
                    self._pause(error)
                    return
                continue  # it has hung up while it waited
            connection.settimeout(0)
            begun = self._loop.create_task(self._begin(connection))
            self._beginning.add(begun)
            begun.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:
            connection.close()

    def _pause(self, error: OSError) -> None:
        """Nothing is lost: they wait in the kernel until a file is free."""
        log.error("server.no_more_connections", error=error.strerror, again_after_s=AGAIN_AFTER_S)
        self._loop.remove_reader(self._socket)
        self._again = self._loop.call_later(AGAIN_AFTER_S, self._watch)


class Server(uvicorn.Server):
    """uvicorn's server; on sockets that it is given it accepts as above."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(None if sockets is None else [])
        for each in sockets or []:
            accepting: Any = Accepting(each, self._protocol)  # closed like an asyncio.Server
            self.servers.append(accepting)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # uvicorn does the same
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=None,
        )
        return made
