"""A merit selection from the notice to the result, as the market runs it by itself."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

from market.cli.audit import audit_here, audit_market
from market.demo import experts as cast
from market.demo.bids import submit_bid
from market.demo.selection import object_to, uphold
from market.kernel.db import execute, fetch_value, transaction
from market.register.audit import Finding
from projects.experts import actions
from projects.experts.panel import End
from projects.experts.queries.panels import panels_of_project
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers.selection_checks import verify
from tests.experts.conftest import Court

QUOTES = (12_000_000, 11_000_000, 13_000_000)


async def opened(court: Court, quotes: tuple[int, ...] = QUOTES) -> ProjectView:
    """Bids are in, sign-up is over, the round is out."""
    for agent, quoted in zip(court.agents, quotes, strict=False):
        await submit_bid(court.world, agent, court.project, quoted)
        court.world.clock.advance(minutes=1)
    await court.world.run_past(court.project.sign_up_closes_at)
    return await project_by_number(court.project.number)


async def dossier_of(project: ProjectView) -> bytes:
    data: bytes = await fetch_value(
        "SELECT dossier FROM selection_round WHERE project_id = $1 ORDER BY no DESC LIMIT 1", project.id
    )
    return data


async def test_from_the_notice_to_the_result(court: Court, client) -> None:
    world = court.world
    project = await opened(court)
    assert project.stage is Stage.EVALUATION
    waiting = (await client.get(project.url)).text
    assert "正在各自独立评分" in waiting
    assert not any(one.code in waiting for one in court.experts)
    member = (await cast.seats(project))[1]
    await actions.step_down(member.id, member.organisation_id, End.DECLINED, "出差", now=world.now)
    await cast.score(
        world, project, lambda place, agency, no: (95 if agency == court.agents[2].code else 70, "方案突出")
    )
    await world.settle()
    project = await project_by_number(project.number)
    assert project.stage is Stage.RESULT_NOTICE
    assert project.winner_code == court.agents[2].code
    assert project.price_fen == QUOTES[2]
    data = await dossier_of(project)
    report = verify(data)
    assert report.ok, report.failures
    published = json.loads(data)
    assert {one["expert"] for one in published["evidence"]["marks"]} <= {one.code for one in court.experts}
    assert [one["end"] for one in published["evidence"]["panel"]["members"]] == [None, "declined", None, None]
    page = (await client.get(project.url)).text
    panel = await cast.newest_panel(project)
    names = {one.code: one.viewer.organisation_name for one in court.experts}
    scored = {one["expert"] for one in published["evidence"]["marks"]}
    assert all(names[code] in page for code in scored)
    assert "方案突出" in page
    assert panel.drawn is not None
    assert await audit_market() == []


async def test_too_few_bids_ask_no_expert(court: Court) -> None:
    project = await opened(court, QUOTES[:2])
    assert project.stage is Stage.FAILED
    panels = await fetch_value("SELECT count(*) FROM expert_panel WHERE drawn_at IS NOT NULL")
    assert panels == 0


async def test_without_candidates_the_selection_fails_at_the_close(court: Court) -> None:
    for person in court.experts[:4]:
        await actions.leave(person.code, "退休", by="market", own_wish=True, now=court.world.now)
    project = await opened(court)
    assert project.stage is Stage.FAILED
    assert "panel" in project.failure_reason


async def test_when_nobody_can_score_the_selection_fails(court: Court) -> None:
    project = await opened(court)
    for _ in range(4):
        member = (await cast.seats(project))[0]
        await actions.step_down(member.id, member.organisation_id, End.CONFLICT, "亲属任职", now=court.world.now)
    await court.world.settle()
    failed = await project_by_number(project.number)
    assert failed.stage is Stage.FAILED
    assert await audit_market() == []


async def decided(court: Court) -> ProjectView:
    project = await opened(court)
    await actions.step_down(
        (await cast.seats(project))[0].id, (await cast.seats(project))[0].organisation_id, End.DECLINED, "出差", now=court.world.now
    )  # fmt: skip
    await cast.score(court.world, project)
    await court.world.settle()
    return await project_by_number(project.number)


async def test_the_audit_finds_what_was_bent(court: Court) -> None:
    await decided(court)
    await actions.leave(court.experts[5].code, "退休", by="market", own_wish=True, now=court.world.now)
    assert await audit_market() == []
    for table, sql in (
        ("expert_mark", "UPDATE expert_mark SET mark = 61 WHERE mark = (SELECT max(mark) FROM expert_mark)"),
        ("expert_mark", "UPDATE expert_mark SET reason = '另一个理由'"),
        ("expert_panel", "UPDATE expert_panel SET candidates = candidates[2:]"),
        ("expert_panel", "UPDATE expert_panel SET size = 5"),
        ("panel_member", "UPDATE panel_member SET ended = 'conflict' WHERE ended IS NOT NULL"),
        ("panel_member", "UPDATE panel_member SET end_reason = '另一个理由' WHERE ended IS NOT NULL"),
        (
            "panel_member",
            "UPDATE panel_member SET expert_id = (SELECT id FROM expert WHERE id NOT IN"
            " (SELECT expert_id FROM panel_member) ORDER BY code LIMIT 1) WHERE ended IS NOT NULL",
        ),
        ("expert_panel", "UPDATE expert_panel SET drawn = drawn[2:] || drawn[:1]"),
        ("expert", "UPDATE expert SET stage = 'admitted', exited_at = NULL WHERE stage = 'exited'"),
        ("expert", "UPDATE expert SET specialities = '{A}' WHERE code = 'EX-000001'"),
    ):
        assert table in {one.table for one in await bent(sql)}, sql


async def bent(sql: str) -> list[Finding]:
    """What the audit finds after this change, which is undone again."""
    with suppress(Undone):
        async with transaction():
            await execute(sql)
            found = await audit_here()
            raise Undone
    return found


class Undone(Exception):
    """Ends a transaction that is not to last."""


async def test_a_further_selection_has_a_panel_of_its_own(court: Court) -> None:
    """An upheld objection: the same bids, a new round, new experts in a new order."""
    world, project = court.world, await decided(court)
    assert project.winner_id is not None
    loser = next(agent for agent in court.agents if agent.id != project.winner_id)
    await uphold(world, await object_to(world, loser.viewer, project), exclude=project.winner_id)
    await world.run_until(world.now + timedelta(minutes=1))
    again = await project_by_number(project.number)
    assert again.stage is Stage.EVALUATION
    panels = await panels_of_project(project.id)
    assert [panel.no for panel in panels] == [2, 1]
    assert {offer.agency for offer in panels[0].offers} == {agent.code for agent in court.agents} - {
        project.winner_code
    }
    await cast.score(world, again)
    await world.settle()
    final = await project_by_number(project.number)
    assert final.stage is Stage.RESULT_NOTICE
    assert final.winner_id != project.winner_id
    assert verify(await dossier_of(final)).ok
    assert await audit_market() == []
