"""The simulation runs against the same house as every other test of the real server."""

from tests.live.conftest import *  # noqa: F403 - fixtures, as that file says
