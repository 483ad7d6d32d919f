"""The key by which push services of browsers know this server; made once, shared by all servers."""

from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cas_server.embedded.places import state_folder
from cas_server.errors import CasError
from cas_server.kit import base64url
from cas_server.kit import key_file as stored
from cas_server.settings import Settings


class VapidKeyUnusable(CasError):
    code: ClassVar[str] = "vapid_key_unusable"

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"the key for waking browsers, {file}, cannot be used: {why}")


def key_file(settings: Settings) -> Path:
    """CAS_VAPID_KEY_FILE, else a file in the state folder."""
    return settings.vapid_key_file or (settings.state_dir or state_folder()) / "push" / "vapid.pem"


def found_or_made(file: Path) -> EllipticCurvePrivateKey:
    """The key in a file, which is made when it is not there; raises VapidKeyUnusable.

    Browsers are bound to the key they subscribed under: with another one they are woken again
    only after their app was opened once more.
    """
    try:
        try:
            key = stored.read(file)
        except FileNotFoundError:
            key = _made(file)
    except stored.Unfit as unfit:
        raise VapidKeyUnusable(file, str(unfit)) from unfit
    if not isinstance(key, EllipticCurvePrivateKey) or key.curve.name != SECP256R1.name:
        raise VapidKeyUnusable(file, "it is a key of another kind than P-256")
    return key


def _made(file: Path) -> object:
    key = generate_private_key(SECP256R1())
    try:
        stored.write_new(file, key)
    except FileExistsError:
        return stored.read(file)  # the other process of the first start was faster
    return key


def application_server_key(key: EllipticCurvePrivateKey) -> str:
    """Its public half as browsers take it: 65 bytes, uncompressed, in base64url (RFC 8292, 3.2)."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url.to_text(point)
