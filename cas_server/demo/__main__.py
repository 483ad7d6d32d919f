"""`python -m cas_server.demo`: the simulated regency as a process of its own."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import structlog

from cas_server.demo.desk import Key
from cas_server.demo.regency import Wishes, live
from cas_server.demo.shapes import Phone, read_phones

PER_HOUR = 45.0
DESK_PASSWORD = "bojonegoro-demo"  # noqa: S105 - the demo's, printed by `cas up` for everybody


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m cas_server.demo",
        description="Patrols that drive and people who press, over the public API of a CAS server.",
    )
    parser.add_argument("--server", default="http://127.0.0.1:8000", help="where CAS answers")
    parser.add_argument(
        "--phones", type=Path, required=True, help="signed-in phones, as 'cas up' writes them"
    )
    parser.add_argument(
        "--per-hour", type=float, default=PER_HOUR, help="presses in an average hour; 0 for none"
    )
    parser.add_argument(
        "--desk",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="simulated operators acknowledge and close simulated alarms after a while",
    )
    parser.add_argument("--desk-name", default="operator", help="who sees every alarm")
    parser.add_argument("--desk-password", default=DESK_PASSWORD, help="of the demo's operators")
    told = parser.parse_args()
    _log_as_json()
    key = Key(told.desk_name, told.desk_password)
    wishes = Wishes(told.server, told.per_hour, told.desk, key)
    phones = read_phones(told.phones)
    with contextlib.suppress(asyncio.CancelledError), asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_until_told(wishes, phones))


async def _until_told(wishes: Wishes, phones: list[Phone]) -> None:
    me = asyncio.current_task()
    assert me is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, me.cancel)
    await live(wishes, phones)


def _loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _log_as_json() -> None:
    """As the server's lines: an event and ids; never a token, a number or a name."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
