"""A look at where officers went along an alarm; each look is written down before it is granted."""

from datetime import datetime
from uuid import UUID

from cas_server.alarm import desk
from cas_server.db.session import Session
from cas_server.errors import NotFound
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.presence import tracks
from cas_server.presence.views import TrackLook, TracksShown


async def look(
    session: Session, subject: Subject, alarm_id: UUID, wish: TrackLook, now: datetime
) -> TracksShown:
    """The tracks of one's own alarm; the journal keeps who looked at whose, which span, and why."""
    alarm = await desk.show(session, subject, alarm_id)
    if not alarm.satuan_path.startswith(subject.satuan_path):
        raise NotFound("alarm", alarm_id)
    shown = await tracks.along(session, alarm.id, wish.personil_id)
    times = [fix.fixed_at for track in shown for fix in track.fixes]
    facts = {
        "whose": [str(track.personil_id) for track in shown],
        "since": min(times).isoformat() if times else None,
        "until": max(times).isoformat() if times else None,
        "fixes": len(times),
        "reason": wish.reason,
    }
    event = Event("tracks.seen", alarm.id, subject.account_id, alarm.satuan_path, facts)
    await journal.append(session, now, event)
    return TracksShown(alarm_id=alarm.id, cut=len(times) >= tracks.MOST_FIXES, tracks=shown)
