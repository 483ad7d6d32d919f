"""Develops pictures one at a time, each in a process of its own, one sender after the other."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import ClassVar
from weakref import WeakValueDictionary

import structlog

from cas_server.errors import CasError
from cas_server.kit.door import Door
from cas_server.pictures.develop import REFUSED
from cas_server.pictures.form import PictureBroken, measure

AT_ONCE = 1
"""The other core is for presses."""
UPLOADS = 8
"""Bodies in memory at a time; who waits for a place has sent little yet."""
MOST_WAITING = 200
MOST_OF_ONE = 24
WITHIN_S = 30.0
_DEVELOP = (sys.executable, "-m", "cas_server.pictures.develop")
# No key and no password: a decoder that is made to do a stranger's will finds nothing.
_HARMLESS = ("PATH", "PYTHONPATH", "PYTHONSAFEPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")

log = structlog.get_logger()


class PicturesBusy(CasError):
    """So many pictures wait that another one cannot even be kept waiting."""

    code: ClassVar[str] = "pictures_busy"
    status: ClassVar[HTTPStatus] = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("too many pictures come at once; send this one again in 10 seconds")

    def facts(self) -> dict[str, str]:
        return {"retry_after_s": "10"}


class Darkroom:
    """One per server process."""

    def __init__(self) -> None:
        self._uploads = Door(UPLOADS)
        self._trays = Door(AT_ONCE)
        self._own: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._waiting = Counter[str]()

    @asynccontextmanager
    async def place(self, sender: str) -> AsyncIterator[None]:
        """Wait for a place to bring a picture in; no sender holds two, however slowly it sends."""
        if self._waiting[sender] >= MOST_OF_ONE or self._waiting.total() >= MOST_WAITING:
            raise PicturesBusy
        self._waiting[sender] += 1
        own = self._own.setdefault(sender, asyncio.Lock())
        try:
            async with own, self._uploads.through(sender):
                yield
        finally:
            self._waiting[sender] -= 1
            if not self._waiting[sender]:
                del self._waiting[sender]

    async def develop(self, content: bytes, sender: str) -> bytes:
        """A JPEG of our own making; PictureRefused says what is wrong with the upload."""
        measure(content)
        async with self._trays.through(sender):
            return await _in_own_process(content)


async def _in_own_process(content: bytes) -> bytes:
    environment = {name: os.environ[name] for name in _HARMLESS if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *_DEVELOP,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            made, _ = await process.communicate(content)
    except TimeoutError as slow:
        log.warning("picture.too_slow", bytes=len(content))
        raise PictureBroken from slow
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not made:
        if process.returncode != REFUSED:
            # Killed for what it took, or by its own fault: the file's doing, and worth knowing.
            log.warning("picture.developer_died", status=process.returncode, bytes=len(content))
        raise PictureBroken
    return made
