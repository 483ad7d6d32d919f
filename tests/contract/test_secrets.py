"""No secret is ever committed: every tracked file is searched for what secrets look like."""

import re
import subprocess
from pathlib import Path

import pytest

LOOKS_LIKE = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60,}",
    "token of ours": r"\bcas_[A-Za-z0-9_-]{43}\b",
    "AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    "Slack token": r"\bxox[baprs]-[0-9A-Za-z-]{10,}",
    "signed token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "password in an address": r"\b[a-z+]{3,12}://[^\s:/@'\"{}<>]+:[^\s:/@'\"{}<>$]{6,}@[a-z0-9.-]+",
}
KNOWN = {
    "postgresql://cas:geheim@127.0.0.1": "a password made up to see that the doctor hides it",
}
"""What looks like one and is none: the text found, and why it may stand there."""


def found_in(text: str) -> list[tuple[str, str]]:
    return [
        (kind, match.group()[:80])
        for kind, pattern in LOOKS_LIKE.items()
        for match in re.finditer(pattern, text)
        if match.group() not in KNOWN
    ]


def test_no_tracked_file_holds_a_secret(repository: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git the developer has
        cwd=repository,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a checkout: there are no tracked files to search")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    texts = {
        name: (repository / name).read_text(errors="replace")
        for name in names
        if (repository / name).is_file()
    }

    found = {name: secrets for name, text in texts.items() if (secrets := found_in(text))}

    assert len(texts) > 100
    assert found == {}, "take it out, and end its use: what was committed is known"


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("private key", ("-----BEGIN PRIVATE", " KEY-----\n", "A" * 64)),
        ("token of ours", ("cas_", "a" * 43)),
        ("AWS key", ("AKIA", "ABCDEFGHIJKLMNOP")),
        ("GitHub token", ("ghp_", "a" * 36)),
        ("password in an address", ("postgresql://cas:", "hunter2x", "@db.example")),
    ],
)
def test_each_kind_would_be_found(kind: str, parts: tuple[str, ...]) -> None:
    assert [found for found, _ in found_in("".join(parts))] == [kind]
