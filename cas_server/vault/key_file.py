"""Where the key keys come from: CAS_KEY, the file CAS_KEY_FILE names, or the state folder."""

import base64
import binascii
import os
from http import HTTPStatus
from pathlib import Path

from cas_server.embedded import state_folder
from cas_server.errors import CasError
from cas_server.settings import Settings
from cas_server.vault.sealing import KEY_BYTES, KeyKey, new_key_key

FILE_NAME = "keys"
HEADING = (
    "# CAS keys, newest first. Whoever has this file and the database can read names and numbers.\n"
    "# Keep a copy apart from the database's backups: without it nobody can read them again.\n"
)
WHAT_IS_LOST = (
    "without it names and phone numbers of reporters stay unreadable and nobody is found by their "
    "number; alarms, positions and history stay readable"
)


class KeyProblem(CasError):
    """The key is missing, wrong or lost: nothing that needs it can go on."""

    code = "key_problem"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class NoKey(KeyProblem):
    code = "no_key"

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"there is no key: neither CAS_KEY nor CAS_KEY_FILE is set, and there is no {file}. "
            f"Put back the one this database was used with ({WHAT_IS_LOST}); "
            "for a new database make one with 'cas keys make FILE' and set CAS_KEY_FILE"
        )


class BadKey(KeyProblem):
    code = "bad_key"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} {why}; put back the right one ({WHAT_IS_LOST})")


class KeyFileExists(CasError):
    code = "key_file_exists"
    status = HTTPStatus.CONFLICT

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} exists already; it is not touched")


class KeyNotInFile(CasError):
    code = "key_not_in_file"

    def __init__(self) -> None:
        super().__init__(
            "the key stands in CAS_KEY: put a new one before it yourself (a space between them), "
            "restart, and run 'cas keys rewrap'"
        )


def where(settings: Settings) -> str:
    """Which variable or file the keys are read from, in words."""
    return "CAS_KEY" if settings.key is not None else str(path(settings))


def path(settings: Settings) -> Path:
    """The key file, whether or not there is one."""
    return settings.key_file or (settings.state_dir or state_folder()) / FILE_NAME


def load(settings: Settings) -> list[KeyKey]:
    """The key keys, newest first; NoKey or BadKey says what to put where."""
    if settings.key is not None:
        return _parse(settings.key.get_secret_value(), "CAS_KEY")
    file = path(settings)
    try:
        return _parse(file.read_text(), str(file))
    except FileNotFoundError:
        if settings.key_file is not None:
            raise BadKey(f"CAS_KEY_FILE={file}", "does not exist") from None
        raise NoKey(file) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadKey(str(file), f"cannot be read ({type(error).__name__})") from None


def _parse(text: str, source: str) -> list[KeyKey]:
    lines = [line.partition("#")[0] for line in text.splitlines()]
    keks = [_key(word, source) for line in lines for word in line.split()]
    if not keks:
        raise BadKey(source, "holds no key")
    return keks


def _key(word: str, source: str) -> KeyKey:
    try:
        secret = base64.b64decode(word, validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        # Not the word itself: this may be most of a key.
        raise BadKey(source, f"holds something that is not {KEY_BYTES} bytes in base64")
    return KeyKey(secret)


def make(file: Path) -> KeyKey:
    """A new file with one new key, readable by its owner alone; never over an old one."""
    kek = new_key_key()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(file, HEADING + _line(kek), os.O_EXCL)
    except FileExistsError:
        raise KeyFileExists(file) from None
    return kek


def add(settings: Settings) -> KeyKey:
    """Put a new key before the others; the old ones stay until nothing needs them."""
    if settings.key is not None:
        raise KeyNotInFile
    load(settings)
    file, kek = path(settings), new_key_key()
    new = file.with_name(file.name + ".new")
    _write(new, HEADING + _line(kek) + file.read_text().removeprefix(HEADING), os.O_TRUNC)
    new.replace(file)
    return kek


def _line(kek: KeyKey) -> str:
    return f"{base64.b64encode(kek.secret).decode()}  # {kek.id}\n"


def _write(file: Path, text: str, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | mode, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
