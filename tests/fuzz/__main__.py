"""`make fuzz`: schemathesis against the whole server, as long as one likes."""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from cas_server.db.migrate import upgrade
from cas_server.embedded import temporary_cluster
from cas_server.vault import key_file
from tests.fuzz.run import SEED, fuzz
from tests.fuzz.stage import ASKERS, stage_on


async def _run(examples: int, seed: int, askers: list[str], folder: Path) -> int:
    key_file.make(folder / "keys")
    os.environ["CAS_KEY_FILE"] = str(folder / "keys")
    worst = 0
    with temporary_cluster(print) as cluster:
        await upgrade(cluster.url("postgres"))
        async with stage_on(cluster.url("postgres"), folder) as stage:
            for asker in askers:
                code, report = await asyncio.to_thread(fuzz, stage, asker, examples, seed)
                print(f"== {asker}, seed {seed}\n{report}", flush=True)  # noqa: T201 - a report
                worst = max(worst, code)
    return worst


def main() -> int:
    """0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="inputs for each route")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--asker", choices=ASKERS, action="append", help="default: all, in turn")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cas-fuzz-") as folder:
        return asyncio.run(
            _run(asked.examples, asked.seed, asked.asker or list(ASKERS), Path(folder))
        )


if __name__ == "__main__":
    sys.exit(main())
