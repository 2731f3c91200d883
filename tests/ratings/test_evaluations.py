"""Rating each other on a real database: once, hidden, shown together, answered, and then counted."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from market.accounts.queries import organisation
from market.cli.audit import audit_market
from market.demo.ratings import rate, rate_both
from market.kernel.db import execute, fetch, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.oversight.rules import Scope
from market.register.queries import history_of
from market.web.viewer import ANONYMOUS, Viewer
from projects.rules import Stage
from ratings.credit.owner_routes import standing_of
from ratings.credit.queries import agency_account
from ratings.evaluations import actions, queries
from ratings.evaluations.panels import to_rate, to_reply
from ratings.evaluations.queries import RatingView
from tests.contracts.award import Award, acts_of


async def shown_to(award: Award, viewer: Viewer) -> list[str]:
    project = await award.project()
    side = queries.side_of(viewer, project) or await queries.supervising_side(viewer, project)
    found = queries.visible(await queries.ratings_of_project(project.id), side)
    return [rating.side for rating in found]


async def rating_of(award: Award, side: str) -> RatingView:
    project = await award.project()
    return (await queries.ratings_of_project(project.id))[side]


async def score_of(award: Award) -> int:
    account = await agency_account(award.winner.organisation_code, award.world.now)
    return account.score.points


async def test_acceptance_opens_the_time_to_rate_for_both_sides(accepted: Award) -> None:
    world, project = accepted.world, await accepted.project()
    window = await queries.window_of(project.id)
    assert window is not None
    assert window.due_at == world.calendar.add_working_days(world.now, 10)
    for viewer in (accepted.owner, accepted.winner):
        assert [one.link for one in await to_rate(viewer, world.now)] == [f"{project.url}/rating"]
        told = await fetch_value(
            "SELECT count(*) FROM inbox_message WHERE organisation_id = $1 AND cause LIKE 'rating-open:%'",
            viewer.organisation_id,
        )
        assert told == 1
    assert await to_rate(accepted.losers[0], world.now) == []


async def test_nobody_can_rate_before_acceptance(award: Award) -> None:
    await award.run_past_notice()
    with pytest.raises(Refusal, match=r"rating\.not_open"):
        await rate(award.world, award.number, award.owner)


async def test_a_rating_stays_hidden_until_both_are_in(accepted: Award) -> None:
    assert await rate(accepted.world, accepted.number, accepted.owner) is False
    assert await shown_to(accepted, accepted.winner) == await shown_to(accepted, accepted.owner) == []
    given = [entry for entry in await history_of(accepted.number) if entry.kind == "rating.given"]
    assert [(entry.data, bool(entry.private_digest)) for entry in given] == [({"side": "owner"}, True)]
    assert await rate(accepted.world, accepted.number, accepted.winner, 4) is True
    project = await accepted.project()
    assert (project.stage, project.closed_at) == (Stage.CLOSED, accepted.world.now)
    assert await shown_to(accepted, accepted.winner) == ["owner", "agency"]


async def test_ratings_of_owners_are_shown_to_the_parties_and_those_who_supervise(accepted: Award) -> None:
    await rate_both(accepted.world, accepted.number, accepted.owner, accepted.winner)
    assert await shown_to(accepted, ANONYMOUS) == ["owner"]
    assert await shown_to(accepted, accepted.losers[0]) == ["owner"]
    for region, sides in (("3702", ["owner", "agency"]), ("11", ["owner"])):
        assert await shown_to(accepted, Viewer(organisation_kind="regulator", scopes=(Scope(region, ""),))) == sides
    revealed = {
        entry.data["side"]: entry for entry in await history_of(accepted.number) if entry.kind == "rating.revealed"
    }
    assert revealed["owner"].data["overall"] == 500
    assert "marks" not in revealed["agency"].data
    assert revealed["agency"].private_digest is not None


async def test_a_rating_is_given_once(accepted: Award) -> None:
    await rate(accepted.world, accepted.number, accepted.owner)
    with pytest.raises(Refusal, match=r"rating\.once"):
        await rate(accepted.world, accepted.number, accepted.owner, 1)
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute("UPDATE rating SET overall = 100")
    assert (await rating_of(accepted, "owner")).overall == 500


async def test_strangers_may_not_rate(accepted: Award) -> None:
    for viewer in (accepted.losers[0], ANONYMOUS):
        with pytest.raises(NotFound):
            await queries.access_rater(viewer, accepted.number)


async def test_the_same_rating_sent_many_times_at_once_counts_once(accepted: Award) -> None:
    """Eight connections: both sides press four times each."""
    acts = [rate(accepted.world, accepted.number, viewer) for viewer in (accepted.owner, accepted.winner) * 4]
    results = await asyncio.gather(*acts, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Refusal"] * 6 + ["bool"] * 2
    assert sorted(one for one in results if isinstance(one, bool)) == [False, True]
    assert await acts_of(accepted.number, "rating.given") == 2
    assert await acts_of(accepted.number, "rating.revealed") == 2
    assert await acts_of(accepted.number, "project.closed") == 1


async def test_the_last_rating_and_the_end_of_the_window_meet(accepted: Award) -> None:
    project = await accepted.project()
    window = await queries.window_of(project.id)
    assert window is not None
    await rate(accepted.world, accepted.number, accepted.owner)
    accepted.world.clock.set(window.due_at - timedelta(seconds=1))
    sweeps = [actions.reveal_next(window.due_at) for _ in range(3)]
    results = await asyncio.gather(
        rate(accepted.world, accepted.number, accepted.winner), *sweeps, return_exceptions=True
    )
    assert not [one for one in results if isinstance(one, BaseException) and not isinstance(one, Refusal)]
    in_time = not isinstance(results[0], BaseException)
    assert await acts_of(accepted.number, "rating.revealed") == (2 if in_time else 1)
    assert await acts_of(accepted.number, "project.closed") == 1


async def test_when_the_time_is_over_what_is_there_is_shown_and_nothing_is_invented(accepted: Award) -> None:
    project = await accepted.project()
    window = await queries.window_of(project.id)
    assert window is not None
    await rate(accepted.world, accepted.number, accepted.owner, 4)
    await accepted.world.run_until(window.due_at - timedelta(seconds=1))
    assert await shown_to(accepted, ANONYMOUS) == []
    await accepted.world.run_until(window.due_at)
    assert await shown_to(accepted, ANONYMOUS) == ["owner"]
    assert (await accepted.project()).stage is Stage.CLOSED
    with pytest.raises(Refusal, match=r"rating\.over"):
        await rate(accepted.world, accepted.number, accepted.winner)


async def test_a_window_without_ratings_closes_the_project_too(accepted: Award) -> None:
    window = await queries.window_of((await accepted.project()).id)
    assert window is not None
    await accepted.world.run_until(window.due_at)
    assert (await accepted.project()).stage is Stage.CLOSED
    assert await acts_of(accepted.number, "rating.revealed") == 0
    await accepted.world.settle()
    owner = await standing_of(await organisation(accepted.owner.organisation_id), accepted.world.now)  # type: ignore[arg-type]
    assert (owner.unrated, owner.counting, owner.paused_until) == (1, 0, None)
    assert await queries.completeness_of(owner.organisation.id, window.opened_at) == (0, 1)
    assert await audit_market() == []


async def test_five_stars_add_a_point_at_once(accepted: Award) -> None:
    await rate_both(accepted.world, accepted.number, accepted.owner, accepted.winner, 5)
    await accepted.world.settle()
    assert await score_of(accepted) == 10_100


async def test_four_stars_move_nothing(accepted: Award) -> None:
    await rate_both(accepted.world, accepted.number, accepted.owner, accepted.winner, 4)
    await accepted.world.settle()
    assert await score_of(accepted) == 10_000


async def test_a_low_rating_counts_only_after_the_right_of_reply(accepted: Award) -> None:
    world = accepted.world
    await rate_both(world, accepted.number, accepted.owner, accepted.winner, 2)
    await world.settle()
    rating = await rating_of(accepted, "owner")
    assert rating.reply_due_at == world.calendar.add_working_days(world.now, 5)
    assert [one.link for one in await to_reply(accepted.winner, world.now)] == [f"/ratings/{rating.id}/reply"]
    await actions.reply(rating, "附图已于次日补齐，电话记录可查。", acting=accepted.winner, now=world.now)
    assert await to_reply(accepted.winner, world.now) == []
    await world.run_until(rating.reply_due_at - timedelta(seconds=1))
    assert await score_of(accepted) == 10_000
    await world.run_until(rating.reply_due_at)
    assert await score_of(accepted) == 9_700
    assert (await rating_of(accepted, "owner")).reply.startswith("附图")
    await world.settle()
    assert await score_of(accepted) == 9_700


async def test_one_low_mark_opens_the_right_of_reply_but_costs_nothing_by_itself(accepted: Award) -> None:
    world, project = accepted.world, await accepted.project()
    marks = {"quality": 5, "timeliness": 2, "attitude": 5, "charge": 5, "conduct": 5}
    command = actions.GiveRating(marks, "成果晚了两天才提交。")
    await actions.give_rating(project, "owner", command, acting=accepted.owner, calendar=world.calendar, now=world.now)
    await rate(world, accepted.number, accepted.winner)
    rating = await rating_of(accepted, "owner")
    assert rating.reply_due_at is not None
    await world.run_until(rating.reply_due_at)
    assert await score_of(accepted) == 10_000


async def test_replies_are_for_the_rated_side_once_and_in_time(accepted: Award) -> None:
    world = accepted.world
    await rate_both(world, accepted.number, accepted.owner, accepted.winner, 1)
    rating = await rating_of(accepted, "owner")
    for viewer in (accepted.owner, accepted.losers[0], ANONYMOUS):
        with pytest.raises(NotFound):
            await queries.access_rated(viewer, rating.id)
    late: dict[str, Any] = {"acting": accepted.winner, "now": rating.reply_due_at}
    with pytest.raises(Refusal, match=r"rating\.reply_over"):
        await actions.reply(rating, "我们不同意这一评价。", **late)
    await actions.reply(rating, "我们不同意这一评价。", acting=accepted.winner, now=world.now)
    with pytest.raises(Refusal, match=r"rating\.replied"):
        await actions.reply(rating, "再说一遍：不同意。", acting=accepted.winner, now=world.now)
    assert await acts_of(accepted.number, "rating.replied") == 1


async def test_parallel_sweeps_count_a_low_rating_once(accepted: Award) -> None:
    await rate_both(accepted.world, accepted.number, accepted.owner, accepted.winner, 1)
    rating = await rating_of(accepted, "owner")
    assert rating.reply_due_at is not None
    await asyncio.gather(*(actions.settle_next_low(rating.reply_due_at) for _ in range(6)))
    assert await fetch("SELECT kind, points FROM credit_event WHERE kind = 'low_rating'") == [
        {"kind": "low_rating", "points": -300}
    ]


async def test_ratings_between_affiliated_parties_are_shown_but_never_counted(accepted: Award) -> None:
    """They became affiliated after the draw: the same legal representative now."""
    async with transaction():
        await execute(
            "UPDATE organisation SET legal_representative = (SELECT legal_representative FROM organisation WHERE id = $1)"
            " WHERE id = $2", accepted.winner.organisation_id, accepted.owner.organisation_id,
        )  # fmt: skip
    await rate_both(accepted.world, accepted.number, accepted.owner, accepted.winner, 5)
    await accepted.world.settle()
    assert (await rating_of(accepted, "owner")).affiliated
    assert await shown_to(accepted, ANONYMOUS) == ["owner"]
    assert await score_of(accepted) == 10_000
    assert accepted.winner.organisation_id is not None
    summary = await queries.agency_summary(accepted.winner.organisation_id, accepted.world.rulebook)
    assert (summary.count, summary.weighted) == (0, 300)


async def test_the_window_is_opened_once_however_often_its_job_runs(accepted: Award) -> None:
    [entry] = [one for one in await history_of(accepted.number) if one.kind == "delivery.accepted"]
    again = await actions.open_window(entry, calendar=accepted.world.calendar, now=accepted.world.now)
    assert again is False
    row = await fetch_one("SELECT count(*) AS windows FROM rating_window")
    assert row == {"windows": 1}
