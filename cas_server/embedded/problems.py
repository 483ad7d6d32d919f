"""Every way the embedded database or browser can fail: one sentence that says what to do."""

from http import HTTPStatus
from pathlib import Path

from cas_server.errors import CasError


class EmbeddedProblem(CasError):
    """Something about the private PostgreSQL that a person at this machine has to mend."""

    code = "embedded_problem"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class NoPostgres(EmbeddedProblem):
    code = "no_postgres"

    def __init__(self, command: str) -> None:
        super().__init__(
            "PostgreSQL 15 or newer with PostGIS 3 was not found on this machine: "
            f"run `{command}`, or set CAS_DATABASE_URL to one that exists"
        )


class NoBrowser(EmbeddedProblem):
    code = "no_browser"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"no Chromium was found on this machine, and none can be unpacked: run `{command}`"
        )


class UnpackFailed(EmbeddedProblem):
    code = "unpack_failed"

    def __init__(self, what: str, why: str, command: str) -> None:
        super().__init__(
            f"the distribution's packages of {what} could not be unpacked ({why}); "
            f"look at the network and try again, or run `{command}` as root"
        )


class CannotReach(EmbeddedProblem):
    code = "folder_out_of_reach"

    def __init__(self, folder: Path, blocked_by: Path, account: str) -> None:
        super().__init__(
            f"PostgreSQL does not run as root, and the account {account} cannot enter {blocked_by} "
            f"on the way to {folder}: set CAS_STATE_DIR to a folder that everybody may enter"
        )


class WrongOwner(EmbeddedProblem):
    code = "folder_of_another_account"

    def __init__(self, folder: Path, owner: str, account: str) -> None:
        super().__init__(
            f"{folder} belongs to the account {owner}, but {account} is needed here: "
            f"start CAS as the account that made it, or set CAS_STATE_DIR to another folder"
        )


class WrongPermissions(EmbeddedProblem):
    code = "folder_permissions"

    def __init__(self, folder: Path, mode: int, wanted: int) -> None:
        super().__init__(
            f"{folder} has the permissions {mode:04o}, which PostgreSQL does not accept: "
            f"run `chmod {wanted:o} {folder}`"
        )


class NotWritable(EmbeddedProblem):
    code = "folder_not_writable"

    def __init__(self, folder: Path, account: str) -> None:
        super().__init__(
            f"the account {account} may not write in {folder}: "
            f"mend its permissions, or set CAS_STATE_DIR to another folder"
        )


class OtherMajorVersion(EmbeddedProblem):
    code = "data_of_another_version"

    def __init__(self, folder: Path, made_by: str, found: int) -> None:
        super().__init__(
            f"the data in {folder} was made by PostgreSQL {made_by}, but PostgreSQL {found} was "
            f"found here: install PostgreSQL {made_by} with PostGIS, or carry the data over with "
            f"pg_dump and set CAS_STATE_DIR to a new folder"
        )


class NotACluster(EmbeddedProblem):
    code = "not_a_cluster"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} exists but holds no PostgreSQL data: move it away and start again"
        )


class DiskFull(EmbeddedProblem):
    code = "disk_full"

    def __init__(self, folder: Path, free_bytes: int) -> None:
        super().__init__(
            f"the disk that holds {folder} is full ({free_bytes // 1_000_000} MB free): "
            f"make room and start again; what was stored is still there"
        )


class StartFailed(EmbeddedProblem):
    code = "start_failed"

    def __init__(self, folder: Path, last_words: str) -> None:
        super().__init__(f"PostgreSQL in {folder} did not start: {last_words}")


class StatementFailed(EmbeddedProblem):
    code = "statement_failed"

    def __init__(self, database: str, last_words: str) -> None:
        super().__init__(f"PostgreSQL refused a statement in the database {database}: {last_words}")
