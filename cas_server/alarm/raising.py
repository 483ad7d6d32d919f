"""The row that a press becomes, with how sure it is, how late, and how doubtful."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cas_server.alarm.intake import Press
from cas_server.alarm.meeting import Known, Situation
from cas_server.alarm.queries import NewAlarm
from cas_server.alarm.suspicion import Facts, judge
from cas_server.alarm.timing import Timing, timing
from cas_server.alarm.views import Suspicion
from cas_server.identity.presser import Presser
from cas_server.kit.network import network_of
from cas_server.vault.masks import mask_phone

UNKNOWN = "unknown"
"""The role of a reporter who has proved nothing."""


@dataclass(frozen=True, slots=True)
class Raising:
    """A press with all that is known about it. `held`: it calls nobody before the desk does."""

    alarm_id: UUID
    presser: Presser
    wish: Press
    known: Known | None
    met: Situation
    now: datetime
    held: bool = False


def new_alarm(raising: Raising) -> NewAlarm:
    """The row that a press becomes."""
    met, now, wish, known = raising.met, raising.now, raising.wish, raising.known
    presser = raising.presser
    reporter, signed = _reporter(raising), presser.signed
    at = known.position if known else None
    told = timing(now, wish.pressed_at, signed.at if signed else None)
    doubt = _suspicion(raising, told)
    return NewAlarm(
        id=raising.alarm_id,
        kind=wish.kind,
        silent=wish.silent,
        note=wish.note,
        demo=presser.subject is not None and presser.subject.demo,
        raised_at=now,
        pressed_at=wish.pressed_at,
        battery_percent=wish.battery_percent,
        reporter_account_id=reporter.account_id,
        reporter_role=reporter.role,
        reporter_name=reporter.name,
        reporter_phone=reporter.phone,
        site_id=known.site_id if known else None,
        channel="app",
        lon=at.lon if at else None,
        lat=at.lat if at else None,
        accuracy_m=at.accuracy_m if at else None,
        position_source=known.source if known else "none",
        position_at=known.at if known else None,
        satuan_id=met.satuan_id,
        satuan_path=met.satuan_path,
        wilayah_code=met.wilayah_code,
        wilayah_name=met.wilayah_name,
        next_check_at=now + met.rules.accept_within,
        climb_at=now + timedelta(seconds=met.rules.climb_first_s),
        verification=presser.verification,
        press_key_id=signed.key_id if signed else None,
        nonce=signed.nonce if signed else None,
        late_s=told.late_s,
        clock_off_s=told.clock_off_s,
        suspicion_level=doubt.level,
        suspicion_reasons=doubt.reasons,
        network=network_of(presser.address) if presser.subject is None else None,
        call_held=raising.held,
    )


@dataclass(frozen=True, slots=True)
class _Reporter:
    account_id: UUID | None
    role: str
    name: str
    phone: str | None


def _reporter(raising: Raising) -> _Reporter:
    subject = raising.presser.subject
    if subject is None:
        phone = raising.wish.callback_phone
        return _Reporter(None, UNKNOWN, "", mask_phone(phone) if phone else None)
    return _Reporter(subject.account_id, subject.role, subject.name, raising.met.account_phone)


def _suspicion(raising: Raising, told: Timing) -> Suspicion:
    presser, met, position = raising.presser, raising.met, raising.wish.position
    return judge(
        Facts(
            verification=presser.verification,
            badly_signed=presser.badly_signed,
            malicious_before=met.malicious_before,
            mock_location=position is not None and position.mock,
            accounts_on_device=len(presser.device_accounts),
            unverified_from_network=met.unverified_from_network,
            clock_wrong=told.clock_off_s is not None,
        )
    )
