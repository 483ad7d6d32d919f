"""A Redis to compare with: started without persistence, spoken to by the least code there is."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cas_server.bench import rivals, stage
from cas_server.bench.rivals import Program

KEY = "personil"
Place = tuple[float, float, str]
"""lon, lat, member: in the order of GEOADD."""


@contextmanager
def redis(program: Program) -> Iterator[int]:
    """A server of its own for the length of the block; its port."""
    port = stage.free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with rivals.running(program, port, *words):
        yield port


class Redis:
    """One connection. Commands are answered in the order in which they were sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Redis":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def put(self, places: Sequence[Place]) -> None:
        """Say where these are now."""
        words = [str(word) for place in places for word in place]
        await self._ask("GEOADD", KEY, *words)

    async def nearest(self, lon: float, lat: float, radius_m: float, count: int) -> list[str]:
        """Members by distance, the nearest first."""
        found = await self._ask(
            "GEOSEARCH", KEY, "FROMLONLAT", repr(lon), repr(lat), "BYRADIUS", str(radius_m), "m",
            "ASC", "COUNT", str(count),
        )  # fmt: skip
        assert isinstance(found, list), found
        return found

    async def _ask(self, *words: str) -> str | list[str]:
        parts = (f"${len(word.encode())}\r\n{word}\r\n" for word in words)
        self._writer.write(f"*{len(words)}\r\n{''.join(parts)}".encode())
        line = await self._line()
        if line.startswith("*"):
            return [await self._bulk() for _ in range(int(line[1:]))]
        assert not line.startswith("-"), line
        return line[1:]

    async def _bulk(self) -> str:
        await self._line()
        return await self._line()

    async def _line(self) -> str:
        return (await self._reader.readuntil(b"\r\n"))[:-2].decode()

    def close(self) -> None:
        self._writer.close()
