"""Google's access token for Firebase, held and renewed without blocking anybody."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import structlog

from cas_server.kit.clock import Clock

REFRESH_AHEAD = timedelta(minutes=10)
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
SAME_FAILURE = timedelta(seconds=0.5)


class AccessToken:
    """Google's access token, renewed in a thread before it ends: else it would block the loop."""

    def __init__(self, account: Any, timeout_s: float, clock: Clock) -> None:
        self._account = account
        self._timeout_s = timeout_s
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._failure: tuple[datetime, google.auth.exceptions.GoogleAuthError] | None = None
        self._spoilt = asyncio.Event()

    async def run(self) -> None:
        """Keep it fresh for ever, also when Google does not answer."""
        log = structlog.get_logger()
        wait_s = FIRST_RETRY_S
        while True:
            try:
                await self._renew(unless_left=REFRESH_AHEAD)
                wait_s = FIRST_RETRY_S
                pause_s = max((self._left() - REFRESH_AHEAD).total_seconds(), FIRST_RETRY_S)
            except google.auth.exceptions.GoogleAuthError as error:
                log.warning("push.no_access_token", why=str(error.args[0]))
                pause_s, wait_s = wait_s, min(wait_s * 2, LONGEST_RETRY_S)
            self._spoilt.clear()
            try:
                async with asyncio.timeout(pause_s):
                    await self._spoilt.wait()
            except TimeoutError:
                pass

    async def value(self) -> str:
        """The token; waits, without blocking anybody else, only when there is none."""
        if self._left() <= timedelta():
            await self._renew(unless_left=timedelta())
        return str(self._account.token)

    def spoil(self, refused: str) -> None:
        """Google did not accept this token: get another."""
        if refused == self._account.token:
            self._account.token = None
            self._spoilt.set()

    @property
    def current(self) -> str:
        return str(self._account.token)

    def _left(self) -> timedelta:
        if self._account.token is None or self._account.expiry is None:
            return timedelta()
        # google-auth keeps naive times in UTC.
        ends: datetime = self._account.expiry.replace(tzinfo=UTC)
        return ends - self._clock()

    async def _renew(self, *, unless_left: timedelta) -> None:
        async with self._renewing:
            if self._left() > unless_left:
                return
            # Many messages wait here together: they share one failure as they share one token.
            if self._failure and self._clock() - self._failure[0] < SAME_FAILURE:
                raise self._failure[1]
            try:
                await asyncio.to_thread(self._renew_blocking)
            except google.auth.exceptions.GoogleAuthError as error:
                self._failure = (self._clock(), error)
                raise

    def _renew_blocking(self) -> None:
        request = google.auth.transport.requests.Request()

        def bounded(*args: Any, **options: Any) -> Any:
            # Shorter than its caller waits, who would leave the thread behind.
            return request(*args, **{**options, "timeout": self._timeout_s * 0.8})

        self._account.refresh(bounded)
