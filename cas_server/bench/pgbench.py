"""pgbench as a yardstick: one script, run for a while, its rate without the cold beginning."""

import math
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from cas_server.bench.stage import DATABASE
from cas_server.embedded import Programs
from cas_server.errors import CasError

PATIENCE_S = 60.0
COLD_S = 2
"""pgbench's connections are new in every run; the server's are warm, as they always are."""

_TPS = re.compile(r"^progress: [0-9.]+ s, ([0-9.]+) tps", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)


class PgbenchFailed(CasError):
    code = "pgbench_failed"

    def __init__(self, said: str) -> None:
        super().__init__(f"pgbench, the yardstick, did not run: {said[-400:].strip()}")


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A script and how it is run; `constants` are variables of the script that never change."""

    programs: Programs
    dsn: str
    script: str
    clients: int
    constants: Mapping[str, str] = field(default_factory=dict)

    def rates(self, seconds: float) -> list[float]:
        """Transactions a second, for each second but the first ones."""
        with TemporaryDirectory(prefix="cas-bench-") as folder:
            path = Path(folder) / "script.sql"
            path.write_text(self.script)
            told = subprocess.run(  # noqa: S603 - pgbench of the programs found by us
                self._command(path, COLD_S + math.ceil(seconds)),
                env=dict(self.programs.environment),
                capture_output=True,
                text=True,
                timeout=seconds + PATIENCE_S,
                check=False,
            )
        rates = [float(each) for each in _TPS.findall(told.stderr)][COLD_S:]
        failed = _FAILED.search(told.stdout)
        if told.returncode or not rates or (failed and failed[1] != "0"):
            raise PgbenchFailed(told.stderr or told.stdout)
        return rates

    def _command(self, path: Path, seconds: int) -> list[str]:
        constants = [f"--define={name}={value}" for name, value in self.constants.items()]
        return [
            str(self.programs.bin / "pgbench"), "--no-vacuum", "--progress=1",
            "--protocol=prepared", f"--client={self.clients}", "--jobs=1", f"--time={seconds}",
            f"--file={path}", *constants,
            f"--host={self.dsn.partition('host=')[2]}", "--username=cas", DATABASE,
        ]  # fmt: skip
