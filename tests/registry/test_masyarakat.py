"""A citizen who has proved a phone number is entered in the registry."""

from cas_server.db.session import Session
from cas_server.identity.verification import Newcomer
from cas_server.kit.ids import new_id
from cas_server.registry import service


async def test_somebody_new_is_entered_once(session: Session) -> None:
    newcomer = Newcomer(new_id(), "Budi Contoh", "+6281234567890")

    await service.register_masyarakat(session, newcomer)
    await service.register_masyarakat(session, newcomer)

    rows = await session.sql.fetch("SELECT id, name, phone, demo FROM masyarakat")
    assert [tuple(row) for row in rows] == [
        (newcomer.masyarakat_id, "Budi Contoh", "+6281234567890", False)
    ]
