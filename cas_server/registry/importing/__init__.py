"""Files in: the whole file is checked first, then stored whole or not at all."""

from cas_server.registry.importing.changes import Change, ImportReport
from cas_server.registry.importing.faults import Fault, ImportFaulty
from cas_server.registry.importing.files import ImportKind, import_file, import_raw

__all__ = [
    "Change",
    "Fault",
    "ImportFaulty",
    "ImportKind",
    "ImportReport",
    "import_file",
    "import_raw",
]
