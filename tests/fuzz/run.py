"""Runs schemathesis, all phases, against a running house."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cas_server import schemas
from cas_server.identity.roles import Role, relation
from tests.fuzz.stage import Stage
from tests.http.test_permissions import ALL, Way

SEED = 20_260_101
EVERY = [way for way in ALL if way.path.startswith("/v1/") and way.method != "-"]
"""Every route of the document: all but pages and the socket."""
ROLES = {
    "nobody": None,
    "citizen": Role.MASYARAKAT,
    "officer": Role.PERSONIL,
    "petugas": Role.INSTANSI,
    "operator": Role.OPERATOR,
    "admin": Role.ADMIN,
}
CONFIG = Path(__file__).with_name("schemathesis.toml")


def share_of(asker: str) -> list[str]:
    """A part of the routes that the asker may use; all the shares together are all routes."""
    share = []
    for turn, way in enumerate(EVERY):
        able = [each for each, role in ROLES.items() if _may(role, way)]
        if able[turn % len(able)] == asker:
            share.append(str(way))
    return share


def _may(role: Role | None, way: Way) -> bool:
    [action] = way.actions
    if role is None:
        return way.is_open or way.is_heard_from_everybody
    return relation(role, action) is not None


def fuzz(
    stage: Stage, asker: str, examples: int, seed: int = SEED, only: Sequence[str] = ()
) -> tuple[int, str]:
    """Exit code and report of one asker's run; `examples` is how many inputs a route gets."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run",
               str(schemas.FOLDER / "openapi.json"), "--url", stage.house.url,
               "--max-examples", str(examples), "--seed", str(seed)]  # fmt: skip
    command += [word for name in only for word in ("--include-name", name)]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
        "CAS_FUZZ_TOLD": str(stage.told[asker]),
    }
    done = subprocess.run(  # noqa: S603 - our own command line
        command, capture_output=True, text=True, check=False, env=environment,
        cwd=stage.told[asker].parent, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
