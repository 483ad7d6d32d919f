"""Rules about the code itself that a reader would otherwise have to remember."""

import ast
import re
import subprocess
import sys
from pathlib import Path

LONGEST = 400
GENERATED = (".gen.ts", "0001_regency_duty_alarms.py")


def sources(repository: Path) -> list[Path]:
    ours = [
        *repository.glob("cas_server/**/*.py"),
        *repository.glob("tests/**/*.py"),
        *repository.glob("clients/*/**/*.ts"),
        *repository.glob("clients/*/**/*.svelte"),
    ]
    return [
        path
        for path in ours
        if not path.name.endswith(GENERATED)
        and not {"node_modules", "dist"} & set(path.relative_to(repository).parts)
    ]


def test_no_file_outgrows_a_reader(repository: Path) -> None:
    long = {
        str(path.relative_to(repository)): lines
        for path in sources(repository)
        if (lines := len(path.read_text().splitlines())) > LONGEST
    }

    assert long == {}


def test_every_module_opens_with_one_sentence_that_says_what_it_owns(repository: Path) -> None:
    silent = [
        str(path.relative_to(repository))
        for path in sources(repository)
        if path.suffix == ".py"
        and path.read_text().strip()
        and ast.get_docstring(ast.parse(path.read_text())) is None
    ]

    assert silent == []


def test_nobody_but_the_transaction_commits(repository: Path) -> None:
    commits = {
        str(path.relative_to(repository / "cas_server"))
        for path in (repository / "cas_server").glob("**/*.py")
        if ".commit()" in path.read_text()
    }

    assert commits <= {"db/migrate.py", "db/session.py"}


def test_no_test_sleeps_until_it_hopes_something_has_happened(repository: Path) -> None:
    """They wait for the event. These look again and again, for another process cannot wake them."""
    sleeping = {
        str(path.relative_to(repository))
        for path in (repository / "tests").glob("**/*.py")
        if re.search(r"\bsleep\((?!0\))", path.read_text())
    }

    assert sleeping <= {
        "tests/crash/pace.py",
        "tests/db/test_ending.py",
        "tests/live/house.py",
        "tests/up/test_up.py",
        "tests/up/upped.py",
        "tests/contract/test_files.py",
    }


def test_the_layers_hold(repository: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    checked = subprocess.run(  # noqa: S603 - a fixed command
        [linter, "--no-cache"], cwd=repository, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout[-3000:]
