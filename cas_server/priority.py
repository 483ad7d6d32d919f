"""Who goes first when there are more who want a processor than processors."""

import os
import sys
from contextlib import suppress
from pathlib import Path

FIRST = -10
"""Nine times the share of a process that asks for nothing."""


def go_first() -> None:
    """Put this process before PostgreSQL and whatever else runs on the machine.

    All who press wait for its one thread, PostgreSQL, too; and it takes hardly more than one
    processor. It takes root or CAP_SYS_NICE: for anybody else all stays as it is.
    """
    if sys.platform == "win32":
        return
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, FIRST)
    # Where Linux shares out among sessions first. A terminal's is not only ours.
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(FIRST))
