"""Keys: where they are read from, what is said when they are lost, and how they are renewed."""

import asyncio
import base64
import stat
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.identity import factor_queries
from cas_server.identity import queries as identity
from cas_server.identity.verification import Newcomer
from cas_server.kit.ids import new_id
from cas_server.registry import service as registry
from cas_server.settings import Settings
from cas_server.vault import key_file, rotation
from cas_server.vault.key_file import BadKey, KeyFileExists, NoKey
from cas_server.vault.sealing import new_key_key
from cas_server.vault.service import KeyLost, attach, ring_of, vault_of
from tests.factories import make_instansi, make_masyarakat, make_regency, make_staff


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "keys"


def test_a_made_key_is_its_owners_alone_and_never_replaces_another(file: Path) -> None:
    kek = key_file.make(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.id for each in key_file.load(Settings(key_file=file))] == [kek.id]
    with pytest.raises(KeyFileExists, match=str(file)):
        key_file.make(file)


def test_without_any_key_it_is_said_where_to_put_it_and_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CAS_KEY_FILE")

    with pytest.raises(NoKey, match="stay unreadable") as said:
        key_file.load(Settings(state_dir=tmp_path))

    assert str(tmp_path / "keys") in str(said.value)
    assert "CAS_KEY_FILE" in str(said.value)


@pytest.mark.parametrize("content", ["", "# nothing\n", "c2hvcnQ=\n", "not base64 at all!\n"])
def test_a_file_without_a_right_key_is_named_but_never_quoted(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)

    with pytest.raises(BadKey, match=str(file)) as said:
        key_file.load(Settings(key_file=file))

    assert "c2hvcnQ" not in str(said.value)


def test_a_key_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(BadKey, match=f"CAS_KEY_FILE={file} does not exist"):
        key_file.load(Settings(key_file=file))


def test_keys_may_stand_in_the_environment_newest_first() -> None:
    keks = [new_key_key(), new_key_key()]
    words = " ".join(base64.b64encode(kek.secret).decode() for kek in keks)

    found = key_file.load(Settings(key=SecretStr(words)))

    assert found == keks


async def test_a_database_whose_key_is_lost_says_which_one(database: Database, file: Path) -> None:
    async with database.transaction() as session:
        await make_masyarakat(session)
    key_file.make(file)
    stranger = attach(database, Settings(key_file=file))
    try:
        with pytest.raises(KeyLost, match=str(file)) as said:
            await vault_of(stranger).refresh()
    finally:
        attach(database, Settings())

    [kek] = key_file.load(Settings())
    assert kek.id in str(said.value)
    assert "stay unreadable" in str(said.value)


async def test_rotation_seals_everything_anew_and_everybody_is_still_found(
    database: Database,
) -> None:
    async with database.transaction() as session:
        regency = await make_regency(session)
        who = [await make_masyarakat(session) for _ in range(3)]
        await make_instansi(session, regency.centre)
        named = [await identity.identity(session, each.account_id) for each in who]
        before = (await ring_of(session)).newest
    told: list[tuple[str, int, int]] = []

    await rotation.renew(database, Settings())
    count = await rotation.reseal(database, lambda *line: told.append(line))
    again = await rotation.reseal(database, lambda *line: told.append(line))

    async with database.transaction() as session:
        assert (await ring_of(session)).newest != before
        assert [await identity.identity(session, each.account_id) for each in who] == named
        for each, name in zip(who, named, strict=True):
            assert name is not None
            assert name.phone is not None
            found = await identity.by_phone(session, name.phone)
            assert found is not None
            assert found.account_id == each.account_id
    # Name and number, at the account and in the registry.
    assert (count, again) == (4 * len(who), 0)
    assert ("account.phone", 3, 3) in told
    states = await rotation.status(database, Settings())
    assert [(each.retired, each.sealed) for each in states if each.purpose == "seal"][-2:] == [
        (True, 0), (False, 4 * len(who)),
    ]  # fmt: skip


async def test_an_interrupted_rotation_goes_on_where_it_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as session:
        who = [await make_masyarakat(session) for _ in range(5)]
    monkeypatch.setattr(rotation, "BATCH", 2)

    def interrupt(column: str, done: int, _: int) -> None:
        if (column, done) == ("account.phone", 2):
            raise KeyboardInterrupt

    await rotation.renew(database, Settings())
    with pytest.raises(KeyboardInterrupt):
        await rotation.reseal(database, interrupt)
    async with database.transaction() as session:
        half = [await identity.identity(session, each.account_id) for each in who]
    left = await rotation.reseal(database, lambda *_: None)

    assert all(half)
    assert left == 4 * len(who) - len(who) - 2


async def test_another_process_reads_what_was_sealed_with_a_key_it_has_not_seen(
    database: Database, dsn: str
) -> None:
    other = attach(Database(create_pool(dsn, 2), Bell(dsn)), Settings())
    await vault_of(other).ring()
    await rotation.renew(database, Settings())
    await vault_of(database).refresh()
    async with database.transaction() as session:
        warga = await make_masyarakat(session)

    async with other.transaction() as session:
        found = await identity.account(session, warga.account_id)
    await other.close()

    assert found.name.startswith("Warga")


async def test_a_new_key_key_wraps_every_data_key_and_the_old_one_may_go(
    database: Database, file: Path, own_key_file: Path
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
    settings = Settings(key_file=copy_of(own_key_file, file))
    [old] = key_file.load(settings)
    new = key_file.add(settings)

    count = await rotation.rewrap(database, settings)

    states = await rotation.status(database, settings)
    assert [kek.id for kek in key_file.load(settings)] == [new.id, old.id]
    assert count == len(states)
    assert {each.kek_id for each in states} == {new.id}
    attach(database, Settings(key_file=without(file, old.id)))
    async with database.transaction() as session:
        assert (await identity.account(session, warga.account_id)).name.startswith("Warga")
    # As it was, for the other tests on this database.
    back = Settings(key=SecretStr(own_key_file.read_text() + file.read_text()))  # noqa: ASYNC240 - small
    await rotation.rewrap(database, back)
    assert await vault_of(attach(database, Settings())).refresh()


def copy_of(old: Path, new: Path) -> Path:
    new.parent.mkdir()
    new.write_text(old.read_text())
    return new


def without(file: Path, key_id: str) -> Path:
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if key_id not in line))
    return file


def test_a_renewed_key_file_is_still_its_owners_alone(file: Path) -> None:
    key_file.make(file)

    key_file.add(Settings(key_file=file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_number_is_one_persons(database: Database) -> None:
    async with database.transaction() as session:
        await registry.register_masyarakat(session, Newcomer(new_id(), "Ani", "+6281234567890"))
        with pytest.raises(Exception, match="uq_masyarakat_phone_hash"):
            await registry.register_masyarakat(
                session, Newcomer(new_id(), "Budi", "+6281234567890")
            )
        session.discard()


async def test_secrets_of_authenticator_apps_are_sealed_and_renewed_with_the_rest(
    database: Database,
) -> None:
    first, second = b"twenty bytes of luck", b"twenty bytes of rain"
    async with database.transaction() as session:
        staff = await make_staff(session, (await make_regency(session)).kota)
        await factor_queries.offer_totp(session, staff.account_id, first)
        pending = await factor_queries.pending_totp(session, staff.account_id)
        assert pending is not None
        assert await factor_queries.confirm_totp(session, staff.account_id, pending, 1)
        await factor_queries.offer_totp(session, staff.account_id, second)

    await rotation.renew(database, Settings())
    count = await rotation.reseal(database, lambda *_: None)

    async with database.transaction() as session:
        kept = await factor_queries.totp_secret(session, staff.account_id)
        offered = await factor_queries.pending_totp(session, staff.account_id)
        rows = await session.sql.fetch("SELECT totp::text FROM totp")
    assert (count, kept) == (2, first)
    assert offered is not None
    assert offered.secret == second
    assert not [row for row in rows if first.hex() in row[0] or second.hex() in row[0]]


async def test_a_herd_of_sessions_that_all_need_the_keys_first_gets_them_at_once(
    database: Database, dsn: str
) -> None:
    """They hold every connection there is to lend; the keys are read beside them."""
    cold = attach(Database(create_pool(dsn, 4), Bell(dsn)), Settings())
    everybody_holds_one = asyncio.Barrier(3)

    async def one(holds: asyncio.Barrier | None) -> UUID:
        async with cold.transaction() as session:
            if holds:
                await holds.wait()
            return (await ring_of(session)).newest

    herd = [one(everybody_holds_one if turn < 3 else None) for turn in range(12)]
    keys = await asyncio.gather(*herd)

    assert set(keys) == {(await vault_of(database).ring()).newest}
    await cold.close()


async def test_with_a_new_lookup_key_everybody_is_still_found_also_by_another_process(
    database: Database, dsn: str
) -> None:
    other = attach(Database(create_pool(dsn, 3), Bell(dsn)), Settings())
    async with database.transaction() as session:
        who = [await make_masyarakat(session) for _ in range(3)]
        named = [await identity.identity(session, each.account_id) for each in who]
        before = await identity.phone_hash(session, "+6281200000001")
    async with other.transaction() as session:
        assert await identity.phone_hash(session, "+6281200000001") == before

    count = await rotation.renew_lookup(database, Settings(), lambda *_: None)

    # At the account and in the registry.
    assert count == 2 * len(who)
    for each, name in zip(who, named, strict=True):
        assert name is not None
        assert name.phone is not None
        for process in (database, other):
            async with process.transaction() as session:
                assert await identity.phone_hash(session, "+6281200000001") != before
                found = await identity.by_phone(session, name.phone)
            assert found is not None
            assert found.account_id == each.account_id
    await other.close()


async def test_whoever_looks_for_a_number_while_the_lookup_key_is_replaced_waits_for_the_new_one(
    database: Database,
) -> None:
    async with database.transaction() as session:
        who = await make_masyarakat(session)
        named = await identity.identity(session, who.account_id)
    assert named is not None
    assert named.phone is not None
    looking = asyncio.Event()

    async def look(phone: str) -> object:
        async with database.transaction() as session:
            looking.set()
            return await identity.by_phone(session, phone)

    searches: list[asyncio.Task[object]] = []

    def in_between(*_: object) -> None:
        if not searches:
            searches.append(asyncio.create_task(look(str(named.phone))))

    await rotation.renew_lookup(database, Settings(), in_between)

    assert searches
    assert await searches[0] is not None


async def test_a_new_lookup_key_that_was_interrupted_changed_nothing(database: Database) -> None:
    async with database.transaction() as session:
        await make_masyarakat(session)
        before = await identity.phone_hash(session, "+6281200000001")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.renew_lookup(database, Settings(), interrupt)

    async with database.transaction() as session:
        assert await identity.phone_hash(session, "+6281200000001") == before
