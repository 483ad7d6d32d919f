"""The public HTTP API, as any client speaks it."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

import httpx2
import msgspec

TIMEOUT_S = 10.0
ROOT = "/v1"
_Answer = TypeVar("_Answer")


class Unreachable(Exception):
    """No answer, or one that says "later": the same may be asked again."""


class Refused(Exception):
    """The server understood and says no."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class _Problem(msgspec.Struct):
    code: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A body as it was signed, and the headers that sign it."""

    content: bytes
    headers: dict[str, str]


class Api:
    """One pool of connections for every simulated phone."""

    def __init__(self, server: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=f"{server.rstrip('/')}{ROOT}",
            timeout=TIMEOUT_S,
            # A proxy of the environment leads to the world, not to this server.
            trust_env=False,
            limits=httpx2.Limits(max_connections=20, max_keepalive_connections=4),
        )

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def ask(
        self, answer: type[_Answer], method: str, path: str, token: str, body: Any = None
    ) -> _Answer:
        """Send, and read the answer as this shape."""
        return msgspec.json.decode(await self.tell(method, path, token, body), type=answer)

    async def tell(self, method: str, path: str, token: str, body: Any = None) -> bytes:
        """Send, and return the answer unread."""
        content = None if body is None else msgspec.json.encode(body)
        return await self._send(method, path, _headers(token, content), content)

    async def press(self, answer: type[_Answer], path: str, token: str, sealed: Sealed) -> _Answer:
        """Send a press with whatever proves who presses."""
        headers = _headers(token, sealed.content) | sealed.headers
        told = await self._send("PUT", path, headers, sealed.content)
        return msgspec.json.decode(told, type=answer)

    async def _send(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None
    ) -> bytes:
        try:
            answer = await self._client.request(method, path, headers=headers, content=content)
        except httpx2.TransportError as error:
            raise Unreachable(str(error)) from error
        if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{answer.status_code}")
        if answer.status_code >= httpx2.codes.BAD_REQUEST:
            raise Refused(answer.status_code, _code(answer.content))
        return answer.content


def _headers(token: str, content: bytes | None) -> dict[str, str]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if content is not None:
        headers["content-type"] = "application/json"
    return headers


def _code(content: bytes) -> str:
    try:
        return msgspec.json.decode(content, type=_Problem).code
    except msgspec.DecodeError:
        return ""
