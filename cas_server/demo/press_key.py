"""The key pair of a simulated phone: made when it first presses, registered, never given away."""

from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.demo.api import Api, Refused
from cas_server.demo.shapes import Phone, PressKey
from cas_server.kit.clock import utc_now
from cas_server.kit.signing import new_nonce, parameters, public_text, signing_headers


@dataclass(frozen=True, slots=True)
class _Pair:
    key_id: UUID
    key: Ed25519PrivateKey


@dataclass(slots=True)
class Keyring:
    """The pairs of all phones that have pressed since the simulation began."""

    api: Api
    _pairs: dict[str, _Pair] = field(default_factory=dict)

    async def headers(self, phone: Phone, path: str, body: bytes) -> dict[str, str]:
        """What signs this sending of a press; nothing where the server takes no key."""
        pair = self._pairs.get(phone.account_id)
        if pair is None:
            try:
                pair = self._pairs[phone.account_id] = await self._register(phone)
            except Refused:
                return {}  # the press itself still counts, by the phone's sign-in
        told = parameters(pair.key_id, new_nonce(), utc_now())
        return signing_headers(pair.key, path, body, told)

    async def _register(self, phone: Phone) -> _Pair:
        key = Ed25519PrivateKey.generate()
        # A device of its own for each, or all of them would be suspected of sharing one.
        asked = {"public_key": public_text(key), "device": f"SIMULASI {phone.account_id}"}
        told = await self.api.ask(PressKey, "POST", "/press-keys", phone.token, asked)
        return _Pair(told.key_id, key)
