"""Accounts, their credentials and second factors, and one-time codes."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base, CreatedAt, Key


class AccountRow(Base):
    """Somebody who can sign in. `holder_id` is the Personil, Masyarakat or Instansi they are.

    `phone`, and the `name` of a Masyarakat or of a petugas of an Instansi, are masks; in full they
    stand sealed beside them. A petugas who is `manager` may change their Instansi's people.
    """

    __tablename__ = "account"
    __table_args__ = (
        Index("ix_account_satuan_path", "satuan_path"),
        # A number may be a citizen's and, at work, a petugas's.
        UniqueConstraint("phone_hash", "role"),
    )

    id: Mapped[Key]
    role: Mapped[str]
    name: Mapped[str]
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    username: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    # Filled while the password is a one-time one: until then it may be used, to be changed.
    password_change_by: Mapped[datetime | None]
    phone: Mapped[str | None]
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    manager: Mapped[bool] = mapped_column(server_default=text("false"))
    holder_id: Mapped[UUID | None] = mapped_column(index=True)
    satuan_id: Mapped[UUID | None]
    satuan_path: Mapped[str] = mapped_column(server_default="")
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[datetime | None]


class CredentialRow(Base):
    """An opaque token, kept only as its SHA-256. A press credential can do one thing: press."""

    __tablename__ = "credential"
    __table_args__ = (
        CheckConstraint("scope IN ('session', 'press')", name="scope"),
        Index("ix_credential_id", "id", unique=True),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    scope: Mapped[str]
    device: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # What the holder of several sign-ins tells them apart by; no secret.
    id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    stage: Mapped[str] = mapped_column(server_default="complete")
    verified_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    idle_after: Mapped[timedelta | None]
    network: Mapped[str] = mapped_column(server_default="")


class TotpRow(Base):
    """The shared secret of an authenticator app: at first `pending`, then proved by one code.

    Sealed, for checking a code needs it in the clear. Both stand in one place for the vault, so
    that the pending one becomes the other by moving.
    """

    __tablename__ = "totp"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pending_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class PasskeyRow(Base):
    """The public half of a passkey."""

    __tablename__ = "passkey"

    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[datetime | None]


class RecoveryCodeRow(Base):
    """A code on paper for the day the second factor is lost; used once, kept as a hash."""

    __tablename__ = "recovery_code"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class TicketRow(Base):
    """Something handed out to be handed back once, soon: a challenge, a state, a one-time code."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_expires_at", "expires_at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str]
    payload: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]


class KnownDeviceRow(Base):
    """A device somebody signed in on with a code. A Personil's waits for a superior's word."""

    __tablename__ = "known_device"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        CheckConstraint("state IN ('waiting', 'confirmed', 'refused')", name="state"),
        Index("ix_known_device_waiting", "asked_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str]
    label: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]


class PressKeyRow(Base):
    """The public half of a key pair made on a phone; presses are signed with the other half."""

    __tablename__ = "press_key"

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    public_key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    device: Mapped[str] = mapped_column(server_default="", index=True)
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]


class OneTimeCodeRow(Base):
    """A code sent to a phone number: one use, few tries, short life."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        Index("ix_one_time_code_phone_hash_created_at", "phone_hash", "created_at"),
        Index("ix_one_time_code_device_created_at", "device", "created_at"),
        Index(
            "ix_one_time_code_paid_created_at",
            "created_at",
            postgresql_where=text("paid_by IS NOT NULL"),
            postgresql_include=["paid_by", "used_at", "network"],
        ),
    )

    id: Mapped[Key]
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    code_hash: Mapped[str]
    device: Mapped[str]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    used_at: Mapped[datetime | None]
    network: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A hash of where it was asked from: addresses of people are not kept."""
    paid_by: Mapped[str | None]
    """The purse of the budget; empty when no message was sent."""
    messages: Mapped[int] = mapped_column(server_default=text("0"))


class AttemptRow(Base):
    """How often something guessable was tried since `since`, by whom or at whom: the brake.

    `key` is a hash, because what people type as a username is now and then their password.
    """

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_since", "since"),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    since: Mapped[datetime]
    tries: Mapped[int]
