"""What tests/asvs.md promises is there: each test, each setting, each document."""

import ast
from functools import cache
from pathlib import Path

import pytest

from cas_server.settings import Settings
from tests.asvs import CHAPTERS, PAGE, ROOT, page
from tests.asvs_item import Item

ITEMS = [item for items in CHAPTERS.values() for item in items]


@cache
def defined_in(file: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(file.read_text()))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in nodes if isinstance(node, defined))


def missing(proof: str) -> str | None:
    """Why a proof is none."""
    if proof.startswith("CAS_"):
        return None if proof[4:].lower() in Settings.model_fields else "no such setting"
    name, _, test = proof.partition("::")
    file = ROOT / name
    if not file.is_file():
        return "no such file"
    return None if not test or test in defined_in(file) else "no such test"


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.number)
def test_every_proof_of_an_item_exists(item: Item) -> None:
    assert item.proofs or item.lacking, f"{item.number} names neither a proof nor what is lacking"
    assert {proof: why for proof in item.proofs if (why := missing(proof))} == {}


def test_no_item_stands_twice_and_all_are_in_order() -> None:
    numbers = [tuple(map(int, item.number.split("."))) for item in ITEMS]

    assert numbers == sorted(set(numbers))


def test_a_proof_that_is_none_is_found() -> None:
    assert missing("tests/identity/test_codes.py::test_nothing") == "no such test"
    assert missing("tests/nowhere.py::test_a_code_works_once") == "no such file"
    assert missing("CAS_NOTHING") == "no such setting"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == page(), "run 'python -m tests.asvs' and commit what it writes"
