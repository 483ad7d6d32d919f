"""`cas retention` and `cas breach-report`: what the data law asks of whoever runs CAS."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cas_server.errors import InvalidInput
from cas_server.one_act import on_database
from cas_server.settings import Settings

if TYPE_CHECKING:  # what touches the database loads slowly, and `cas --help` need not wait for it
    from cas_server.db.session import Database
    from cas_server.privacy.breach import Pack

WIB = timezone(timedelta(hours=7), "WIB")

app = typer.Typer()
out = Console(highlight=False, markup=False, soft_wrap=True)

WHEN = "2026-11-22 or 2026-11-22T14:30; WIB unless it says otherwise."


@app.command()
def retention(
    *, dry_run: Annotated[bool, typer.Option(help="Only count what would go.")] = False
) -> None:
    """Delete what is older than the settings allow; the worker does so each hour."""
    settings = Settings()
    now = datetime.now(UTC)

    async def act(database: "Database") -> dict[str, int]:
        from cas_server.privacy.retention import one_round, would_go

        return await (would_go if dry_run else one_round)(database, settings, now)

    for what, count in on_database(act, out.print).items():
        out.print(f"{what:<12} {count:>10,} {'would go' if dry_run else 'gone'}")


@app.command("breach-report")
def breach_report(
    since: Annotated[str, typer.Argument(metavar="FROM", help=WHEN)],
    until: Annotated[str, typer.Argument(metavar="TO", help=WHEN)],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder.")] = Path("breach"),
) -> None:
    """Whose data could be seen in a span, what and when: for the notice within 3 x 24 hours."""
    span = (moment("FROM", since), moment("TO", until))

    async def act(database: "Database") -> "Pack":
        from cas_server.privacy.breach import write_pack

        return await write_pack(database, *span, output, datetime.now(UTC))

    pack = on_database(act, out.print)
    for name, count in pack.rows.items():
        out.print(f"{name + '.csv':<16} {count:>10,} rows")
    out.print(f"written to {pack.folder}; it is personal data: delete it when all are told")


def moment(field: str, text: str) -> datetime:
    """A time as people type it; without a zone it is WIB."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(field, f"{text} is no time; write it like 2026-11-22T14:30") from None
    return at if at.tzinfo else at.replace(tzinfo=WIB)
