"""A push service that listens on this machine, and the port that speaks to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

import pytest
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.demo.fcm_server import FcmServer, serving, write_address
from cas_server.identity import service as identity
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.push import queries
from cas_server.push.fcm import Firebase
from cas_server.push.port import AddressType, Device, Platform

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def fcm() -> AsyncIterator[FcmServer]:
    async with serving() as server:
        yield server


@pytest_asyncio.fixture
async def credentials(fcm: FcmServer, tmp_path: Path) -> Path:
    """The service account file of the server above."""
    return Path(write_address(tmp_path, fcm)["credentials"])


@pytest_asyncio.fixture
async def port(fcm: FcmServer, credentials: Path) -> AsyncIterator[Firebase]:
    firebase = Firebase(credentials, timeout_s=5.0, fcm_url=fcm.url)
    async with asyncio.timeout(30):
        yield firebase
    await firebase.close()


class MakeDevice(Protocol):
    """Stores an account with a device, and returns the device."""

    def __call__(
        self,
        role: Role = ...,
        *,
        holder_id: UUID | None = ...,
        satuan_id: UUID | None = ...,
        satuan_path: str = ...,
        platform: Platform = ...,
    ) -> Awaitable[Device]: ...


@pytest.fixture
def make_device(database: Database) -> MakeDevice:
    async def make(
        role: Role = Role.PERSONIL,
        *,
        holder_id: UUID | None = None,
        satuan_id: UUID | None = None,
        satuan_path: str = "JATIM/BJN/DANDER/",
        platform: Platform = Platform.ANDROID,
    ) -> Device:
        account = NewAccount(
            id=new_id(),
            role=role,
            name="Budi",
            holder_id=holder_id,
            satuan_id=satuan_id,
            satuan_path=satuan_path,
        )
        id_ = new_id()
        device = Device(id_, account.id, platform, AddressType.FCM_TOKEN, f"phone-{id_}")
        async with database.transaction() as session:
            await identity.make_account(session, account, utc_now())
            await queries.put(session, device, utc_now())
        return device

    return make


SignIn = Callable[[], Awaitable[tuple[UUID, str]]]


@pytest.fixture
def sign_in(database: Database) -> SignIn:
    """Makes an account and signs it in: (account, token)."""

    async def make() -> tuple[UUID, str]:
        account = NewAccount(id=new_id(), role=Role.PERSONIL, name="Siti", holder_id=new_id())
        async with database.transaction() as session:
            await identity.make_account(session, account, utc_now())
            token = await identity.issue(session, account.id, "session", "phone", utc_now())
        return account.id, token

    return make
