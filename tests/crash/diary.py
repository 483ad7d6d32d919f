"""What a client was promised, written down by the client itself: one JSON object a line."""

import json
import time
from pathlib import Path
from typing import Any


class Diary:
    """One client's file; a line is written before anything else is done with what it says."""

    def __init__(self, folder: Path, who: str) -> None:
        self.who = who
        self.folder = folder
        self._file = folder / f"{who}.jsonl"

    def write(self, what: str, **facts: Any) -> None:
        """`what` happened just now."""
        line = {"at": time.time(), "who": self.who, "what": what, **facts}
        with self._file.open("a") as file:
            file.write(json.dumps(line, default=str) + "\n")
