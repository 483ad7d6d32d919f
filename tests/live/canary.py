"""Marked identities, and a search that finds them in whatever form they come to light."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import asyncpg
import httpx2
from websockets.asyncio.client import connect

from tests.factories import Person
from tests.live.house import House

_NAME = re.compile(rb"zwk\d{4}kan|qov\d{4}ix", re.IGNORECASE)
_NUMBER = re.compile(rb"87750000\d{3}")
_BETWEEN_DIGITS = re.compile(rb"(?<=\d)[\s().\-/]+(?=\d)")
_HEX = re.compile(rb"7a776b3\d3\d3\d3\d6b616e|38373735303030303\d3\d3\d", re.IGNORECASE)


def name_of(number: int) -> str:
    """Unmistakable: no text, id or key contains it by chance."""
    return f"Zwk{number:04}kan Qov{number:04}ix"


def phone_of(number: int) -> str:
    return f"0877 5000 0{number:03}"


def found_in(text: bytes) -> list[bytes]:
    """Every mark, in any case, with and without +62 or 0, with any separators, also as hex."""
    digits = _BETWEEN_DIGITS.sub(b"", text)
    return [*_NAME.findall(text), *_NUMBER.findall(digits), *_HEX.findall(text)]


class Collected:
    """All bytes that left the server for somebody who was not cleared for them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.bytes: list[tuple[str, bytes]] = []

    def add(self, what: str, text: bytes) -> None:
        self.bytes.append((what, text))

    def leaks(self) -> dict[str, list[bytes]]:
        """Where something was found, and what."""
        hits: dict[str, list[bytes]] = {}
        for what, text in self.bytes:
            if found := found_in(text):
                hits.setdefault(what, []).extend(found[:3])
        return hits

    @asynccontextmanager
    async def caller(self) -> AsyncIterator["Caller"]:
        async with httpx2.AsyncClient(base_url=f"{self._house.url}/v1", timeout=60) as client:
            yield Caller(self, client)

    @asynccontextmanager
    async def watching(self, who: Person) -> AsyncIterator["Frames"]:
        """Keep every frame that somebody's socket is sent."""
        frames = Frames()
        async with connect(self._house.live_url, max_size=None, compression=None) as socket:
            await socket.send(json.dumps({"type": "hello", "token": who.token}))
            await socket.send(json.dumps({"type": "watch"}))

            async def keep() -> None:
                async for frame in socket:
                    frames.keep(frame.encode() if isinstance(frame, str) else frame)

            keeping = asyncio.create_task(keep())
            yield frames
            await socket.close()
            await asyncio.gather(keeping, return_exceptions=True)
        self.bytes += [(f"the socket of a {who.subject.role}", frame) for frame in frames.kept]


class Frames:
    """What one socket was sent."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self._ticked = asyncio.Event()

    def keep(self, frame: bytes) -> None:
        self.kept.append(frame)
        if b'"tick"' in frame:
            self._ticked.set()

    async def up_to_date(self) -> None:
        """Two ticks on: whatever had been committed has been told."""
        for _ in range(2):
            self._ticked.clear()
            async with asyncio.timeout(60):
                await self._ticked.wait()


class Caller:
    """Asks over HTTP; keeps the answer, unless whoever asked may know who it is about."""

    def __init__(self, collected: Collected, client: httpx2.AsyncClient) -> None:
        self._collected = collected
        self._client = client

    async def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        cleared: bool = False,
        **body: Any,
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self._client.request(method, path, headers=headers, json=body or None)
        told = repr(answer.headers.raw).encode() + answer.content
        if not cleared:
            self._collected.add(f"{method} {re.sub('[0-9a-f-]{36}', '*', path)}", told)
        return answer


async def dump(dsn: str) -> list[tuple[str, bytes]]:
    """Every table as whoever holds a backup sees it."""
    connection = await asyncpg.connect(dsn)
    tables = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
        "AND tablename <> 'spatial_ref_sys'"
    )
    dumped = []
    for table in tables:
        parts: list[bytes] = []

        async def keep(part: bytes, parts: list[bytes] = parts) -> None:
            parts.append(part)

        await connection.copy_from_table(table["tablename"], output=keep, schema_name="public")
        dumped.append((f"the table {table['tablename']}", b"".join(parts)))
    await connection.close()
    return dumped


class Gateway:
    """A phone that sends text messages: here it keeps them, number by number."""

    def __init__(self) -> None:
        self.codes: dict[str, Queue[str]] = defaultdict(Queue)
        self.url = ""

    async def code_for(self, phone: str) -> str:
        return await asyncio.to_thread(self.codes[phone].get, timeout=60)


@contextmanager
def gateway() -> Iterator[Gateway]:
    kept = Gateway()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            code = re.search(r"\d{6}", asked["textMessage"]["text"])
            assert code is not None
            kept.codes[asked["phoneNumbers"][0]].put(code.group())
            answer = json.dumps({"id": asked["id"], "state": "Pending"}).encode()
            self.send_response(202)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing: what was asked is kept."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}/message"
        running = Thread(target=server.serve_forever, daemon=True)
        running.start()
        yield kept
        server.shutdown()
        running.join()


def files_of(house: House) -> list[tuple[str, bytes]]:
    """What server, worker and push service have written down."""
    return [(f"the file {file.name}", file.read_bytes()) for file in _files(house.folder)]


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]
