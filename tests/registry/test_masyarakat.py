"""A citizen who has proved a phone number is entered in the registry."""

from cas_server.db.session import Session
from cas_server.identity.verification import Newcomer
from cas_server.kit.ids import new_id
from cas_server.registry import service
from cas_server.vault.service import ring_of


async def test_somebody_new_is_entered_once(session: Session) -> None:
    newcomer = Newcomer(new_id(), "Budi Contoh", "+6281234567890")

    await service.register_masyarakat(session, newcomer)
    await service.register_masyarakat(session, newcomer)

    [row] = await session.sql.fetch("SELECT * FROM masyarakat")
    assert (row["id"], row["name"], row["phone"], row["demo"]) == (
        newcomer.masyarakat_id, "B••• C•••", "+62 ••• ••• 890", False,
    )  # fmt: skip
    ring = await ring_of(session)
    assert ring.open(row["name_sealed"], "masyarakat.name", row["id"]) == newcomer.name
    assert ring.open(row["phone_sealed"], "masyarakat.phone", row["id"]) == newcomer.phone
