"""Puts the built web clients into a wheel; an editable install reads them from clients/."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CLIENTS = ("komando", "masyarakat", "instansi", "personil")


class WithPages(BuildHookInterface):
    """A wheel without them fails to build: run `make clients` first."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            for client in CLIENTS:
                build_data["force_include"][f"clients/{client}/dist"] = f"cas_server/pages/{client}"
