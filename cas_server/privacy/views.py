"""The shapes of consent, export and erasure on the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from cas_server.kit.wire import Wire

Row = dict[str, Any]


class ConsentText(Wire):
    """What is to be shown before registering, and again whenever the version changes."""

    version: str
    language: Literal["id"] = "id"
    text: str


class ConsentGiven(Wire):
    """The version that was shown and agreed to."""

    version: str = Field(min_length=1, max_length=40)


class Erasure(Wire):
    """`waiting` until the account's open alarm is closed; then it is done by itself."""

    state: Literal["done", "waiting"]
    asked_at: datetime


class AccountExport(Wire):
    """All that is kept about the account that asks; each row as its table holds it."""

    made_at: datetime
    account_id: UUID
    account: Row
    registered_as: Row | None = Field(description="the Masyarakat, Instansi or Personil they are")
    consents: list[Row]
    presses: list[Row] = Field(description="alarms they raised, with place, time and note")
    repeated_presses: list[Row]
    fixes: list[Row] = Field(description="where they were while an alarm of theirs was open")
    pictures: list[Row] = Field(description="what they sent to alarms, as it is kept")
    reports: list[Row] = Field(description="what they reported as a Personil")
    duty_stretches: list[Row] = Field(description="when they were on duty")
    sounds: list[Row] = Field(description="what they recorded for their alarms")
    sign_ins: list[Row]
    devices: list[Row]
    drills: list[Row] = Field(description="practice presses they made, asked for, or were told of")
    looks: list[Row] = Field(description="who looked at or took away something of theirs, and when")
