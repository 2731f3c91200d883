"""What the demonstration shows is true: its register tells of every table, and its screens find what was constructed."""

from __future__ import annotations

from market.cli.audit import audit_market
from market.demo import schemes
from market.demo.flag_report import report
from market.demo.world import World
from ratings.flags.screens import SCREENS


async def test_nothing_is_altered_missing_or_extra(city: World) -> None:
    assert await audit_market() == []


async def test_screens_fire_on_schemes_and_stay_silent_on_honest_work(city: World) -> None:
    lines = await report()
    assert {line.screen: (line.found, line.alarms) for line in lines} == {line.screen: (line.made, 0) for line in lines}
    assert {line.screen for line in lines if line.made} == set(schemes.MADE_FOR) == set(SCREENS)
    assert all(line.honest > 50 for line in lines)
