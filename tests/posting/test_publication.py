from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from market.demo.projects import closing_time, notice_values, publish_project, publish_values
from market.demo.world import World
from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import FormInvalid, NotFound, Refusal
from market.register.queries import history_of
from market.search.interface import ANYBODY, SearchQuery
from market.search.kinds import DATABASE
from market.web.viewer import Viewer
from projects.posting import actions
from projects.posting.queries import access_draft, drafts_of
from projects.queries import demand_of, matching, project_by_number
from projects.rules import Stage, stage_of


async def test_publication_makes_a_project_with_everything_the_notice_said(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    assert (project.number, project.stage, project.owner_code) == (
        "MX-2026-000001",
        Stage.SIGN_UP,
        owner.organisation_code,
    )
    assert stage_of(project.facts) is project.stage
    assert (project.price_fen, project.budget_fen, project.fiscal_share) == (15_200_000, 18_000_000, 10_000)
    assert project.due_at == project.sign_up_closes_at == closing_time(world, 4)
    demand = await demand_of(project.id)
    assert [need.qualification_type for need in demand.requirements] == ["surveying-mapping"]
    assert {agency.id for agency in await matching(demand, world.now)} == set(surveyors)


async def test_publication_is_recorded_and_commits_to_a_beacon_round(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    [entry] = await history_of(project.number)
    committed = await fetch_one("SELECT * FROM selection_round WHERE project_id = $1", project.id)
    assert committed is not None
    assert (entry.kind, entry.by, entry.data["price_fen"]) == ("project.published", owner.organisation_code, 15_200_000)
    assert entry.data["beacon_round"] == committed["beacon_round"]
    assert committed["deadline"] == project.sign_up_closes_at
    assert committed["cause"] == "published"


async def test_a_draft_becomes_a_project_once_however_many_try_at_once(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    draft_id = await actions.start_draft(owner, notice_values(world), now=world.now)
    seen = actions.fingerprint(await access_draft(owner, draft_id))
    barrier = asyncio.Barrier(5)

    async def contender() -> str:
        await barrier.wait()
        return await actions.publish(
            owner, draft_id, seen=seen, calendar=world.calendar, beacon=world.beacon, now=world.now
        )

    outcomes = await asyncio.gather(*(contender() for _ in range(5)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert len(refused) == 4
    assert {refusal.code for refusal in refused} == {"posting.already_published"}
    assert await fetch_value("SELECT count(*) FROM project") == 1
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'project.published'") == 1


async def test_two_halves_of_a_split_job_published_at_once_see_each_other(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    halves = [
        notice_values(world, title=f"道路测量工程第{part}标段", budget="600000", price="590000")
        for part in ("一", "二")
    ]
    outcomes = await asyncio.gather(*(publish_values(world, owner, half) for half in halves), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ProjectView", "Refusal"]
    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert (refusal.code, refusal.rule) == ("posting.splitting", "posting.splitting.window")


@pytest.mark.parametrize(
    ("changed", "code", "rule"),
    [
        ({"budget": "1000000", "price": "900000"}, "posting.must_tender", "posting.limit.must_tender"),
        ({"estimate": "no", "price": "1000000.00"}, "posting.must_tender", "posting.limit.must_tender"),
        ({"sign_up_closes_at": "2026-06-18T17:00"}, "posting.window_too_short", "signup.min_window"),
        ({"sign_up_closes_at": "2026-06-27T12:00"}, "posting.closes_on_holiday", "signup.min_window"),
        ({"need:surveying-mapping:engineering": "=a"}, "posting.above_catalogue", None),
        ({"other_requirements": "仅限本市企业报名。"}, "posting.restriction", None),
        ({"other_requirements": "投标人须为国有企业"}, "posting.restriction", None),
        ({"remarks": "注册资本不低于500万元"}, "posting.restriction", None),
        ({"practitioners_needed": "3"}, "posting.nobody_matches", "posting.matching_minimum"),
    ],
)
async def test_what_may_not_be_published_is_refused_with_its_rule(
    world: World, owner: Viewer, surveyors: list[UUID], changed: dict[str, Any], code: str, rule: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        await publish_project(world, owner, **changed)
    assert (refused.value.code, refused.value.rule) == (code, rule)
    assert await fetch_value("SELECT count(*) FROM project") == 0
    assert owner.organisation_id is not None
    [draft] = await drafts_of(owner.organisation_id)
    assert draft.published_at is None


async def test_private_money_above_the_limit_is_welcome(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner, funding="none", budget="5000000", price="4800000")
    assert project.fiscal_share == 0


async def test_an_unfinished_draft_names_everything_that_is_missing(world: World, owner: Viewer) -> None:
    with pytest.raises(FormInvalid) as invalid:
        await publish_values(world, owner, {"title": "短", "price": "-5"})
    assert {
        "title",
        "service_items",
        "region_code",
        "content",
        "service_days",
        "funding",
        "price",
        "not_excluded",
    } <= set(invalid.value.errors)


async def test_a_draft_changed_after_the_check_is_not_published(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    draft_id = await actions.start_draft(owner, notice_values(world), now=world.now)
    seen = actions.fingerprint(await access_draft(owner, draft_id))
    await actions.save_draft(owner, draft_id, notice_values(world, price="1"), now=world.now)
    with pytest.raises(Refusal) as refused:
        await actions.publish(owner, draft_id, seen=seen, calendar=world.calendar, beacon=world.beacon, now=world.now)
    assert refused.value.code == "posting.changed_since_check"


async def test_a_draft_of_others_does_not_exist(
    world: World, owner: Viewer, other_owner: Viewer, surveyors: list[UUID]
) -> None:
    draft_id = await actions.start_draft(owner, notice_values(world), now=world.now)
    seen = actions.fingerprint(await access_draft(owner, draft_id))
    with pytest.raises(NotFound):
        await actions.publish(
            other_owner, draft_id, seen=seen, calendar=world.calendar, beacon=world.beacon, now=world.now
        )
    with pytest.raises(NotFound):
        await actions.save_draft(other_owner, draft_id, {}, now=world.now)
    with pytest.raises(NotFound):
        await actions.discard_draft(other_owner, draft_id)
    title = notice_values(world)["title"]
    assert not (await DATABASE.search(SearchQuery("projects", title, world.now), ANYBODY)).total


async def test_avoided_agencies_are_out_with_their_reason(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(
        world, owner, avoided_code=["91370200MA3C1AAA1X"], avoided_reason=["与本单位存在未结诉讼"]
    )
    demand = await demand_of(project.id)
    assert demand.avoided == {surveyors[0]: "与本单位存在未结诉讼"}
    assert surveyors[0] not in {agency.id for agency in await matching(demand, world.now)}


async def test_an_amendment_of_the_price_restarts_the_window_with_a_new_round(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    await world.run_until(closing_time(world, 1))
    values = notice_values(world, working_days=5, price="150000")
    amendment = await actions.amend(
        owner, project.number, values, reason="价格核减", calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    assert amendment.restarts_window
    after = await project_by_number(project.number)
    assert (after.price_fen, after.sign_up_opens_at, after.due_at) == (15_000_000, world.now, closing_time(world, 5))
    rounds = await fetch(
        "SELECT no, cause, superseded_at, deadline FROM selection_round WHERE project_id = $1 ORDER BY no", project.id
    )
    assert [(one["no"], one["cause"], one["superseded_at"]) for one in rounds] == [
        (1, "published", world.now),
        (2, "window_restarted", None),
    ]
    assert rounds[1]["deadline"] == after.sign_up_closes_at
    row = await fetch_one("SELECT * FROM project_amendment WHERE project_id = $1", project.id)
    assert row is not None
    assert from_json(row["changes"])["price_fen"] == [15_200_000, 15_000_000]


async def test_an_amendment_of_the_price_needs_a_full_window_again(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    await world.run_until(closing_time(world, 2))
    values = notice_values(world, price="150000") | {"sign_up_closes_at": "2026-06-23T17:00"}
    with pytest.raises(Refusal) as refused:
        await actions.amend(
            owner,
            project.number,
            values,
            reason="价格核减",
            calendar=world.calendar,
            beacon=world.beacon,
            now=world.now,
        )
    assert refused.value.code == "posting.window_too_short"


async def test_an_amendment_of_the_contact_leaves_the_window_alone(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    values = notice_values(world, contact_name="孙洁")
    amendment = await actions.amend(
        owner, project.number, values, reason="更换联系人", calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    assert not amendment.restarts_window
    after = await project_by_number(project.number)
    assert (after.contact_name, after.sign_up_opens_at) == ("孙洁", project.sign_up_opens_at)
    assert await fetch_value("SELECT count(*) FROM selection_round WHERE project_id = $1", project.id) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "posting.nothing_changed"),
        ({"title": "完全不同的另一个项目"}, "posting.other_job"),
        ({"working_days": 3}, "posting.window_shortened"),
    ],
)
async def test_amendments_that_are_none(
    world: World, owner: Viewer, surveyors: list[UUID], changed: dict[str, Any], code: str
) -> None:
    project = await publish_project(world, owner)
    with pytest.raises(Refusal) as refused:
        await actions.amend(
            owner,
            project.number,
            notice_values(world, **changed),
            reason="更正",
            calendar=world.calendar,
            beacon=world.beacon,
            now=world.now,
        )
    assert refused.value.code == code


async def test_withdrawal_ends_the_project_and_its_round(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner)
    await actions.withdraw(owner, project.number, reason="项目立项取消", now=world.now)
    after = await project_by_number(project.number)
    assert (after.stage, after.due_at, after.withdrawal_reason) == (Stage.WITHDRAWN, None, "项目立项取消")
    assert stage_of(after.facts) is after.stage
    assert (
        await fetch_value(
            "SELECT count(*) FROM selection_round WHERE project_id = $1 AND superseded_at IS NULL", project.id
        )
        == 0
    )


async def test_withdrawal_is_too_late_when_sign_up_has_closed(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    world.clock.set(project.sign_up_closes_at)
    with pytest.raises(Refusal) as refused:
        await actions.withdraw(owner, project.number, reason="项目立项取消", now=world.now)
    assert refused.value.code == "posting.sign_up_over"


async def test_a_failed_project_can_be_posted_again_until_it_was_posted_too_often(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    for _ in range(2):
        await world.run_past(project.sign_up_closes_at)  # nobody signs up
        assert (await project_by_number(project.number)).stage is Stage.FAILED
        draft_id = await actions.repost(owner, project.number, now=world.now)
        assert await actions.repost(owner, project.number, now=world.now) == draft_id
        project = await _publish_again(world, owner, draft_id)
    await world.run_past(project.sign_up_closes_at)
    draft_id = await actions.repost(owner, project.number, now=world.now)
    with pytest.raises(Refusal) as refused:
        await _publish_again(world, owner, draft_id)
    assert refused.value.code == "posting.too_many_reposts"


async def _publish_again(world: World, owner: Viewer, draft_id: UUID):
    draft = await access_draft(owner, draft_id)
    closing = notice_values(world)["sign_up_closes_at"]
    await actions.save_draft(
        owner, draft_id, {**draft.values, "sign_up_closes_at": closing, "not_excluded": "on"}, now=world.now
    )
    seen = actions.fingerprint(await access_draft(owner, draft_id))
    number = await actions.publish(
        owner, draft_id, seen=seen, calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    return await project_by_number(number)
