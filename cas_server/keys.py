"""`cas keys`: the keys that names and numbers are sealed with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cas_server.one_act import on_database
from cas_server.settings import Settings
from cas_server.vault import key_file

if TYPE_CHECKING:
    from cas_server.db.session import Database

app = typer.Typer(no_args_is_help=True, help="Keys that seal names and numbers.")
out = Console(highlight=False, markup=False, soft_wrap=True)


@app.command()
def make(file: Path) -> None:
    """A new key file for a new installation. Never touches a file that exists."""
    kek = key_file.make(file)
    out.print(f"made {file} with the key {kek.id}; set CAS_KEY_FILE={file}")
    out.print("keep a copy of it apart from the backups of the database")


@app.command()
def status() -> None:
    """Which keys there are, whether they can be opened, and how much each has sealed."""
    from cas_server.vault import rotation

    settings = Settings()
    keks = key_file.load(settings)
    out.print(f"{key_file.where(settings)}: {', '.join(kek.id for kek in keks)} (newest first)")
    states = on_database(lambda database: rotation.status(database, settings), out.print)
    for each in states:
        opened = "opens" if each.known else "LOST: its key is not in the file"
        use = "retired" if each.retired else "in use"
        sealed = f", sealed {each.sealed} values" if each.purpose == "seal" else ""
        out.print(f"{each.purpose:<6} {each.id} under {each.kek_id}: {use}, {opened}{sealed}")
    needed = {each.kek_id for each in states}
    for kek in keks[1:]:
        if kek.id not in needed:
            out.print(f"nothing needs the key {kek.id} any more: its line may go")
    if not all(each.known for each in states):
        raise typer.Exit(1)


@app.command()
def rotate(
    *,
    new_file_key: Annotated[
        bool, typer.Option(help="Also put a new key before the others in the key file.")
    ] = False,
) -> None:
    """Seal everything anew with a new data key; may be interrupted, and then 'cas keys reseal'."""
    from cas_server.vault import rotation

    settings = Settings()
    if new_file_key:
        out.print(f"new key in {key_file.path(settings)}: {key_file.add(settings).id}")

    async def all_of_it(database: "Database") -> None:
        await rotation.renew(database, settings)
        await rotation.reseal(database, _tell)
        await rotation.rewrap(database, settings)

    on_database(all_of_it, out.print)
    out.print("everything is sealed with the new data key")


@app.command()
def rotate_lookup() -> None:
    """Find numbers by hashes of a new key. Sign-ins by number wait for it; presses do not."""
    from cas_server.vault import rotation

    settings = Settings()
    done = on_database(lambda database: rotation.renew_lookup(database, settings, _tell), out.print)
    out.print(f"{done} numbers are found with the new lookup key")


@app.command()
def reseal() -> None:
    """Go on with a rotation that was interrupted."""
    from cas_server.vault import rotation

    done = on_database(lambda database: rotation.reseal(database, _tell), out.print)
    out.print(f"{done} values were sealed anew")


@app.command()
def rewrap() -> None:
    """Wrap the data keys under the newest key of the file; quick, whatever they have sealed."""
    from cas_server.vault import rotation

    settings = Settings()
    done = on_database(lambda database: rotation.rewrap(database, settings), out.print)
    out.print(f"{done} data keys are wrapped under the newest key")


def _tell(column: str, done: int, of: int) -> None:
    out.print(f"{column}: {done} of {max(of, done)}")
