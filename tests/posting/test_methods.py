"""What a notice says about how its agency is selected: each method's own questions, and every bad answer to them."""

from __future__ import annotations

from uuid import UUID

import pytest

from market.demo.experts import admit_experts, some_expert
from market.demo.projects import notice_values, publish_project
from market.demo.world import World
from market.web.viewer import Viewer
from projects.posting.actions import books_for, findings_for
from projects.posting.forms import parse
from projects.posting.queries import published_notice
from projects.posting.rules import check_reason
from projects.queries import criteria_of, project_by_number
from projects.rules import Stage
from tests.posting.conftest import SURVEYORS

BY_PRICE = ("lowest_price", "best_price", "average_price", "price_then_draw")


@pytest.mark.parametrize("method", BY_PRICE)
async def test_a_notice_by_price_states_its_limits_and_no_price(
    world: World, owner: Viewer, surveyors: list[UUID], method: str
) -> None:
    project = await publish_project(world, owner, method=method)
    assert (project.method, project.price, project.ceiling_fen, project.floor_fen) == (
        method,
        None,
        15_200_000,
        7_600_000,
    )
    assert project.amount_fen == 15_200_000


async def test_a_notice_by_merit_states_criteria_and_weights(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner, method="merit")
    criteria = await criteria_of(project.id)
    assert [one.weight for one in criteria] == [3000, 2000, 1000]
    assert (project.price_weight, project.credit_weight) == (3000, 1000)


async def test_a_notice_with_live_bidding_says_when_it_starts(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner, method="multi_round")
    assert project.bidding_starts_at is not None
    assert project.bidding_starts_at > project.sign_up_closes_at


async def test_any_method_can_be_by_invitation(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner, method="best_price", invited_code=list(SURVEYORS[:3]))
    notice = await published_notice(project.id)
    assert (notice.access, notice.invited) == ("invited", tuple(sorted(SURVEYORS[:3])))


async def test_the_result_of_an_outside_tender_stands_under_notice_at_once(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner, method="outside_tender", invited_code=[SURVEYORS[0]])
    await world.settle()
    after = await project_by_number(project.number)
    assert (after.stage, after.winner_code, after.price_fen) == (Stage.RESULT_NOTICE, SURVEYORS[0], 15_200_000)


async def test_a_direct_selection_waits_for_the_agency_alone(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner, method="direct", invited_code=[SURVEYORS[0]])
    assert (project.access, project.price_fen) == ("invited", 8_800_000)
    books = await books_for("370203", calendar=world.calendar, beacon=world.beacon, now=world.now)
    values = notice_values(world, method="direct", invited_code=[SURVEYORS[0]], access_reason="")
    notice = parse(values, books.catalogue, now=world.now)
    found = check_reason(notice, books.rulebook)
    assert found is not None
    assert (found.outcome, found.rule) == ("refused", "selection.direct.reason_required")


async def test_the_check_before_publication_counts_the_experts(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    assert await panel_finding(world, owner) == ("posting.few_experts", "warning")
    await admit_experts(world, [some_expert(number) for number in (1, 2, 3)])
    assert await panel_finding(world, owner) == ("posting.few_experts", "passed")


async def panel_finding(world: World, owner: Viewer) -> tuple[str, str]:
    assert owner.organisation_id is not None
    books = await books_for("370203", calendar=world.calendar, beacon=world.beacon, now=world.now)
    notice = parse(notice_values(world, method="merit"), books.catalogue, now=world.now)
    found = await findings_for(notice, owner.organisation_id, books, now=world.now)
    return next((one.code, one.outcome) for one in found if one.code == "posting.few_experts")
