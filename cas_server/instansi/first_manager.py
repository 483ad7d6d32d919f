"""The first manager of an Instansi, entered by an admin; the others they add themselves."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import Session
from cas_server.errors import Conflict, InvalidInput, NotFound
from cas_server.identity.phones import normal_phone
from cas_server.identity.subject import Subject
from cas_server.instansi import people, petugas_queries
from cas_server.instansi.views import ManagerBody, Petugas, PetugasBody
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event


class HasManager(Conflict):
    code = "has_manager"

    def __init__(self) -> None:
        super().__init__("it has a manager already, who adds and changes its people")


async def put(
    session: Session, subject: Subject, ids: tuple[UUID, UUID], body: ManagerBody, now: datetime
) -> Petugas:
    """Let somebody manage the Instansi `ids[0]`, as the petugas `ids[1]`; again changes nothing."""
    instansi_id, petugas_id = ids
    phone, name = normal_phone(body.phone), " ".join(body.name.split())
    if not name:
        raise InvalidInput("name", "say who it is")
    # Its people stand at no Satuan: whose the Instansi is, is asked with the path.
    async with session.beyond_the_wall():
        if not await petugas_queries.is_below(session, instansi_id, subject.satuan_path):
            raise NotFound("Instansi", instansi_id)
        await petugas_queries.lock(session, instansi_id)
        known = await petugas_queries.petugas(session, instansi_id)
        managers = [one for one in known if one.manager and one.removed_at is None]
        if not managers:
            wanted = PetugasBody(name=name, phone=phone, manager=True)
            await people.add(session, instansi_id, petugas_id, wanted, now)
            payload = {"account_id": str(petugas_id), "instansi_id": str(instansi_id)}
            event = Event("petugas.added", None, subject.account_id, subject.satuan_path, payload)
            await journal.append(session, now, event)
        elif managers[0].id != petugas_id:
            raise HasManager
        [made] = await petugas_queries.petugas(session, instansi_id, petugas_id)
    return made
