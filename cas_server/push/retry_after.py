"""Pure: when a service that is busy wants to be asked again."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def retry_after(stated: str, now: datetime) -> timedelta | None:
    """Retry-After in either of its forms, seconds or a date; None when it says nothing."""
    if stated.isdecimal():
        return timedelta(seconds=int(stated))
    try:
        return max(parsedate_to_datetime(stated).astimezone(UTC) - now, timedelta())
    except ValueError:
        return None
