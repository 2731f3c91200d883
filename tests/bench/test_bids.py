"""The bench of bids sends real forms over HTTP and looks for every receipt afterwards; how fast is a matter of the machine."""

from __future__ import annotations

from datetime import timedelta

from litestar import Litestar

from market.beacon.rules import commit_round
from market.cli.bench.bids import Bare, Office, bidders, open_tenders, served
from market.cli.bench.market import populate
from market.demo.world import World
from market.kernel.clock import wall_now
from market.kernel.db import fetch_value


async def test_every_bid_that_is_counted_is_there(world: World, site: Litestar) -> None:
    world.clock.set(wall_now())
    chain = world.beacon.chain
    await populate(world.running.dsn, projects=100, chain=chain.hash)
    number = commit_round(chain, wall_now() + timedelta(hours=2))
    tenders = await open_tenders(3, number)
    crowd = await bidders(40, chain, number)
    async with served(site) as port:
        office = Office(world.running, port, crowd, tenders[:2])
        with office.senders:
            assert await office.rate() > 0
            assert await office.rate() > 0
    assert await Bare(world.running.dsn, chain.hash, number, crowd, tenders[2:]).rate() > 0
    assert await fetch_value("SELECT count(*) FROM sealed_bid WHERE ended IS NULL") == 120
    assert await fetch_value("SELECT count(*) FROM register_private") >= 120
    assert 0 < office.slowest[-1] < 60_000
