"""The regulator of the field and the operator rate the agency beside its owner."""

from __future__ import annotations

import pytest

from market.cli.audit import audit_market
from market.demo.agencies import operator_of
from market.demo.ratings import rate, rate_both
from market.kernel.errors import NotFound, Refusal
from ratings.evaluations import queries
from tests.contracts.award import Award
from tests.ratings.people import open_regulator


async def test_their_ratings_count_together_with_the_owners(accepted: Award) -> None:
    world = accepted.world
    regulator, operator = await open_regulator(world, 1, "3702"), await operator_of(world)
    assert not await rate(world, accepted.number, regulator, 2, "报告引用的标准已经废止。")
    project = await accepted.project()
    assert queries.visible(await queries.ratings_of_project(project.id), "regulator") == []
    await rate_both(world, accepted.number, accepted.owner, accepted.winner, 4)
    # The parties' ratings are shown; the operator still has its time and its rating is shown at once.
    assert await rate(world, accepted.number, operator, 5)
    ratings = await queries.ratings_of_project(project.id)
    assert [one.side for one in queries.visible(ratings, None)] == ["owner", "regulator", "operator"]
    assert queries.together(ratings, world.rulebook) == 360  # (5 x 4.00 + 3 x 2.00 + 2 x 5.00) / 10
    assert accepted.winner.organisation_id is not None
    summary = await queries.agency_summary(accepted.winner.organisation_id, world.rulebook)
    assert (summary.count, summary.mean) == (1, 360)
    assert ratings["regulator"].reply_due_at is not None
    assert await audit_market() == []


async def test_each_of_them_rates_once_in_time_and_in_its_field(accepted: Award) -> None:
    world = accepted.world
    regulator, other = await open_regulator(world, 1, "3702"), await open_regulator(world, 2, "37")
    far = await open_regulator(world, 3, "4401")
    with pytest.raises(NotFound):
        await queries.access_rater(far, accepted.number)
    assert [row["number"] for row in await queries.open_to(regulator, world.now)] == [accepted.number]
    assert await queries.open_to(far, world.now) == []
    await rate(world, accepted.number, regulator, 4)
    assert await queries.open_to(other, world.now) == []
    with pytest.raises(Refusal, match=r"rating\.once"):
        await rate(world, accepted.number, other, 4)
    window = await queries.window_of((await accepted.project()).id)
    assert window is not None
    await world.run_until(window.due_at)
    with pytest.raises(Refusal, match=r"rating\.over"):
        await rate(world, accepted.number, await operator_of(world), 4)
