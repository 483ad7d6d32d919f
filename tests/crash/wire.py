"""A wire between clients and one server: it can be slow, held in either direction, or cut."""

import asyncio
import contextlib
from typing import Literal

from tests.crash.pace import pause

Way = Literal["up", "down"]
CHUNK_BYTES = 16_384


class Wire:
    """A TCP proxy on a port of its own. `up` is towards the server, `down` towards the client.

    What is held is not lost: TCP would send it again. It arrives when the wire is free, or its
    connection is cut and both ends must find out.
    """

    def __init__(self, to_port: int, to_host: str = "127.0.0.1") -> None:
        self._to = (to_host, to_port)
        self._free: dict[Way, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.delay_s = 0.0
        self.port = 0
        self.mend()

    async def open(self) -> None:
        """Listen; the port stays the same as long as this object lives."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self.mend()
        self._server.close()
        self.cut()

    def hold(self, *ways: Way) -> None:
        """Nothing goes this way until the wire is mended; nobody is told."""
        for way in ways:
            self._free[way].clear()

    def cut(self) -> None:
        """Reset every connection there is."""
        for end in list(self._ends):
            end.transport.abort()

    def mend(self) -> None:
        """Free in both directions, and fast."""
        self.delay_s = 0.0
        for free in self._free.values():
            free.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        self._ends.add(writer)
        try:
            onward, to_server = await asyncio.open_connection(*self._to)
            ends.append(to_server)
            self._ends.add(to_server)
            async with asyncio.TaskGroup() as pipes:
                pipes.create_task(self._pipe(reader, to_server, "up"))
                pipes.create_task(self._pipe(onward, writer, "down"))
        except OSError:
            pass
        finally:
            for end in ends:
                end.transport.abort()
                self._ends.discard(end)

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                if self.delay_s:
                    await pause(self.delay_s)
                await self._free[way].wait()
                writer.write(chunk)
                await writer.drain()
        # What ends at one end ends at the other.
        writer.transport.abort() if self.delay_s else writer.close()
