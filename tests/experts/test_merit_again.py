"""Merit selections that come off their path: lost jobs, panels nobody waits for any more, further rounds."""

from __future__ import annotations

from datetime import timedelta

from market.cli.audit import audit_market
from market.demo import complaints
from market.demo import experts as cast
from market.demo.bids import submit_bid
from market.demo.selection import object_to, uphold
from market.kernel.db import execute, fetch_value
from projects.complaints.rules import Remedy
from projects.experts import actions
from projects.experts.panel import End
from projects.experts.queries.seats import seats_of
from projects.queries import project_by_number
from projects.rules import Stage
from tests.experts.conftest import Court
from tests.experts.test_whole_selection import decided, opened
from tests.ratings.people import open_regulator


async def lose_jobs(task: str) -> None:
    await execute("DELETE FROM procrastinate_jobs WHERE task_name = $1", task)


async def test_a_decision_that_was_lost_after_the_last_signature_is_found_again(court: Court) -> None:
    project = await opened(court)
    await cast.score(court.world, project)
    await lose_jobs(actions.DECIDE_JOB)
    await court.world.settle()
    assert (await project_by_number(project.number)).stage is Stage.EVALUATION
    await court.world.run_until(court.world.now + timedelta(minutes=11))
    assert (await project_by_number(project.number)).stage is Stage.RESULT_NOTICE


async def test_the_end_of_a_panel_that_was_lost_is_found_again(court: Court) -> None:
    project = await opened(court)
    for _ in range(4):
        member = (await cast.seats(project))[0]
        await actions.step_down(member.id, member.organisation_id, End.CONFLICT, "亲属任职", now=court.world.now)
    await lose_jobs(actions.NO_PANEL_JOB)
    await court.world.run_until(court.world.now + timedelta(minutes=11))
    assert (await project_by_number(project.number)).stage is Stage.FAILED


async def test_a_further_round_without_experts_ends_the_selection(court: Court) -> None:
    """The result fell, and nobody can score again: no contract may follow from what was annulled."""
    project = await decided(court)
    for person in court.experts[:4]:
        await actions.leave(person.code, "退休", by="market", own_wish=True, now=court.world.now)
    assert project.winner_id is not None
    loser = next(agent for agent in court.agents if agent.id != project.winner_id)
    await uphold(court.world, await object_to(court.world, loser.viewer, project), exclude=project.winner_id)
    failed = await project_by_number(project.number)
    assert (failed.stage, failed.winner_id, failed.price_fen) == (Stage.FAILED, None, None)
    assert await fetch_value("SELECT count(*) FROM selection_round WHERE annulled_at IS NULL") == 0
    assert await audit_market() == []


async def test_experts_see_the_proposal_of_the_bid_that_counts(court: Court) -> None:
    """Sign-up was opened again: bids and proposals are new ones."""
    world, project = court.world, await decided(court)
    loser = next(agent for agent in court.agents if agent.id != project.winner_id)
    await uphold(world, await object_to(world, loser.viewer, project))
    project = await project_by_number(project.number)
    for agent in court.agents:
        await submit_bid(world, agent, project, 12_000_000)
    await world.run_past(project.sign_up_closes_at)
    assert (await project_by_number(project.number)).stage is Stage.EVALUATION
    stale = await fetch_value(
        "SELECT count(*) FROM sealed_bid b WHERE b.project_id = $1 AND b.beacon_round = (SELECT max(beacon_round) FROM sealed_bid)"
        " AND NOT EXISTS (SELECT 1 FROM opened_proposal p WHERE p.project_id = b.project_id AND p.file_id = b.proposal_file_id)",
        project.id,
    )
    assert stale == 0


async def test_nobody_is_asked_to_score_for_a_selection_that_was_annulled(court: Court) -> None:
    """A complaint ends the selection while its second panel scores."""
    world, project = court.world, await decided(court)
    loser = next(agent for agent in court.agents if agent.id != project.winner_id)
    objection = await object_to(world, loser.viewer, project)
    await uphold(world, objection, exclude=project.winner_id)
    await world.run_until(world.now + timedelta(minutes=1))
    assert (await project_by_number(project.number)).stage is Stage.EVALUATION
    regulator = await open_regulator(world, 1, "3702")
    complaint = await complaints.complain(world, objection, loser.viewer)
    complaint = await complaints.accept(world, complaint, regulator)
    await complaints.uphold(world, complaint, regulator, Remedy.ANNUL)
    asked = await fetch_value("SELECT count(*) FROM panel_member")
    await world.run_until(world.now + timedelta(days=30))
    assert (await project_by_number(project.number)).stage is Stage.FAILED
    assert await fetch_value("SELECT count(*) FROM panel_member") == asked
    for person in court.experts:
        assert not any(seat.waits for seat in await seats_of(person.organisation_id))
    assert await audit_market() == []
