"""Milestones: agreed before signing, never beyond the result, and lived through one after the other."""

from __future__ import annotations

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as some

from market.demo.contracts import accept_delivery, deliver_results, return_results, sign_both, sign_contract
from market.kernel.db import execute, fetch
from market.kernel.errors import NotFound, Refusal
from market.kernel.money import BASIS_POINTS
from projects.contracts.drafts import actions as drafts
from projects.contracts.drafts.queries import versions_of
from projects.contracts.drafts.rules import Plan, mistakes
from projects.contracts.panels import to_sign
from projects.contracts.queries import ContractView, contract_by_number, milestones_of
from projects.contracts.rules import State
from projects.fulfilment.queries import fulfilment_of
from projects.fulfilment.rules import Turn
from projects.milestones import PlannedMilestone, prices
from projects.rules import Stage
from tests.contracts.award import Award, SignIn, acts_of

HALVES = Plan(
    (PlannedMilestone("外业测量及初步成果", 3333, 6), PlannedMilestone("全部成果报告", 6667, 9)), "zh-en",
    ("乙方提交纸质成果六份。",),
)  # fmt: skip
NUMBERS = {"contract.milestones_max": 6, "contract.special_terms_max": 5}


async def proposed(award: Award, plan: Plan = HALVES) -> ContractView:
    await award.run_past_notice()
    contract = await award.contract()
    return await drafts.propose(contract.number, plan, viewer=award.owner, now=award.world.now)


async def agreed(award: Award) -> ContractView:
    contract = await proposed(award)
    return await drafts.answer(contract.number, no=1, agrees=True, reason="", viewer=award.winner, now=award.world.now)


async def test_what_was_agreed_becomes_the_terms_that_are_signed(award: Award) -> None:
    before = await proposed(award)
    assert before.terms.milestones[0].share == BASIS_POINTS
    contract = await drafts.answer(
        before.number, no=1, agrees=True, reason="", viewer=award.winner, now=award.world.now
    )
    assert contract.terms_sha256 == contract.terms.sha256 != before.terms_sha256
    assert [one.title for one in contract.terms.milestones] == ["外业测量及初步成果", "全部成果报告"]
    assert sum(one.price_fen for one in contract.terms.milestones) == contract.price_fen
    assert contract.terms.special == HALVES.special
    assert contract.terms.articles[-1].paragraphs[0].zh == "乙方提交纸质成果六份。"
    assert [one.kind for one in await versions_of(contract.id)] == ["draft", "result"]
    with pytest.raises(Refusal, match=r"contract\.other_terms"):
        await sign_contract(award.world, before, award.winner)
    await sign_both(award.world, award.number, award.owner, award.winner)
    assert [(one.no, one.days) for one in await milestones_of([contract.id])] == [(1, 6), (2, 9)]


async def test_only_the_parties_in_their_roles_and_only_before_a_signature(award: Award) -> None:
    contract = await proposed(award)
    for who in (award.winner, award.losers[0]):
        with pytest.raises(NotFound):
            await drafts.propose(contract.number, HALVES, viewer=who, now=award.world.now)
    with pytest.raises(NotFound):
        await drafts.answer(contract.number, no=1, agrees=True, reason="", viewer=award.owner, now=award.world.now)
    with pytest.raises(Refusal, match=r"contract\.no_draft"):
        await drafts.answer(contract.number, no=2, agrees=True, reason="", viewer=award.winner, now=award.world.now)
    await sign_contract(award.world, contract, award.winner)
    assert [one.ended for one in await versions_of(contract.id)] == ["overtaken", None]
    with pytest.raises(Refusal, match=r"contract\.half_signed"):
        await drafts.propose(contract.number, HALVES, viewer=award.owner, now=award.world.now)


async def test_a_declined_proposal_leaves_the_terms_as_they_were(award: Award) -> None:
    contract = await proposed(award)
    await drafts.answer(
        contract.number, no=1, agrees=False, reason="首付款比例过低，请调整。", viewer=award.winner, now=award.world.now
    )
    assert (await contract_by_number(contract.number)).terms_sha256 == contract.terms_sha256
    assert await acts_of(award.number, "contract.draft_declined") == 1


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Plan((PlannedMilestone("全部", 9000, 15),), "zh", ()), "shares come to"),
        (Plan((PlannedMilestone("全部", 10_000, 20),), "zh", ()), "times come to"),
        (Plan((PlannedMilestone("全部", 10_000, 15),), "zh", ("另付加班费 5000 元。",)), "sums or shares"),
        (Plan((PlannedMilestone("全部", 10_000, 15),), "zh", ("乙方应在十个工作日内提交初稿。",)), "set times"),
        (Plan((PlannedMilestone("全部", 10_000, 15),), "zh", ("甲方按价款的 8% 扣留质保金。",)), "sums or shares"),
        (Plan((), "zh", ()), "at least one"),
    ],
)
async def test_a_difference_from_the_result_is_refused_with_its_reason(award: Award, plan: Plan, says: str) -> None:
    with pytest.raises(Refusal, match=r"contract\.deviates") as refused:
        await proposed(award, plan)
    assert says in refused.value.message.text
    assert refused.value.rule == "contract.price_deviation_max"


@pytest.mark.parametrize(
    "change",
    ["price_fen = price_fen + 1", "terms = jsonb_set(terms, '{price_fen}', '1')", "terms = jsonb_set(terms, '{service_days}', '99')",
     "terms = jsonb_set(terms, '{content}', '\"别的服务\"')", "terms = jsonb_set(terms, '{service_items}', '[]')"],
)  # fmt: skip
async def test_the_database_refuses_a_contract_that_differs_from_the_result(award: Award, change: str) -> None:
    contract = await award.run_past_notice()
    with pytest.raises(asyncpg.CheckViolationError) as struck:
        await execute(f"UPDATE contract SET {change} WHERE id = $1", contract.id)
    assert struck.value.constraint_name == "contract_equals_result"


async def test_the_database_keeps_signed_terms_and_the_sum_of_milestones(award: Award) -> None:
    contract = await award.run_past_notice()
    await sign_contract(award.world, contract, award.winner)
    with pytest.raises(asyncpg.CheckViolationError) as struck:
        await execute("UPDATE contract SET terms_sha256 = repeat('0', 64) WHERE id = $1", contract.id)
    assert struck.value.constraint_name == "contract_signed_is_fixed"
    await sign_contract(award.world, contract, award.owner)
    with pytest.raises(asyncpg.CheckViolationError) as struck:
        await execute("UPDATE contract_milestone SET price_fen = price_fen - 1 WHERE contract_id = $1", contract.id)
    assert struck.value.constraint_name == "contract_milestone_sum"


async def test_milestones_follow_one_another_each_with_its_own_clock(award: Award) -> None:
    await agreed(award)
    world = award.world
    contract = await sign_both(world, award.number, award.owner, award.winner)
    first, second = await milestones_of([contract.id])
    assert (first.due_at, second.started_at) == (world.calendar.add_working_days(world.now, 6), None)
    assert (await award.project()).due_at == first.due_at
    await deliver_results(world, award.number, award.winner)
    await return_results(world, award.number, award.owner)
    world.clock.advance(days=2)
    await deliver_results(world, award.number, award.winner)
    await accept_delivery(world, award.number, award.owner)
    assert (await award.project()).stage is Stage.FULFILMENT
    assert await acts_of(award.number, "milestone.accepted") == 1
    first, second = await milestones_of([contract.id])
    assert (first.accepted_at, second.started_at) == (world.now, world.now)
    assert second.due_at == world.calendar.add_working_days(world.now, 9)
    found = await fulfilment_of(award.number)
    assert found is not None
    assert (found.turn, found.limit, found.facts) == (Turn.DELIVERY, second.due_at, ())
    made = await deliver_results(world, award.number, award.winner)
    assert (made.no, made.milestone_id, made.due_at) == (3, second.id, second.due_at)
    await world.run_until(made.answer_due_at)
    assert (await award.project()).stage is Stage.ACCEPTED
    assert await acts_of(award.number, "delivery.accepted") == 1
    found = await fulfilment_of(award.number)
    assert found is not None
    assert found.turn is Turn.NOTHING
    assert found.contract.state is State.IN_FORCE


@given(
    some.integers(min_value=100, max_value=10**12),
    some.lists(some.integers(min_value=1, max_value=4000), min_size=1, max_size=6),
)
def test_shares_always_come_to_the_price(total: int, parts: list[int]) -> None:
    shares = [*parts[:-1], BASIS_POINTS - sum(parts[:-1])] if sum(parts[:-1]) < BASIS_POINTS else [BASIS_POINTS]
    amounts = prices(total, shares)
    assert sum(amounts) == total
    assert all(
        abs(amount * BASIS_POINTS - total * share) <= BASIS_POINTS * len(shares)
        for amount, share in zip(amounts, shares, strict=True)
    )
    plan = Plan(tuple(PlannedMilestone("节点", share, 1) for share in shares), "zh", ())
    found = mistakes(plan, price_fen=total, service_days=len(shares), number=NUMBERS.__getitem__)
    assert (found == []) == (min(amounts) > 0)


async def test_terms_are_settled_by_the_pages(award: Award, sign_in: SignIn) -> None:
    contract = await award.run_past_notice()
    owner, agency = await sign_in(award.owner), await sign_in(award.winner)
    page = await owner.get(f"{contract.url}/draft")
    assert 'value="100"' in page.text
    plan = {"title_1": "初步成果", "share_1": "30", "days_1": "5", "title_2": "成果报告", "share_2": "60", "days_2": "10",
            "language": "zh", "special": ""}  # fmt: skip
    wrong = await owner.send_form(f"{contract.url}/draft", plan)
    assert wrong.status_code == 422
    assert "各节点比例合计为 90.00%" in wrong.text
    assert (await owner.send_form(f"{contract.url}/draft", {**plan, "share_2": "70"})).status_code == 303
    asked = await agency.get(f"{contract.url}/draft")
    assert "初步成果" in asked.text
    assert [one.link for one in await to_sign(award.winner, award.world.now)] == [
        f"{contract.url}/draft",
        f"{contract.url}/sign",
    ]
    assert (await agency.send_form(f"{contract.url}/draft/answer", {"answer": "decline", "no": "1"})).status_code == 422
    agreed_to = await agency.send_form(f"{contract.url}/draft/answer", {"answer": "agree", "no": "1"})
    assert agreed_to.headers["location"].endswith("/sign")
    assert "成果报告" in (await agency.get(f"{contract.url}/sign")).text
    await sign_both(award.world, award.number, award.owner, award.winner)
    assert "第 1 个节点（共 2 个）" in (await agency.get(f"/projects/{award.number}/delivery")).text


async def test_each_milestone_is_owed_and_released_by_itself(award: Award) -> None:
    contract = await agreed(award)
    await sign_both(award.world, award.number, award.owner, award.winner)
    await award.world.settle()
    owed = "SELECT reference, amount_fen, due_at, release_at FROM payable WHERE subject = $1 ORDER BY reference"
    rows = await fetch(owed, award.number)
    assert [row["amount_fen"] for row in rows] == [one.price_fen for one in contract.terms.milestones]
    await deliver_results(award.world, award.number, award.winner)
    await accept_delivery(award.world, award.number, award.owner)
    await award.world.settle()
    first, second = await fetch(owed, award.number)
    assert (first["release_at"], second["release_at"], second["due_at"]) == (award.world.now, None, None)
    assert first["due_at"] is not None
