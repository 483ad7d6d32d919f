"""Finds the programs of a PostgreSQL with PostGIS: installed on this machine, else unpacked."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cas_server.embedded import packages
from cas_server.embedded.apt import Apt, AptFailed, library_folders, unresolved
from cas_server.embedded.places import Say, make_folder, require_reach, server_account
from cas_server.embedded.problems import CannotReach, NoPostgres

OLDEST_VERSION = 15
SYSTEM_ZONES = Path("/usr/share/zoneinfo")
ZONES_LINK = "zoneinfo"

_INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_NEEDED = ("postgres", "initdb", "psql")


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs lie, and the whole environment their processes get."""

    bin: Path
    sharedir: Path
    environment: Mapping[str, str]
    version: int
    origin: Literal["installed", "unpacked"]

    @property
    def zones(self) -> Path | None:
        """Time zones that were unpacked too, because the system has none."""
        unpacked = self.sharedir.parent.parent / "zoneinfo"
        return unpacked if self.origin == "unpacked" and unpacked.is_dir() else None


def find_programs(say: Say) -> Programs:
    """The newest installed PostgreSQL that has PostGIS, else one unpacked from the distribution."""
    found = installed()
    if found:
        return found
    if not Apt.exists():
        raise NoPostgres(command())
    _require_reachable_home()
    home = packages.ensure_unpacked(
        "postgis", say, works=lambda tree: _at(tree) is not None, fill=_fill, command=command()
    )
    programs = _at(home)
    if programs is None:
        raise NoPostgres(command())
    return programs


def _require_reachable_home() -> None:
    # Before 32 MB are fetched to a place where the server's account cannot run them.
    home = packages.home_of("postgis")
    require_reach(make_folder(home.parent, 0o755) / home.name, server_account())


def installed() -> Programs | None:
    candidates = (_describe(folder, _base_environment(), "installed") for folder in _folders())
    new_enough = [each for each in candidates if each and each.version >= OLDEST_VERSION]
    fitting = [each for each in new_enough if _reachable(each.bin / "postgres")]
    return max(fitting, key=lambda each: each.version, default=None)


def _reachable(program: Path) -> bool:
    try:
        require_reach(program, server_account())
    except CannotReach:
        return False
    return True


def unpacked() -> Programs | None:
    """What an earlier start unpacked, without unpacking now."""
    return _at(packages.home_of("postgis"))


def _folders() -> Iterable[Path]:
    for pattern in _INSTALLED:
        yield from Path("/").glob(pattern.removeprefix("/"))
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _describe(
    folder: Path, environment: Mapping[str, str], origin: Literal["installed", "unpacked"]
) -> Programs | None:
    if not all(os.access(folder / name, os.X_OK) for name in _NEEDED):
        return None
    version = re.search(r" (\d+)", _said_by(folder / "postgres", environment, "--version"))
    sharedir = Path(_said_by(folder / "pg_config", environment, "--sharedir").strip() or "/")
    if not version or not (sharedir / "extension/postgis.control").exists():
        return None
    return Programs(folder, sharedir, environment, int(version[1]), origin)


def _said_by(program: Path, environment: Mapping[str, str], argument: str) -> str:
    try:
        return subprocess.run(  # noqa: S603  # a program of PostgreSQL, found by us
            [program, argument],
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _base_environment() -> dict[str, str]:
    # Nothing of the caller's: PGHOST, PGOPTIONS or a library path would change what runs.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _at(tree: Path) -> Programs | None:
    """The programs in an unpacked tree, if the libraries they need are all still there."""
    folder = max(tree.glob("usr/lib/postgresql/*/bin"), default=None)
    if folder is None:
        return None
    environment = _base_environment()
    environment["LD_LIBRARY_PATH"] = ":".join(map(str, library_folders(tree)))
    if (tree / "usr/share/proj").is_dir():
        environment["PROJ_DATA"] = str(tree / "usr/share/proj")
    if unresolved(_linked(folder), environment):
        return None
    return _describe(folder, environment, "unpacked")


def _linked(folder: Path) -> list[Path]:
    return [folder / "postgres", folder / "psql", folder.parent / "lib/postgis-3.so"]


def _fill(apt: Apt, say: Say) -> None:
    say(f"PostGIS: reading the package lists of {packages.distribution()}")
    apt.update()
    version = _newest(apt)
    names = [
        f"postgresql-{version}",
        f"postgresql-client-{version}",
        f"postgresql-{version}-postgis-3",
        f"postgresql-{version}-postgis-3-scripts",
    ]
    # libpq is built together with the client, so the pair must match.
    wanted = {*names, "libpq5", *apt.lacking(apt.libraries(names))}
    lacks_zones = not SYSTEM_ZONES.is_dir()
    if lacks_zones:
        wanted.add("tzdata")
    apt.fetch(sorted(wanted), say)
    say(f"unpacking PostgreSQL {version} with PostGIS")
    apt.unpack()
    _link_control(apt.tree, version)
    if lacks_zones:
        _use_own_zones(apt.tree / f"usr/lib/postgresql/{version}/bin/postgres")
    _check(apt.tree)


def _newest(apt: Apt) -> int:
    found = re.findall(r"^postgresql-(\d+)-postgis-3$", "\n".join(apt.names("postgresql-")), re.M)
    fitting = [int(each) for each in found if int(each) >= OLDEST_VERSION]
    if not fitting:
        raise AptFailed("the package lists name no PostGIS for PostgreSQL 15 or newer")
    return max(fitting)


def _link_control(tree: Path, version: int) -> None:
    # An installation makes this link by update-alternatives, which an unpack does not run.
    control = tree / f"usr/share/postgresql/{version}/extension/postgis.control"
    if not control.exists():
        control.symlink_to("postgis-3.control")


def _use_own_zones(program: Path) -> None:
    """Debian's build looks for time zones at one absolute place only, which is empty here.

    Its processes work in the data folder, so a relative path leads to the cluster's own link.
    """
    built_in = f"{SYSTEM_ZONES}\0".encode()
    own = f"../{ZONES_LINK}".encode()
    content = program.read_bytes()
    if content.count(built_in) == 1:
        program.write_bytes(content.replace(built_in, own.ljust(len(built_in), b"\0")))


def _check(tree: Path) -> None:
    if _at(tree) is None:
        folder = next(iter(tree.glob("usr/lib/postgresql/*/bin")), tree)
        environment = {"LD_LIBRARY_PATH": ":".join(map(str, library_folders(tree)))}
        missing = unresolved(_linked(folder), _base_environment() | environment)
        raise AptFailed(f"something is missing: {', '.join(missing) or 'a program'}")


def command() -> str:
    if sys.platform == "darwin":
        return "brew install postgresql@17 postgis"
    if shutil.which("apt-get"):
        return "apt-get install postgresql postgis postgresql-postgis"
    if shutil.which("dnf"):
        return "dnf install postgresql-server postgis"
    return "your system's command to install PostgreSQL and PostGIS"
