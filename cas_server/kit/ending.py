"""A task that was told to end ends, also when a fault on the way out hid the telling."""

import asyncio


def end_if_told() -> None:
    """Raise CancelledError in a task that was cancelled, however that came to look like a fault.

    Cleaning up after a cancelled statement may fail itself (the line is cut, its close takes too
    long), and that fault then stands where the cancellation stood. A loop that lives through
    faults calls this first, or it goes on for ever and whoever waits for its end waits as long.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
