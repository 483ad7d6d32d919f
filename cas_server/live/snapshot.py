"""The whole picture for a watcher, read in one transaction; that of phones for many at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from cas_server.alarm import showing
from cas_server.db.session import ReadSession
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject
from cas_server.live.messages import (
    DeskSnapshot,
    PersonilSnapshot,
    PhoneSnapshot,
    ReporterSnapshot,
)
from cas_server.presence import queries as presence


async def of_desk(session: ReadSession, satuan_path: str, now: datetime) -> DeskSnapshot:
    """What a desk sees now; `satuan_path` is the part of it that was asked for."""
    return DeskSnapshot(
        at=now,
        alarms=await showing.open_alarms(session, satuan_path),
        personil=await presence.on_duty(session, satuan_path),
    )


async def of_phones(
    session: ReadSession, subjects: Sequence[Subject], now: datetime
) -> list[PhoneSnapshot]:
    """What each of these sees now, in their order; none of them sees a desk."""
    officers = _distinct(one.personil_id for one in subjects if one.role is Role.PERSONIL)
    own = await showing.own_alarms(session, _distinct(one.account_id for one in subjects), now)
    duties = await presence.duty_views(session, officers) if officers else {}
    offers = await showing.offers_of(session, officers) if officers else {}
    return [
        PersonilSnapshot(
            at=now,
            duty=duties[one.personil_id],
            offers=offers[one.personil_id],
            alarms=own[one.account_id],
        )
        if one.role is Role.PERSONIL
        else ReporterSnapshot(at=now, alarms=own[one.account_id])
        for one in subjects
    ]


def _distinct(ids: Iterable[UUID]) -> list[UUID]:
    """Each once: the same person may watch from two phones."""
    return list(dict.fromkeys(ids))
