"""An agency that was selected and may not take on work when the notice of its result ends is not awarded anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Litestar

from agencies.actions import lock_lists, set_standing
from agencies.rules import GOOD_STANDING
from market.cli.audit import audit_market
from market.demo.world import World
from market.kernel.db import fetch, fetch_one, from_json, transaction
from market.register.queries import history_of
from projects.contracts.actions import open_contract
from projects.rules import Stage
from ratings.imported.actions import confirm_upload
from ratings.imported.queries import upload_view
from tests.contracts.award import Award, acts_of
from tests.ratings.listing import SOURCE, colleague_of, taken_over, uploaded
from tests.visitor import Visitor


async def suspend(award: Award, days: int, *firms: UUID) -> None:
    """These agencies, or the one that was selected, from this moment on."""
    until = award.world.now + timedelta(days=days)
    standing = replace(GOOD_STANDING, suspended_until=until, suspension_reason="Unfit")
    for firm in firms or [award.winner.organisation_id]:
        assert firm is not None
        async with transaction():
            await set_standing(firm, standing, now=award.world.now)


async def told(organisation_id: Any, cause: str) -> list[dict[str, Any]]:
    rows = await fetch(
        "SELECT text, facts FROM inbox_message WHERE organisation_id = $1 AND cause LIKE $2",
        organisation_id,
        f"{cause}:%",
    )
    return [{"text": row["text"], **from_json(row["facts"])} for row in rows]


async def finish(award: Award) -> bool:
    project = await award.project()
    assert project.result_notice_ends_at is not None
    return await open_contract(project.id, calendar=award.world.calendar, now=project.result_notice_ends_at)


async def test_a_list_that_names_the_winner_during_the_notice_takes_its_result_away(
    award: Award, site: Litestar
) -> None:
    world, first = award.world, award.winner
    second = await colleague_of(world)
    await taken_over(world, second, f"{first.organisation_code},甲,2026-01-05,")
    [warned] = await told(award.owner.organisation_id, "imported")
    assert (warned["firm"], warned["source"]) == (first.organisation_name, SOURCE)
    async with Visitor(site) as anybody:
        page = (await anybody.get(f"/projects/{award.number}")).text
        assert f"{first.organisation_name}目前不得承接业务" in page
        assert "2026-01-05" in page
    ends_at = (await award.project()).result_notice_ends_at
    assert ends_at is not None
    await world.run_until(ends_at)
    await world.settle()
    await _check_fallen(award, first.organisation_code)
    for one in (award.owner.organisation_id, first.organisation_id):
        [message] = await told(one, "result.annulled")
        assert "失信被执行人" in message["reason"]
        assert "2026-01-05" in message["reason"]
    async with Visitor(site) as anybody:
        assert "原中选机构不得承接业务" in (await anybody.get(f"/projects/{award.number}/rounds/2")).text
    await world.run_past(world.now)
    await award.refresh()
    assert award.winner != first
    assert (await award.run_past_notice()).agency_code == award.winner.organisation_code
    assert await audit_market() == []


async def _check_fallen(award: Award, code: str | None) -> None:
    project = await award.project()
    row = await fetch_one("SELECT cause, excluded FROM selection_round WHERE project_id = $1 AND no = 2", project.id)
    assert row is not None
    [out] = from_json(row["excluded"])
    assert (row["cause"], out["code"]) == ("winner_barred", code)
    [act] = [one for one in await history_of(award.number) if one.kind == "result.annulled"]
    assert (act.data["winner"], act.data["round_no"], act.data["rules"]) == (code, 1, ["listed"])
    assert await acts_of(award.number, "result.final") == 0
    points = await fetch("SELECT points FROM credit_event WHERE project_number = $1", award.number)
    assert points == []


async def test_a_pause_that_ends_with_the_notice_takes_nothing_away(award: Award) -> None:
    project = await award.project()
    assert project.result_notice_ends_at is not None
    left = project.result_notice_ends_at - award.world.now
    await suspend(award, left.days)
    assert (await award.run_past_notice()).agency_code == award.winner.organisation_code


async def test_where_everybody_is_barred_the_project_fails(award: Award) -> None:
    await suspend(award, 30, *(agent.id for agent in award.agents))
    assert await finish(award)
    assert (await award.project()).stage is Stage.FAILED
    assert await acts_of(award.number, "result.annulled") == 1


async def meanwhile(act: Awaitable[None], award: Award) -> bool:
    """What a sweep does on a connection of its own while `act` is written and not yet committed."""
    written, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with transaction():
            await act
            written.set()
            await go_on.wait()

    async with asyncio.TaskGroup() as both:
        both.create_task(write())
        await written.wait()
        opened = await finish(award)
        go_on.set()
    return opened


async def test_a_result_waits_for_an_act_about_its_winner_that_is_being_written(award: Award) -> None:
    assert award.winner.organisation_id is not None
    assert not await meanwhile(lock_lists(), award)
    barred = replace(GOOD_STANDING, restricted_until=award.world.now + timedelta(days=365), restriction_reason="Fraud")
    assert not await meanwhile(set_standing(award.winner.organisation_id, barred, now=award.world.now), award)
    assert (await award.project()).stage is Stage.RESULT_NOTICE
    assert await finish(award)
    assert (await award.project()).stage is Stage.DRAWING


async def test_a_list_is_taken_over_and_the_result_ends_at_once(award: Award) -> None:
    world: World = award.world
    second = await colleague_of(world)
    upload = await uploaded(world, f"{award.winner.organisation_code},甲,2026-01-05,")
    seen = (await upload_view(upload)).foreseen
    assert seen is not None
    confirming = confirm_upload(upload, seen, acting=second, now=world.now)
    done = await asyncio.gather(confirming, *(finish(award) for _ in range(3)))
    if not any(done[1:]):  # each met the list while it was being taken over
        assert await finish(award)
    assert done[1:].count(True) <= 1
    final, fallen = await acts_of(award.number, "result.final"), await acts_of(award.number, "result.annulled")
    assert final + fallen == 1
    assert (await award.project()).stage is (Stage.CONTRACTING if final else Stage.DRAWING)
