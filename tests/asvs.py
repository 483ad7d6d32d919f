"""OWASP ASVS 5.0, level 2 and here and there 3: which test or setting satisfies which item.

`python -m tests.asvs` writes tests/asvs.md from this table. Numbers are the standard's, words are
ours. What is not satisfied stands here too, with the reason; it is part of the truth.
"""

from pathlib import Path

from tests.asvs_house import AROUND, WEB, WITHIN
from tests.asvs_item import Item
from tests.asvs_people import OPENID, SIGNING_IN

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "tests" / "asvs.md"

CHAPTERS: dict[str, tuple[Item, ...]] = {**WEB, **SIGNING_IN, **WITHIN, **OPENID, **AROUND}


def page() -> str:
    """tests/asvs.md as the table says now."""
    lines = ["# OWASP ASVS 5.0", "", *(__doc__ or "").split("\n\n")[1].splitlines(), ""]
    for chapter, items in CHAPTERS.items():
        lines += [
            f"## {chapter}",
            "",
            "| item | level | what | shown by |",
            "| --- | --- | --- | --- |",
        ]
        lines += [f"| {i.number} | {i.level} | {i.what} | {_shown(i)} |" for i in items] + [""]
    return "\n".join(lines)


def _shown(item: Item) -> str:
    proofs = [f"`{each}`" for each in item.proofs]
    return "<br>".join([*proofs, *([f"**lacking**: {item.lacking}"] if item.lacking else [])])


if __name__ == "__main__":
    PAGE.write_text(page())
