"""Journal entries and moved positions, as messages to the hub: one feed a process."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from cas_server.alarm import showing
from cas_server.db.bell import Bell
from cas_server.db.session import DATABASE_FAULTS, Database, ReadSession
from cas_server.journal.queries import Entry
from cas_server.journal.reader import Reader
from cas_server.kit.clock import Clock
from cas_server.live import topics
from cas_server.live.hub import Hub
from cas_server.live.messages import (
    AlarmChanged,
    DutyChanged,
    OfferChanged,
    OwnAlarmChanged,
    PersonilLeft,
    PersonilMoved,
    Tick,
)
from cas_server.presence import queries as presence
from cas_server.presence import service as duty

POLL_S = 1.0
POSITIONS_EVERY_S = 1.0
MARGIN = timedelta(seconds=2)
"""Positions are stamped before their commit: so far back must one look not to miss any."""

log = structlog.get_logger()


class Feed:
    """Reads what was committed and tells whoever watches; a failed round is made up for."""

    def __init__(self, database: Database, bell: Bell, hub: Hub, clock: Clock) -> None:
        self._database = database
        self._ear = bell.ear()
        self._hub = hub
        self._clock = clock
        self._reader = Reader(database)
        self._alarms: set[UUID] = set()
        self._duties: list[Entry] = []
        self._told: dict[UUID, datetime] = {}
        # Else a position read just before somebody left could be told just after they had.
        self._telling = asyncio.Lock()

    async def run(self) -> None:
        """Serve for ever; while the database is away nobody is told that all is well."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._changes())
            tasks.create_task(self._positions())

    async def _changes(self) -> None:
        while True:
            try:
                await self.tell_changes()
            except DATABASE_FAULTS as error:
                log.warning("feed.waiting", error=type(error).__name__)
                await asyncio.sleep(POLL_S)
            await self._ear.wait(POLL_S)

    async def _positions(self) -> None:
        since = self._clock()
        while True:
            await asyncio.sleep(POSITIONS_EVERY_S)
            now = self._clock()
            try:
                async with self._telling:
                    await self._tell_positions(since - MARGIN)
                since = now
                # Only after a read that succeeded: a tick says that the picture is fresh.
                self._hub.publish(topics.EVERYBODY, Tick(server_time=now).model_dump_json())
            except DATABASE_FAULTS as error:
                log.warning("feed.waiting", error=type(error).__name__)

    async def tell_changes(self) -> None:
        """Publish everything committed since the last time, newest state once per alarm."""
        async with self._telling:
            await self._tell_changes()

    async def _tell_changes(self) -> None:
        for entry in await self._reader.new():
            if entry.alarm_id is not None:
                self._alarms.add(entry.alarm_id)
            if entry.kind.startswith("duty."):
                self._duties.append(entry)
        watched = self._hub.topics()
        if watched and (self._alarms or self._duties):
            alarm_ids, duties = list(self._alarms), list(self._duties)
            async with self._database.reading() as session:
                await self._tell_alarms(session, alarm_ids, watched)
                await self._tell_duties(session, duties, watched)
        # Forgotten only now: what could not be read above is told in the next round.
        self._alarms.clear()
        self._duties.clear()

    async def _tell_alarms(
        self, session: ReadSession, alarm_ids: list[UUID], watched: set[str]
    ) -> None:
        if not alarm_ids:
            return
        # The phones of those called come first: they are what is being waited for.
        for personil_id, offer in await showing.offer_views(session, alarm_ids):
            topic = topics.personil(personil_id)
            if topic in watched:
                self._hub.publish(topic, OfferChanged(offer=offer).model_dump_json())
        if topics.watched_paths(watched):
            for alarm in await showing.desk_views(session, alarm_ids):
                frame = AlarmChanged(alarm=alarm).model_dump_json()
                paths = (alarm.satuan_path, *alarm.also_seen_by)
                desks = {desk for path in paths for desk in topics.desks_above(path)}
                self._hub.publish_all(desks, frame)
        for account_id, own in await showing.own_views(session, alarm_ids):
            topic = topics.reporter(account_id)
            if topic in watched:
                self._hub.publish(topic, OwnAlarmChanged(alarm=own).model_dump_json())

    async def _tell_duties(
        self, session: ReadSession, duties: list[Entry], watched: set[str]
    ) -> None:
        for personil_id, entry in {UUID(e.payload["personil_id"]): e for e in duties}.items():
            view = await duty.see_duty(session, personil_id)
            if topics.personil(personil_id) in watched:
                frame = DutyChanged(duty=view).model_dump_json()
                self._hub.publish(topics.personil(personil_id), frame)
            if entry.satuan_path is not None:
                frame = await self._duty_at_the_desk(session, personil_id)
                self._hub.publish_all(topics.desks_above(entry.satuan_path), frame)

    async def _duty_at_the_desk(self, session: ReadSession, personil_id: UUID) -> str:
        """Told at once, because whoever has not said where they are changes no position."""
        shown = await presence.one_on_duty(session, personil_id)
        if shown is not None:
            return PersonilMoved(personil=[shown]).model_dump_json()
        self._told.pop(personil_id, None)
        return PersonilLeft(personil_ids=[personil_id]).model_dump_json()

    async def _tell_positions(self, since: datetime) -> None:
        paths = topics.watched_paths(self._hub.topics())
        if not paths:
            self._told.clear()
            return
        async with self._database.reading() as session:
            changed = await presence.changed_since(session, since, self._told)
        self._told |= {each.view.personil_id: each.changed_at for each in changed}
        fresh = [each.view for each in changed]
        for path in paths:
            mine = [view for view in fresh if view.satuan_path.startswith(path)]
            if mine:
                frame = PersonilMoved(personil=mine).model_dump_json()
                self._hub.publish(topics.desk(path), frame)
