"""The published file: one signed head a line, only ever appended to, safe on disk at once."""

import os
from collections.abc import Sequence
from pathlib import Path

from cas_server.errors import InvalidInput
from cas_server.evidence.head import TreeHead, line, of_lines


def append(file: Path, heads: Sequence[TreeHead]) -> None:
    """Add heads at the end; when this returns, they outlive a power cut."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = "".join(f"{line(head)}\n" for head in heads)
    with file.open("ab+") as opened:
        # Half a line, left by a power cut, is closed; readers skip it.
        if opened.tell() and opened.seek(-1, os.SEEK_END) >= 0 and opened.read(1) != b"\n":
            text = "\n" + text
        opened.write(text.encode())
        opened.flush()
        os.fsync(opened.fileno())


def read(file: Path) -> list[TreeHead]:
    """The heads of a file, in their order; InvalidInput when there is none."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as failure:
        raise InvalidInput("heads", f"{file}: {failure.strerror}") from failure
    except UnicodeDecodeError as failure:
        raise InvalidInput("heads", f"{file} is not text") from failure
    heads, _ = of_lines(text.splitlines())
    if not heads:
        raise InvalidInput("heads", f"{file} holds no tree head")
    return heads
