"""Pure: what the journal says when the law takes something out of a record, so audits know why."""

from datetime import UTC, datetime

FORGOTTEN = "alarm.forgotten"
"""The reporter was taken out of this alarm."""

TRACKS_REMOVED = "tracks.removed"
"""Tracks from before a time were deleted."""


def moment(at: datetime) -> str:
    """In UTC and of one length, so that texts compare as times do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
