"""Private keys in files of their own: for their owner's eyes, made whole or not at all."""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

Key = Ed25519PrivateKey | EllipticCurvePrivateKey

OPEN_TO_OTHERS = 0o077


class Unfit(Exception):
    """Why a file is not what it should be, in words for whoever keeps it."""


def read(file: Path) -> object:
    """The key in a file. Raises FileNotFoundError, or Unfit with the reason."""
    try:
        if file.stat().st_mode & OPEN_TO_OTHERS:
            raise Unfit(f"others may read it; run 'chmod 600 {file}'")
        return load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError:
        raise
    except OSError as failure:
        raise Unfit(failure.strerror or "it cannot be read") from failure
    except ValueError as failure:
        raise Unfit("it is no private key in PEM form") from failure


def write_new(file: Path, key: Key) -> None:
    """Put a key into a new file, seen by others only when it is whole.

    Raises FileExistsError when there is one (also when somebody else was faster), else Unfit.
    """
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(pem)
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)
    except FileExistsError:
        raise
    except OSError as failure:
        raise Unfit(failure.strerror or "it cannot be written") from failure
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
