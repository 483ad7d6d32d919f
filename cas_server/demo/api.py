"""The public HTTP API, as any client speaks it."""

from types import TracebackType
from typing import Any, TypeVar

import httpx2
import msgspec

TIMEOUT_S = 10.0
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


class Api:
    """One pool of connections for every simulated phone."""

    def __init__(self, server: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=f"{server.rstrip('/')}/v1",
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
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["content-type"] = "application/json"
        content = None if body is None else msgspec.json.encode(body)
        try:
            answer = await self._client.request(method, path, headers=headers, content=content)
        except httpx2.TransportError as error:
            raise Unreachable(str(error)) from error
        if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{answer.status_code}")
        if answer.status_code >= httpx2.codes.BAD_REQUEST:
            raise Refused(answer.status_code, _code(answer.content))
        return answer.content


def _code(content: bytes) -> str:
    try:
        return msgspec.json.decode(content, type=_Problem).code
    except msgspec.DecodeError:
        return ""
