"""`cas bench`: figures measured here and now, each beside a yardstick from the same run."""

import importlib
import sys
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    no_args_is_help=True,
    help="Measured comparisons. Each starts what it needs and leaves nothing behind.",
)

Seconds = Annotated[float, typer.Option("--seconds", min=0.5, help="How long to measure.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def _bench(name: str, seconds: float, *, as_json: bool) -> None:
    # Only the benchmark that is asked for is loaded: `cas --help` must stay quick.
    measured = importlib.import_module(f"cas_server.bench.{name}")
    err = Console(stderr=True)
    result = measured.measure(seconds, lambda line: err.print(f"  {line}", highlight=False))
    if as_json:
        sys.stdout.write(result.as_json() + "\n")
    else:
        result.show(Console())


@app.command()
def press(seconds: Seconds = 30, *, as_json: Json = False) -> None:
    """Durable presses over HTTP, against pgbench running the same SQL."""
    _bench("press", seconds, as_json=as_json)
