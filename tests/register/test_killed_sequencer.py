"""A sequencer that dies between any two statements, or between a statement and its answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from market.kernel import db
from market.kernel.clock import FixedClock
from market.register.keys import KeyFolder
from market.register.sequencing import lock_log, sequence
from tests.register.cutting import Moment, Wire, wire_to
from tests.register.reading import check_log
from tests.register.test_sequencing import INSERT

DIED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


@pytest.fixture
async def wire(dsn: str) -> AsyncIterator[Wire]:
    async with wire_to(dsn) as made:
        await db.connect(made.dsn, pool_size=2)
        yield made
        await db.disconnect()


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_nothing_is_lost_or_doubled_wherever_it_dies(
    wire: Wire, folder: KeyFolder, clock: FixedClock, moment: Moment
) -> None:
    message = 0
    while True:
        message += 1
        for _ in range(3):
            await db.execute(INSERT)
        cuts = wire.cuts
        wire.cut_at(message, moment)
        try:
            await sequence(now=clock.now(), batch=2)
        except DIED:
            assert wire.cuts == cuts + 1
        wire.mend()
        async with db.transaction():
            await lock_log()  # the server may still be finishing what the dead one asked for
        # What is left behind is a log as of some moment: whole, signed, and everything else still waits.
        await check_log()
        if wire.cuts == cuts:
            break
    await sequence(now=clock.now())
    assert await check_log() == await db.fetch_value("SELECT count(*) FROM register_entry")
    assert message > 20, "the wire was cut at many places"
