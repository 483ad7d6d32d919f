"""Journal entries and moved positions, as messages to the hub: one feed a process."""

import asyncio
import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from cas_server.alarm import showing
from cas_server.db.bell import Bell
from cas_server.db.session import DATABASE_FAULTS, Database
from cas_server.journal.queries import Entry
from cas_server.journal.reader import Reader
from cas_server.kit import fault
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told
from cas_server.kit.slices import made_in_slices
from cas_server.live import topics
from cas_server.live.hub import Hub
from cas_server.live.messages import (
    AlarmChanged,
    DrillChanged,
    DutyChanged,
    OfferChanged,
    OwnAlarmChanged,
    PersonilLeft,
    PersonilMoved,
    Tick,
)
from cas_server.presence import queries as presence
from cas_server.presence.queries import Changed, Shown

POLL_S = 1.0
POSITIONS_EVERY_S = 1.0
ROUND_S = 0.03
"""Rounds follow each other no sooner: when much happens, one reading serves many changes."""
MARGIN = timedelta(seconds=2)
"""Positions are stamped before their commit: so far back must one look not to miss any."""

OF_ONE_OFFER = frozenset({
    "offer.made", "offer.received", "offer.unreached", "offer.declined", "offer.expired",
    "offer.stood_down", "offer.superseded",
})  # fmt: skip
"""Journal entries that change the picture of one officer and of the desk, and nobody else's."""

FOR_THE_DESK = frozenset({"site.contacts_told"})
"""Entries of an alarm's story that change nobody's picture."""

log = structlog.get_logger()


class Feed:
    """Reads what was committed and tells whoever watches; a failed round is made up for."""

    def __init__(self, database: Database, bell: Bell, hub: Hub, clock: Clock) -> None:
        self._database = database
        self._ear = bell.ear()
        self._hub = hub
        self._clock = clock
        self._reader = Reader(database)
        self._touched = showing.Touched()
        self._duties: dict[UUID, Entry] = {}
        self._told: dict[UUID, datetime] = {}
        # Else a position read just before somebody left could be told just after they had. Alarms
        # do not wait for it.
        self._telling_officers = asyncio.Lock()

    async def run(self) -> None:
        """Serve for ever; while the database is away nobody is told that all is well."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._changes())
            tasks.create_task(self._positions())

    async def _changes(self) -> None:
        while True:
            began = time.monotonic()
            try:
                await self.tell_changes()
            except DATABASE_FAULTS as error:
                end_if_told()
                log.warning("feed.waiting", error=type(error).__name__)
                await asyncio.sleep(POLL_S)
            await self._ear.wait(POLL_S)
            await asyncio.sleep(max(0.0, began + ROUND_S - time.monotonic()))

    async def _positions(self) -> None:
        since = self._clock()
        while True:
            await asyncio.sleep(POSITIONS_EVERY_S)
            now = self._clock()
            try:
                async with self._telling_officers:
                    await self._tell_positions(since - MARGIN)
                since = now
                # Only after a read that succeeded: a tick says that the picture is fresh.
                self._hub.publish(topics.EVERYBODY, Tick(server_time=now).model_dump_json())
            except DATABASE_FAULTS as error:
                end_if_told()
                log.warning("feed.waiting", error=type(error).__name__)

    async def tell_changes(self) -> None:
        """Publish everything committed since the last time, newest state once per alarm."""
        entries = await self._reader.new()
        if entries:
            fault.point("feed.read")
        for entry in entries:
            self._note(entry)
        watched = self._hub.topics()
        if watched:
            await self._tell_alarms(watched)
            async with self._telling_officers:
                await self._tell_duties(watched)
        if entries:
            fault.point("feed.told")
        # Forgotten only now: what could not be read above is told in the next round.
        self._touched = showing.Touched()
        self._duties.clear()

    def _note(self, entry: Entry) -> None:
        touched = self._touched
        if entry.kind.startswith("duty."):
            self._duties[UUID(entry.payload["personil_id"])] = entry
        elif entry.kind.startswith("drill."):
            self._tell_drill(entry)
        elif entry.alarm_id is None or entry.kind in FOR_THE_DESK:
            return
        elif entry.kind in OF_ONE_OFFER:
            # In the last ring thousands are called: what one of them does is not told to them all.
            touched.offer_ids.add(UUID(entry.payload["offer_id"]))
            touched.desk_ids.add(entry.alarm_id)
        else:
            touched.alarm_ids.add(entry.alarm_id)
            if personil_id := entry.payload.get("personil_id"):
                touched.personil_ids.add(UUID(personil_id))

    def _tell_drill(self, entry: Entry) -> None:
        watched = self._hub.topics()
        for personil_id in entry.payload.get("personil_ids", ()):
            topic = topics.personil(UUID(personil_id))
            if topic in watched:
                told = DrillChanged(drill_id=UUID(entry.payload["drill_id"]))
                self._hub.publish(topic, told.model_dump_json())

    async def _tell_alarms(self, watched: set[str]) -> None:
        touched = self._touched
        if not (touched.alarm_ids or touched.desk_ids):
            return
        desks = bool(topics.watched_paths(watched))
        async with self._database.glance() as session:
            changed = await showing.changed(session, touched, for_desks=desks)
        # The phones of those called come first: they are what is being waited for.
        for personil_id, offer in changed.offers:
            topic = topics.personil(personil_id)
            if topic in watched:
                self._hub.publish(topic, OfferChanged(offer=offer).model_dump_json())
        for alarm in changed.alarms:
            frame = AlarmChanged(alarm=alarm).model_dump_json()
            paths = (alarm.satuan_path, *alarm.also_seen_by)
            above = {desk for path in paths for desk in topics.desks_above(path)}
            self._hub.publish_all(above, frame)
        for account_id, own in changed.own:
            topic = topics.reporter(account_id)
            if topic in watched:
                self._hub.publish(topic, OwnAlarmChanged(alarm=own).model_dump_json())

    async def _tell_duties(self, watched: set[str]) -> None:
        if not self._duties:
            return
        async with self._database.glance() as session:
            on_duty = await presence.on_duty_among(session, self._duties.keys())
        for personil_id, entry in self._duties.items():
            shown = on_duty.get(personil_id)
            if topics.personil(personil_id) in watched:
                told = DutyChanged(duty=shown.duty if shown else presence.OFF_DUTY)
                self._hub.publish(topics.personil(personil_id), told.model_dump_json())
            if entry.satuan_path is not None:
                self._tell_desks(personil_id, entry.satuan_path, shown)

    def _tell_desks(self, personil_id: UUID, path: str, shown: Shown | None) -> None:
        told = set(topics.desks_above(path))
        sees = told if shown is None else set(topics.desks_above(shown.view.satuan_path))
        self._hub.publish_all(sees, self._at_the_desk(personil_id, shown))
        # Their Satuan stands elsewhere now: the desks of the old place see them no more.
        if lost := told - sees:
            gone = PersonilLeft(personil_ids=[personil_id]).model_dump_json()
            self._hub.publish_all(lost, gone)

    def _at_the_desk(self, personil_id: UUID, shown: Shown | None) -> str:
        """Told at once, because whoever has not said where they are changes no position."""
        if shown is not None:
            return PersonilMoved(personil=[shown.view]).model_dump_json()
        self._told.pop(personil_id, None)
        return PersonilLeft(personil_ids=[personil_id]).model_dump_json()

    async def _tell_positions(self, since: datetime) -> None:
        paths = topics.watched_paths(self._hub.topics())
        if not paths:
            self._told.clear()
            return
        async with self._database.reading() as session:
            changed = await presence.changed_since(session, since, self._told)
        self._told |= {each.personil_id: each.changed_at for each in changed}
        fresh = await made_in_slices(Changed.view, changed)
        for path in paths:
            mine = [view for view in fresh if view.satuan_path.startswith(path)]
            if mine:
                frame = PersonilMoved(personil=mine).model_dump_json()
                self._hub.publish(topics.desk(path), frame)
                await asyncio.sleep(0)
