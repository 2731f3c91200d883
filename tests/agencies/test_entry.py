"""The way in: application, review rounds, notice, admission, lapse, refusal, exit."""

from __future__ import annotations

from agencies.queries import facts_of
from market.demo import agencies as cast


async def test_an_agency_enters(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    [facts] = await facts_of(None)
    assert facts.id == agent.id
    assert facts.stage == "admitted"
    assert len(facts.qualifications) == 1
    assert len(facts.practitioners) == 2
