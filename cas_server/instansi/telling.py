"""Tells a site's contact persons of its alarm: found behind the press, sent by the outbox."""

import asyncio
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from uuid import UUID, uuid5

import structlog

from cas_server.db.session import DATABASE_FAULTS, Database, Session
from cas_server.errors import InvalidInput
from cas_server.identity.phones import normal_phone
from cas_server.identity.sms import SmsPort, TextMessage
from cas_server.instansi import telling_queries
from cas_server.instansi.telling_queries import DueAlarm
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.ending import end_if_told
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import Handler
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Done, GiveUp, Outcome
from cas_server.settings import Settings

JOB = "sms.contact"
LOOK_EVERY_S = 3.0
SLIP = timedelta(seconds=12)
"""So long a press that was a mistake can be taken back by a slide; nobody is woken before."""
USEFUL_FOR = timedelta(minutes=30)
DAY = timedelta(days=1)
MOST_CONTACTS = 4
"""Of one alarm, the first of the list."""
MOST_OF_SITE = 16
"""Messages a day: four alarms, then somebody is playing with the button."""
LONGEST_NAME = 40
WIB = timezone(timedelta(hours=7))
"""No summer time, and no need for a table of zones."""

log = structlog.get_logger()


class TellingLoop:
    """Looks now and then, never in the press; any number of workers may run one."""

    def __init__(
        self, database: Database, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._most_a_day = settings.sms_contacts_per_day
        self._clock = clock

    async def run(self) -> None:
        """Serve for ever; a database that is away is tried again."""
        while True:
            try:
                await self.tell_due()
            except DATABASE_FAULTS as error:
                end_if_told()
                log.warning("contacts.waiting", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def tell_due(self) -> int:
        """Promise what is due, each alarm by itself; how many messages."""
        now = self._clock()
        async with self._database.glance() as session:
            found = await telling_queries.due(session, now - USEFUL_FOR, now - SLIP)
        messages = 0
        for each in found:
            async with self._database.transaction() as session:
                messages += await self._promise(session, each, now)
        return messages

    async def _promise(self, session: Session, due: DueAlarm, now: datetime) -> int:
        why_not = await self._why_not(session, due, now)
        to = [] if why_not else due.reachable[:MOST_CONTACTS]
        if not await telling_queries.note(session, due, len(to), why_not, now):
            return 0
        for at in to:
            payload = {"alarm_id": str(due.alarm_id), "site_id": str(due.site_id), "at": at,
                       "raised_at": due.raised_at.isoformat()}  # fmt: skip
            await outbox.add(session, now, JOB, payload)
        facts = {"messages": len(to), "why_not": why_not}
        event = Event(
            "site.contacts_told", due.alarm_id, satuan_path=due.satuan_path, payload=facts
        )
        await journal.append(session, now, event)
        return len(to)

    async def _why_not(self, session: Session, due: DueAlarm, now: datetime) -> str | None:
        if due.silent:
            return "silent"
        if not due.reachable:
            return "no_numbers"
        sent = await telling_queries.sent(session, due.site_id, now - DAY)
        wanted = min(len(due.reachable), MOST_CONTACTS)
        spent = sent.of_site + wanted > MOST_OF_SITE or sent.of_all + wanted > self._most_a_day
        return "budget" if spent else None


def handlers(database: Database, port: SmsPort) -> dict[str, Handler]:
    """The outbox jobs of this slice."""

    async def deliver(job: Job) -> Outcome:
        site_id, at = UUID(job.payload["site_id"]), int(job.payload["at"])
        async with database.glance() as session:
            to = await telling_queries.addressee(session, site_id, at)
        if to is None:
            return Done()  # taken off the list meanwhile
        try:
            phone = normal_phone(to.phone)
        except InvalidInput:
            return GiveUp("the contact person's number is no Indonesian number")
        raised_at = datetime.fromisoformat(job.payload["raised_at"])
        # The same for every try, so that a gateway sends it once.
        message_id = uuid5(UUID(job.payload["alarm_id"]), str(at))
        text = message(to.site, raised_at)
        return await port.send(TextMessage(message_id, phone, text, USEFUL_FOR))

    return {JOB: deliver}


def message(site: str, raised_at: datetime) -> str:
    """One text message long: names nobody, and keeps whoever reads it away from danger."""
    time = raised_at.astimezone(WIB).strftime("%H.%M")
    plain = unicodedata.normalize("NFKD", site).encode("ascii", "ignore").decode()[:LONGEST_NAME]
    return (
        f"CAS: alarm ditekan di {plain.strip()} pukul {time} WIB. Polisi sudah menerimanya. "
        "Jangan menelepon atau mendatangi lokasi."
    )
