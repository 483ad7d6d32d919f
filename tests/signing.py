"""A phone with a key pair of its own, which signs as the button's page does."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.kit.clock import utc_now
from cas_server.kit.signing import new_nonce, parameters, public_text, signing_headers
from tests.factories import Person

__all__ = ["SigningPhone", "public_text", "signing_phone"]


@dataclass
class SigningPhone:
    """Somebody's phone; `key_id` is set once the key is registered."""

    who: Person
    key_id: UUID
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def headers(
        self, path: str, body: bytes, *, at: datetime | None = None, nonce: str | None = None
    ) -> dict[str, str]:
        """The headers that sign a PUT of this body to this path."""
        told = parameters(self.key_id, nonce or new_nonce(), at or utc_now())
        signed = signing_headers(self.key, path, body, told)
        return {"content-type": "application/json", **signed}


async def signing_phone(
    client: httpx2.AsyncClient, who: Person, device: str = "HP"
) -> SigningPhone:
    """Register a new key over HTTP."""
    key = Ed25519PrivateKey.generate()
    body = {"public_key": public_text(key), "device": device}
    answer = await client.post("/v1/press-keys", headers=who.bearer, json=body)
    assert answer.status_code == 201, answer.text
    return SigningPhone(who, UUID(answer.json()["key_id"]), key)
