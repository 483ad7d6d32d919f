"""`cas bench`: figures measured here and now, each beside a yardstick from the same run."""

import importlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    no_args_is_help=True,
    help="Measured comparisons. Each starts what it needs and leaves nothing behind.",
)

Seconds = Annotated[float, typer.Option("--seconds", min=0.5, help="How long to measure.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Keep = Annotated[
    bool, typer.Option("--keep", help="Also write it to tests/bench/results, for `report`.")
]


Size = Annotated[
    float,
    typer.Option(
        "--size", min=0.001, max=1, help="Share of the full crowd, to try it out quickly."
    ),
]


class Way(StrEnum):
    SIGNED = "signed"
    BEARER = "bearer"
    UNVERIFIED = "unverified"


def _bench(
    name: str, seconds: float, size: float, *, as_json: bool, keep: bool, **wishes: object
) -> None:
    # Only what is asked for is loaded: `cas --help` must stay quick.
    from cas_server.bench import kept
    from cas_server.bench.stage import Trial

    measured = importlib.import_module(f"cas_server.bench.{name}")
    err = Console(stderr=True)
    trial = Trial(seconds, size, lambda line: err.print(f"  {line}", highlight=False))
    result = measured.measure(trial, **wishes)
    if keep:
        err.print(f"  kept in {kept.keep(result)}", highlight=False)
    if as_json:
        sys.stdout.write(result.as_json() + "\n")
    else:
        result.show(Console())


@app.command()
def press(
    seconds: Seconds = 60,
    size: Size = 1,
    *,
    way: Annotated[Way, typer.Option("--way", help="How a press proves who presses.")] = Way.SIGNED,
    as_json: Json = False,
    keep: Keep = False,
) -> None:
    """Durable presses over HTTP, against pgbench with the same SQL and an ordinary ORM."""
    _bench("press", seconds, size, as_json=as_json, keep=keep, way=way.value)


@app.command()
def walls(
    seconds: Seconds = 60,
    size: Size = 1,
    *,
    before: Annotated[
        Path | None,
        typer.Option(
            "--before",
            exists=True,
            file_okay=False,
            help="An older checkout, to press against its server in the same rounds.",
        ),
    ] = None,
    as_json: Json = False,
    keep: Keep = False,
) -> None:
    """What each wall costs a press: the ways to press in turns, against signed in only."""
    _bench("walls", seconds, size, as_json=as_json, keep=keep, before=before)


@app.command()
def flood(
    seconds: Seconds = 40, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """Genuine presses while a flood of others comes, in four kinds, against 10 a second."""
    _bench("flood", seconds, size, as_json=as_json, keep=keep)


@app.command()
def reach(
    seconds: Seconds = 30, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """From a press to the console, to the nearest officer and to Firebase, under load."""
    _bench("reach", seconds, size, as_json=as_json, keep=keep)


@app.command()
def deadlines(
    seconds: Seconds = 15, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """How late offers expire, from their deadline to the commit, against 50 ms."""
    _bench("deadlines", seconds, size, as_json=as_json, keep=keep)


@app.command()
def fixes(
    seconds: Seconds = 45, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """Positions taken in over sockets and stored, against COPY and one-by-one updates."""
    _bench("fixes", seconds, size, as_json=as_json, keep=keep)


@app.command()
def nearest(
    seconds: Seconds = 30, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """The nearest of 100,000 moving officers, against Redis and looking at every one."""
    _bench("nearest", seconds, size, as_json=as_json, keep=keep)


@app.command()
def fanout(
    seconds: Seconds = 10, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """One event to 1,000 sockets, against a plain loop of send_json."""
    _bench("fanout", seconds, size, as_json=as_json, keep=keep)


@app.command()
def restart(
    seconds: Seconds = 100, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """Presses while the server is replaced and killed, and 5,000 sockets that come back."""
    _bench("restart", seconds, size, as_json=as_json, keep=keep)


@app.command()
def isolation(
    seconds: Seconds = 100, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """Presses beside a storm of fixes and 1,000 clients that never read, against presses alone."""
    _bench("isolation", seconds, size, as_json=as_json, keep=keep)


@app.command()
def idle(
    seconds: Seconds = 10, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """Memory of each of 10,000 sockets that are held, against a plain FastAPI endpoint."""
    _bench("idle", seconds, size, as_json=as_json, keep=keep)


@app.command()
def growth(
    seconds: Seconds = 300, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """From a press to the offer with more officers, consoles, open alarms and people."""
    _bench("growth", seconds, size, as_json=as_json, keep=keep)


@app.command()
def soak(
    seconds: Seconds = 3_600, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """A simulated regency for an hour: memory, connections and hot tables stay as they are."""
    _bench("soak", seconds, size, as_json=as_json, keep=keep)


@app.command()
def memory(
    seconds: Seconds = 10, size: Size = 1, *, as_json: Json = False, keep: Keep = False
) -> None:
    """Memory of an idle installation with 120 officers connected, against 300 MB."""
    _bench("memory", seconds, size, as_json=as_json, keep=keep)


@app.command()
def report() -> None:
    """Draw the kept results into one page, tests/bench/README.md."""
    from cas_server.bench.report import write

    Console().print(f"written: {write()}", highlight=False)
