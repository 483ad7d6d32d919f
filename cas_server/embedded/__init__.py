"""A private PostgreSQL + PostGIS for one machine, and a browser for the tests."""

from cas_server.embedded.browser import chromium
from cas_server.embedded.cluster import Cluster
from cas_server.embedded.places import Say, state_folder
from cas_server.embedded.programs import Programs, find_programs
from cas_server.embedded.temporary import temporary_cluster

__all__ = [
    "Cluster",
    "Programs",
    "Say",
    "chromium",
    "find_programs",
    "state_folder",
    "temporary_cluster",
]
