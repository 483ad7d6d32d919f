"""Files of the registry that an admin sends: tried out first, then stored whole or not at all."""

from cas_server.administration import queries
from cas_server.administration.views import Changed, FaultOfFile, ImportOutcome
from cas_server.db.session import Database
from cas_server.errors import NotAllowed
from cas_server.identity.subject import Subject
from cas_server.registry.importing import ImportFaulty, ImportKind, ImportReport, import_raw


async def take(
    database: Database, subject: Subject, kind: ImportKind, raw: bytes, *, check_only: bool
) -> ImportOutcome:
    """What a file would do or did; with faults it did nothing.

    A file may speak of any Satuan, so only an admin of the topmost may send one.
    """
    try:
        async with database.transaction() as session:
            if not await queries.is_top(session, subject.satuan_id):
                raise NotAllowed("import; an admin of the topmost Satuan may")
            report = await import_raw(session, kind, raw, check_only=check_only)
            if check_only:
                session.discard()
    except ImportFaulty as faulty:
        return _refused(faulty)
    return _outcome(report)


def _outcome(report: ImportReport) -> ImportOutcome:
    return ImportOutcome(
        stored=report.stored,
        added=report.added,
        changed=[Changed(key=one.key, fields=one.fields) for one in report.changed],
        unchanged=report.unchanged,
        notes=report.notes,
        faults=[],
    )


def _refused(faulty: ImportFaulty) -> ImportOutcome:
    faults = [
        FaultOfFile(where=fault.where, field=fault.field, sentence=fault.sentence)
        for fault in faulty.faults
    ]
    return ImportOutcome(stored=False, added=[], changed=[], unchanged=0, notes=[], faults=faults)
