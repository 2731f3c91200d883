"""The sequencer on a real PostgreSQL: batches, races, late committers, keys that are not there."""

from __future__ import annotations

import asyncio
import hashlib
import logging

import asyncpg
import pytest

from market.kernel.clock import FixedClock
from market.kernel.db import connection, execute, fetch, fetch_value, transaction
from market.kernel.sweep import sweep_all
from market.register import jobs
from market.register.canonical import canonical
from market.register.keys import KeyFileUnsafe, KeyFolder, KeyMissing, put_in_force
from market.register.log import checkpoint, consistency, edge_at, inclusion, keys, leaf_of, waiting
from market.register.merkle import check_consistency, check_inclusion, leaf_hash
from market.register.queries import entry
from market.register.sequencing import LOCK, LogBroken, sequence
from tests.register.conftest import Act
from tests.register.reading import check_log, leaves

INSERT = (
    "INSERT INTO register_entry (id, at, kind, subject, by, data) VALUES (gen_random_uuid(), now(), 'project.withdrawn',"
    " 'MX-2026-000002', 'market', '{}')"
)


async def test_acts_become_leaves_in_their_order(act: Act, clock: FixedClock) -> None:
    first, second = await act("one"), await act("two")
    assert await leaf_of(first) is None
    before = await waiting()
    assert await sequence(now=clock.now()) == before.count
    assert await leaf_of(second) == (await leaf_of(first) or 0) + 1
    assert (await waiting()).count == 0
    assert await sequence(now=clock.now()) == 0
    assert await check_log() == before.count


async def test_batches_sign_one_checkpoint_each(act: Act, clock: FixedClock) -> None:
    for number in range(7):
        await act(str(number))
    total = (await waiting()).count
    assert await sequence(now=clock.now(), batch=3) == total
    assert await fetch_value("SELECT count(*) FROM register_checkpoint") == -(-total // 3)
    assert await check_log() == total


async def test_proofs_from_the_stored_hashes(act: Act, clock: FixedClock) -> None:
    """More than two tiles, so that hashes of the second level take part."""
    await execute(
        "INSERT INTO register_entry (id, at, kind, subject, by, data) SELECT gen_random_uuid(), now(), 'project.withdrawn',"
        " 'MX-2026-000002', 'market', jsonb_build_object('n', n) FROM generate_series(1, 600) AS n"
    )
    await sequence(now=clock.now(), batch=250)
    held, size = await leaves(), await check_log()
    newest = await checkpoint()
    assert newest is not None
    for index in (0, 1, 255, 256, 511, 512, size - 1):
        check_inclusion(leaf_hash(held[index]), index, size, await inclusion(index, size), newest.root)
    for row in await fetch("SELECT size, root FROM register_checkpoint"):
        check_consistency(row["size"], row["root"], size, newest.root, await consistency(row["size"], size))
    assert (await edge_at(size)).root == newest.root


async def test_a_late_committer_is_not_passed_over(act: Act, dsn: str, clock: FixedClock) -> None:
    """Its act began, and got its number, before others that are in the log when it commits."""
    late = await asyncpg.connect(dsn)
    try:
        open_act = late.transaction()
        await open_act.start()
        late_id = await late.fetchval(f"{INSERT} RETURNING id")
        early_id = await act("committed at once")
        await sequence(now=clock.now())
        assert await leaf_of(late_id) is None
        assert (await entry(early_id)).written > await late.fetchval(
            "SELECT written FROM register_entry WHERE id = $1", late_id
        )
        await open_act.commit()
    finally:
        await late.close()
    assert await sequence(now=clock.now()) == 1
    assert await leaf_of(late_id) == (await leaf_of(early_id) or 0) + 1
    await check_log()


async def test_acts_commit_while_the_log_grows(act: Act, dsn: str, clock: FixedClock) -> None:
    """Many writers with open transactions and three sequencers at once: nothing is missed, nothing is there twice."""

    async def write(number: int) -> None:
        link = await asyncpg.connect(dsn)
        async with link.transaction():
            await link.execute(INSERT)
            for _ in range(number % 5 * 10):
                await link.execute("SELECT 1")
        await link.close()

    async def extend() -> None:
        while (await waiting()).count or not all(task.done() for task in writers):
            await sequence(now=clock.now(), batch=3)

    await act("one before them")
    writers = [asyncio.create_task(write(number)) for number in range(30)]
    await asyncio.gather(extend(), extend(), extend(), *writers)
    await sequence(now=clock.now())
    assert (await waiting()).count == 0
    assert await check_log() == await fetch_value("SELECT count(*) FROM register_entry")


async def test_a_second_sequencer_finds_nothing_to_do(act: Act, dsn: str, clock: FixedClock) -> None:
    await act()
    other = await asyncpg.connect(dsn)
    try:
        async with other.transaction():
            await other.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            assert await sequence(now=clock.now()) == 0
    finally:
        await other.close()
    assert await sequence(now=clock.now()) > 0


async def test_the_tree_cannot_fork_even_without_the_lock(act: Act, clock: FixedClock) -> None:
    await act()
    await sequence(now=clock.now())
    newest = await checkpoint()
    assert newest is not None
    with pytest.raises(asyncpg.UniqueViolationError):
        await execute("INSERT INTO register_checkpoint VALUES ($1, $2, 'other', now())", newest.size, bytes(32))
    with pytest.raises(asyncpg.UniqueViolationError):
        await execute("INSERT INTO register_leaf SELECT 0, id, $1 FROM register_entry LIMIT 1", bytes(32))


@pytest.mark.parametrize(
    "table", ["register_leaf", "register_subtree", "register_checkpoint", "register_key", "register_cosignature"]
)
async def test_the_log_only_grows(act: Act, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await execute(statement)


async def test_a_broken_log_is_not_signed_over(act: Act, clock: FixedClock) -> None:
    await act()
    await sequence(now=clock.now())
    async with connection() as link:
        await link.execute("ALTER TABLE register_leaf DISABLE TRIGGER USER")
        await link.execute("UPDATE register_leaf SET leaf_hash = $1 WHERE leaf = 0", bytes(32))
    await act()
    with pytest.raises(LogBroken):
        await sequence(now=clock.now())
    assert (await waiting()).count == 1


async def test_without_its_key_nothing_is_signed_and_nothing_is_lost(
    act: Act, folder: KeyFolder, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    await act()
    await sequence(now=clock.now())
    key = (await keys())[-1].key
    file = folder.path / f"{key.id.hex()}.key"
    kept = file.read_bytes()
    file.unlink()
    await act("while the key is away")
    with pytest.raises(KeyMissing, match="backup"):
        await sequence(now=clock.now())
    with caplog.at_level(logging.ERROR, logger=jobs.log.name):
        assert [await jobs.sequence_waiting(clock) for _ in range(3)] == [0, 0, 0]
    assert len(caplog.records) == 1, "said once, not at every pass"
    assert (await keys())[-1].key == key, "no other key takes its place by itself"
    file.write_bytes(kept)
    with pytest.raises(KeyFileUnsafe):
        await sequence(now=clock.now())
    file.chmod(0o600)
    assert await sequence(now=clock.now()) == 1
    await check_log()


async def test_another_machine_without_the_key_does_not_make_its_own(
    act: Act, folder: KeyFolder, clock: FixedClock
) -> None:
    await act()
    await sequence(now=clock.now())
    put_in_force(KeyFolder(folder.path.with_name("elsewhere"), folder.origin))
    await act()
    with pytest.raises(KeyMissing):
        await sequence(now=clock.now())
    assert len(await keys()) == 1


async def test_an_act_that_is_rolled_back_never_waited(act: Act) -> None:
    before = await waiting()

    async def fail() -> None:
        async with transaction():
            await execute(INSERT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await waiting() == before


async def test_the_sweep_sequences(act: Act, clock: FixedClock) -> None:
    entry_id = await act()
    await sweep_all(clock)
    assert await leaf_of(entry_id) is not None


async def test_facts_that_no_bundle_could_hold_stand_by_their_digest(act: Act, clock: FixedClock) -> None:
    entry_id = await act("large", text="长" * 30_000)
    found = await entry(entry_id)
    assert len(found.canonical()) < 1000
    assert found.stands_by_digest
    assert hashlib.sha256(canonical(found.data)).hexdigest().encode() in found.canonical()
    await sequence(now=clock.now())
    await check_log()


async def test_an_entry_that_cannot_be_hashed_stops_the_signing_and_is_told(
    act: Act, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """It cannot come from `record`; whoever wrote it went around."""
    await execute(INSERT.replace("'{}'", "'{\"n\": 1e300}'"))
    await act()
    with caplog.at_level(logging.ERROR, logger=jobs.log.name):
        assert [await jobs.sequence_waiting(clock) for _ in range(2)] == [0, 0]
    assert len(caplog.records) == 1
    with pytest.raises(ValueError, match="too large"):
        await act(n=1e300)
