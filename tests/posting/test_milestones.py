"""Milestones that the notice states: known before anybody takes part, and the same in the contract."""

from __future__ import annotations

from typing import Any

import pytest

from market.demo.contracts import current_contract
from market.demo.projects import notice_values
from market.demo.world import World
from market.kernel.errors import FormInvalid, Refusal
from projects.contracts.drafts import actions as drafts
from projects.contracts.drafts.rules import Plan
from projects.milestones import PlannedMilestone
from projects.posting.forms import parse, values_of
from projects.posting.queries import published_notice
from projects.queries import stated_milestones
from tests.contracts.award import make_award
from tests.visitor import Visitor

STATED: dict[str, Any] = {
    "milestone_title": ["外业测量及初步成果", "全部成果报告"], "milestone_share": ["40", "60"], "milestone_days": ["5", "10"],
}  # fmt: skip


def stated(**changes: list[str]) -> dict[str, Any]:
    return STATED | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"milestone_share": ["40", "50"]},
        {"milestone_days": ["5", "11"]},
        {"milestone_days": ["5", "-10"]},
        {"milestone_title": ["外业测量及初步成果", ""]},
        {"milestone_title": ["全部成果"], "milestone_share": ["100"], "milestone_days": ["15"]},
    ],
)
async def test_milestones_that_do_not_make_up_price_and_time_are_errors_of_the_form(
    world: World, changes: dict[str, list[str]]
) -> None:
    with pytest.raises(FormInvalid) as problem:
        parse(notice_values(world, **stated(**changes)), world.catalogue, now=world.now)
    assert set(problem.value.errors) == {"milestones"}


async def test_what_the_notice_states_the_contract_has_and_nobody_changes(world: World, client: Visitor) -> None:
    award = await make_award(world, **STATED)
    project = await award.project()
    expected = (PlannedMilestone("外业测量及初步成果", 4000, 5), PlannedMilestone("全部成果报告", 6000, 10))
    assert await stated_milestones(project.id) == expected
    notice = await published_notice(project.id)
    assert notice.milestones == expected
    assert {name: values_of(notice)[name] for name in STATED} == STATED
    for page in (project.url, f"{project.url}/notice"):
        assert "外业测量及初步成果" in (await client.get(page)).text
    assert (await client.get(f"{project.url}/notice.json")).json()["milestones"] == [
        ["外业测量及初步成果", 4000, 5], ["全部成果报告", 6000, 10],
    ]  # fmt: skip

    await award.run_past_notice()
    contract = await current_contract(award.number)
    assert [(one.title, one.share, one.days) for one in contract.terms.milestones] == [
        (one.title, one.share, one.days) for one in expected
    ]
    assert sum(one.price_fen for one in contract.terms.milestones) == contract.price_fen
    other = Plan((PlannedMilestone("全部成果报告", 10_000, 15),), "zh", ())
    with pytest.raises(Refusal) as refused:
        await drafts.propose(contract.number, other, viewer=award.owner, now=world.now)
    assert refused.value.code == "contract.deviates"
    await drafts.propose(contract.number, Plan(expected, "zh-en", ()), viewer=award.owner, now=world.now)
