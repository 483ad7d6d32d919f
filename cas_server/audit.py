"""`cas audit`: prove the journal, hand out a record, show the key that signs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cas_server.errors import InvalidInput
from cas_server.one_act import on_database
from cas_server.settings import Settings

if TYPE_CHECKING:  # what touches the database loads slowly, and `cas --help` need not wait for it
    from cas_server.db.session import Database
    from cas_server.evidence.head import TreeHead
    from cas_server.evidence.record_form import Document
    from cas_server.evidence.verify import Verdict

app = typer.Typer(no_args_is_help=True, help="Prove the journal; hand out one alarm's record.")
out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

Heads = Annotated[
    Path | None,
    typer.Option(help="Published heads, from a copy the server's owner could not change."),
]
TrustedKey = Annotated[
    str | None, typer.Option(help="Accept heads of this public key only (hexadecimal).")
]


@app.command("verify")
def verify(
    *,
    heads: Heads = None,
    export: Annotated[Path | None, typer.Option(help="Check this record alone.")] = None,
    key: TrustedKey = None,
) -> None:
    """Find any edit, deletion, insertion, reordering or truncation; exit code 1 when there is."""
    from cas_server.evidence import published

    trusted = _public_key(key)
    told = published.read(heads) if heads else None
    if export is not None:
        _verify_record(export, told, trusted)
        return

    async def check(database: "Database") -> "Verdict":
        from cas_server.evidence.verify import verify_database

        return await verify_database(database, told, trusted, _progress)

    verdict = on_database(check, err.print)
    err.print()
    _tell(verdict)
    if not verdict.is_sound:
        raise typer.Exit(1)


def _verify_record(file: Path, told: "list[TreeHead] | None", trusted: bytes | None) -> None:
    from cas_server.evidence import record_check

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise InvalidInput("export", f"{file} cannot be read as text") from failure
    document = record_check.read(text)
    findings = record_check.check(document, told, trusted)
    for finding in findings:
        out.print(f"TAMPERED: {finding}")
    out.print(f"record of alarm {document.get('alarm_id')}, signed by key {document.get('key_id')}")
    if told is None:
        out.print("No published heads were given: only its own signature was checked.")
    out.print("the record is NOT sound" if findings else "the record is as it was signed")
    if findings:
        raise typer.Exit(1)


@app.command("export")
def export(
    alarm: Annotated[str, typer.Argument(help="The alarm's number at the desk, or its id.")],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder.")] = Path(),
) -> None:
    """Write one alarm's complete signed record as JSON and as a PDF page."""
    from cas_server.evidence import handing_out
    from cas_server.kit.clock import utc_now

    settings = Settings()

    async def hand_out(database: "Database") -> "Document":
        return await handing_out.hand_out(database, settings, alarm, utc_now)

    document = on_database(hand_out, err.print)
    for file in handing_out.write(document, output):
        out.print(f"written: {file}")


def _progress(done: int, total: int) -> None:
    err.print(f"\r  {done:,} of {total:,} entries", end="")


def _tell(verdict: "Verdict") -> None:
    for finding in verdict.findings:
        out.print(f"TAMPERED: {finding}")
    if verdict.newest is not None:
        head = verdict.newest
        out.print(f"newest head: {head.size:,} entries, {head.at.isoformat()}, key {head.key_id}")
    out.print(f"{verdict.proven:,} of {verdict.size:,} entries stand under a signed head")
    if verdict.unsealed:
        out.print(f"{verdict.unsealed:,} newest entries are not under a signed head yet")
    if verdict.only_own_heads:
        out.print(
            "Only the database's own heads were used: whoever holds the database and the key "
            "can rewrite both. Give --heads with a copy that is kept elsewhere."
        )
    out.print("the journal is as it was sealed" if verdict.is_sound else "the journal is NOT sound")


@app.command("key")
def key(
    *, make: Annotated[bool, typer.Option(help="Make a key where there is none.")] = False
) -> None:
    """Print the public key that signs heads and records; auditors keep a copy."""
    from cas_server.evidence import keys
    from cas_server.evidence.head import key_id

    file = keys.key_file(Settings())
    private = keys.make(file) if make else keys.load(file)
    public = private.public_key().public_bytes_raw()
    out.print(f"public key {public.hex()}")
    out.print(f"key id     {key_id(public)}")
    out.print(f"kept in    {file}")


def _public_key(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise InvalidInput("key", "must be the hexadecimal that 'cas audit key' prints") from None
