"""The bench of red flags looks at every project and at every result around a new one; how fast is a matter of the machine."""

from __future__ import annotations

from market.cli.bench.flags import BEGINNING, all_screens, fill, one_result, plain_scan
from market.demo.world import World
from market.kernel.clock import wall_now
from market.kernel.db import fetch_value
from ratings.flags.actions import count_all
from ratings.flags.queries.patterns import sketches, subjects_of
from ratings.periods import add_months


async def test_every_project_is_looked_at(world: World) -> None:
    now = wall_now()
    world.clock.set(now)
    await fill(world.running.dsn, projects=400, chain=world.beacon.chain.hash)
    seen: list[int] = []
    assert await all_screens(400, world.calendar, now, seen.append)() > 0
    assert sum(seen) == await count_all(BEGINNING, now=now) > 400
    assert await plain_scan(400)() > 0
    looked, read = await one_result(world.calendar, now)
    assert looked > read > 0
    number = await fetch_value("SELECT number FROM project WHERE drawn_at IS NOT NULL ORDER BY drawn_at DESC LIMIT 1")
    subjects, since = await subjects_of(number), add_months(now, -12)
    some = [one.number async for batch in sketches(since, now, subjects) for one in batch]
    everything = [one async for batch in sketches(since, now) for one in batch]
    concerned = [
        one.number for one in everything if not subjects.isdisjoint({one.owner_code, *(firm.code for firm in one.pool)})
    ]
    assert number in some
    assert some == concerned
    assert 0 < len(some) < len(everything)
    assert {len(one.bids) > 1 for one in everything} == {True, False}
