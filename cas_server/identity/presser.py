"""Who presses: as far as a request proves it, and never a reason to refuse it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from cas_server.db.asked import Asked
from cas_server.db.session import Database
from cas_server.errors import NotAllowed, SignInNeeded
from cas_server.identity import press_keys, signature
from cas_server.identity.press_keys import Holder
from cas_server.identity.signature import Signed
from cas_server.identity.subject import Subject, allow, bearer_token, identify_all
from cas_server.identity.views import Verification
from cas_server.kit.clock import utc_now
from cas_server.kit.door import Door
from cas_server.kit.network import network_of

MOST_TOGETHER = 64
"""Keys, or tokens, that are looked up by one statement."""
WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Presser:
    """Who presses and how sure that is; `subject` None means nobody knows.

    `signed` is set only when the signature holds. `device_accounts` are all that have a key on
    the same device.
    """

    verification: Verification
    subject: Subject | None
    address: str
    signed: Signed | None = None
    badly_signed: bool = False
    device_accounts: tuple[UUID, ...] = ()


class Proofs:
    """Whose keys and tokens presses carry: read for many at a time, so that a crowd costs little.

    They raise Unavailable when the database has no answer in time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holders: Asked[UUID, Holder | None] = Asked(
            self._find, at_once=2, most=MOST_TOGETHER, within_s=WITHIN_S
        )
        self._subjects: Asked[str, Subject] = Asked(
            self._identify, at_once=2, most=MOST_TOGETHER, within_s=WITHIN_S
        )

    async def holder(self, key_id: UUID) -> Holder | None:
        """The holder of a living key; None when nobody is."""
        return await self._holders.ask(key_id)

    async def subject(self, token: str) -> Subject:
        """Who a token stands for; SignInNeeded when for nobody."""
        return await self._subjects.ask(token)

    async def _find(self, key_ids: Sequence[UUID]) -> Sequence[Holder | None]:
        return await press_keys.find_all(self._database, key_ids)

    async def _identify(self, tokens: Sequence[str]) -> Sequence[Subject | Exception]:
        return await identify_all(self._database, tokens)


class attest(allow):  # noqa: N801 - reads as a verb where it is used: Depends(attest(Action.PRESS))
    """Yields a Presser. Only a known account whose role has not the action is refused."""

    async def __call__(self, request: Request) -> Presser:  # type: ignore[override]  # a Subject is not always known here
        address = request.client.host if request.client else ""
        if not _says_who(request):
            return Presser(Verification.UNVERIFIED, None, address)
        # Before the door: whoever sends slowly waits outside, and keeps nobody else from going in.
        await request.body()
        # Else a flood of signed presses would be identified before anybody of another network.
        door: Door = request.app.state.door
        async with door.through(network_of(address)):
            return await self._identified(request, address)

    async def _identified(self, request: Request, address: str) -> Presser:
        proofs: Proofs = request.app.state.proofs
        signed, holder = await _signer(request, proofs)
        if holder is not None and signed is not None:
            self._must_be_allowed(holder.subject)
            return Presser(
                verification=Verification.VERIFIED,
                subject=holder.subject,
                address=address,
                signed=signed,
                device_accounts=holder.device_accounts,
            )
        badly_signed = signature.is_claimed(request.headers)
        subject = await _bearer(request, proofs)
        if subject is None:
            return Presser(Verification.UNVERIFIED, None, address, badly_signed=badly_signed)
        self._must_be_allowed(subject)
        return Presser(Verification.BEARER, subject, address, badly_signed=badly_signed)

    def _must_be_allowed(self, subject: Subject) -> None:
        if not subject.may(self.action):
            raise NotAllowed(self.action.value)


def _says_who(request: Request) -> bool:
    return "authorization" in request.headers or signature.is_claimed(request.headers)


async def _signer(request: Request, proofs: Proofs) -> tuple[Signed | None, Holder | None]:
    """The signature and whose it is, if it holds."""
    signed = signature.read(request.headers)
    if signed is None:
        return None, None
    holder = await proofs.holder(signed.key_id)
    if holder is None:
        return signed, None
    # Path and body as they came: a proxy that rewrites either breaks the signature, as it should.
    path = request.scope["raw_path"].split(b"?")[0].decode("latin-1")
    body = await request.body()
    if not signature.holds(signed, holder.public_key, request.method, path, body):
        return signed, None
    return signed, holder


async def _bearer(request: Request, proofs: Proofs) -> Subject | None:
    """Whose living sign-in or press credential the request carries, if any."""
    try:
        subject = await proofs.subject(bearer_token(request))
    except SignInNeeded:
        return None
    return subject if subject.fresh(utc_now()) else None
