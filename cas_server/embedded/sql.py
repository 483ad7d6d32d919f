"""Statements sent to a private cluster before anything else of CAS runs."""

import subprocess
from pathlib import Path

from cas_server.embedded.problems import StatementFailed
from cas_server.embedded.programs import Programs
from cas_server.embedded.startup import last_line

ROLE = "cas"
PORT = "5432"  # no TCP: it only names the socket file


def run(programs: Programs, socket: Path, database: str, statement: str, **variables: str) -> str:
    """What psql prints for it; variables are quoted by psql as :'name' or :"name"."""
    given = [word for each in variables.items() for word in ("-v", "=".join(each))]
    options = ["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", *given]
    target = ["-h", str(socket), "-p", PORT, "-U", ROLE, "-d", database]
    answer = subprocess.run(  # noqa: S603  # psql of the programs found by us
        [str(programs.bin / "psql"), *options, *target],
        input=statement,
        env={**programs.environment, "PGCONNECT_TIMEOUT": "5"},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise StatementFailed(database, last_line(answer.stderr))
    return answer.stdout.strip()


def answers(programs: Programs, socket: Path) -> bool:
    """Whether a server takes connections there; a full one does."""
    try:
        run(programs, socket, "postgres", "SELECT 1")
    except StatementFailed as failure:
        return "too many clients" in str(failure)
    return True
