"""The named points: all in the list, each once in the code, and nothing where they are off."""

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from cas_server.kit import fault


def named_in(source: str) -> list[str]:
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func) == "fault.point"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def test_every_point_of_the_list_stands_once_in_the_code_and_no_other_does(
    repository: Path,
) -> None:
    files = (repository / "cas_server").glob("**/*.py")

    found = Counter(name for file in files for name in named_in(file.read_text()))

    assert found == Counter(fault.POINTS)


def test_the_checker_shares_no_code_with_the_server(repository: Path) -> None:
    tree = ast.parse((repository / "tests/crash/checker.py").read_text())

    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    whole = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for name in node.names}  # fmt: skip

    ours = {str(name) for name in froms | whole if str(name).startswith(("cas_server", "tests"))}
    assert ours == set()


def test_where_nobody_asked_for_faults_a_point_does_nothing() -> None:
    assert fault.point is fault._off


def test_a_server_that_is_no_demo_refuses_to_start_with_faults(tmp_path: Path) -> None:
    environment = {**os.environ, "CAS_FAULTS": str(tmp_path), "CAS_DEMO": "false"}

    ended = subprocess.run(
        [sys.executable, "-c", "import cas_server.kit.fault"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert "CAS_FAULTS" in ended.stderr
    assert not list(tmp_path.iterdir())
