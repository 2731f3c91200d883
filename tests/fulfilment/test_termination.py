"""The end of a contract by agreement: asked, answered, settled."""

from __future__ import annotations

import pytest

from market.demo.contracts import accept_delivery, deliver_results
from market.kernel.db import fetch
from market.kernel.errors import NotFound, Refusal
from market.web.viewer import Viewer
from projects.fulfilment.panels import to_do
from projects.fulfilment.queries import fulfilment_of
from projects.fulfilment.rules import Turn
from projects.fulfilment.termination import actions as termination
from projects.fulfilment.termination.actions import NewTermination
from projects.fulfilment.termination.queries import terminations_of
from projects.rules import Stage
from tests.contracts.award import Award, SignIn, acts_of

NEW = NewTermination("force-majeure", "项目用地规划调整，工程不再实施。", 2_000_000)


async def ask(award: Award, viewer: Viewer, new: NewTermination = NEW) -> None:
    world = award.world
    await termination.ask(award.number, new, viewer=viewer, calendar=world.calendar, now=world.now)


async def answer(award: Award, viewer: Viewer, no: int, *, agrees: bool, reason: str = "") -> None:
    await termination.answer(award.number, no=no, agrees=agrees, reason=reason, viewer=viewer, now=award.world.now)


async def test_both_sides_end_it_and_only_the_settlement_is_owed(award: Award) -> None:
    await award.world.settle()
    await deliver_results(award.world, award.number, award.winner)
    await ask(award, award.owner)
    assert [one.link for one in await to_do(award.winner, award.world.now)] == [f"/projects/{award.number}/termination"]
    with pytest.raises(Refusal, match=r"termination\.asked"):
        await ask(award, award.winner)
    with pytest.raises(Refusal, match=r"termination\.own_request"):
        await answer(award, award.owner, 1, agrees=True)
    await answer(award, award.winner, 1, agrees=True)
    await award.world.settle()
    project = await award.project()
    assert (project.stage, project.terminated_at) == (Stage.TERMINATED, award.world.now)
    found = await fulfilment_of(award.number)
    assert found is not None
    assert (found.turn, found.step) == (Turn.NOTHING, None)
    assert await to_do(award.owner, award.world.now) == []
    for act in (
        deliver_results(award.world, award.number, award.winner),
        accept_delivery(award.world, award.number, award.owner),
    ):
        with pytest.raises(Refusal, match=r"contract\.terminated"):
            await act
    rows = await fetch(
        "SELECT reference, amount_fen, cancelled_at, release_at FROM payable WHERE subject = $1 ORDER BY reference",
        award.number,
    )
    assert [(row["cancelled_at"] is None, row["release_at"] is None) for row in rows] == [(False, True), (True, False)]
    assert rows[1]["amount_fen"] == NEW.settlement_fen
    assert [await acts_of(award.number, kind) for kind in ("contract.terminated", "project.terminated")] == [1, 1]


async def test_who_may_ask_and_how_much(award: Award) -> None:
    contract = await award.contract()
    with pytest.raises(NotFound):
        await ask(award, award.losers[0])
    with pytest.raises(Refusal, match=r"termination\.too_much"):
        await ask(award, award.winner, NewTermination("agreement", "双方协商一致解除合同。", contract.price_fen + 1))
    await ask(award, award.winner)
    await answer(award, award.owner, 1, agrees=False, reason="项目继续实施，不同意解除合同。")
    assert (await award.project()).stage is Stage.FULFILMENT
    await ask(award, award.winner)
    waiting = (await terminations_of(contract.id))[0]
    await award.world.run_until(waiting.answer_due_at)
    assert [one.answer for one in await terminations_of(contract.id)] == ["lapsed", "declined"]
    with pytest.raises(Refusal, match=r"termination\.answered"):
        await answer(award, award.owner, 2, agrees=True)


async def test_the_pages_lead_to_the_end(award: Award, sign_in: SignIn) -> None:
    owner, agency = await sign_in(award.owner), await sign_in(award.winner)
    page = f"/projects/{award.number}/termination"
    assert (await owner.get(page)).status_code == 200
    sent = await owner.send_form(page, {"cause": "agreement", "reason": "双方协商一致解除合同。", "settlement": "0"})
    assert sent.status_code == 303
    assert "双方协商一致解除合同。" in (await agency.get(page)).text
    assert (await agency.send_form(f"{page}/answer", {"no": "1", "answer": "agree"})).status_code == 303
    assert "本合同已终止" in (await owner.get(page)).text
    assert (await owner.get(f"/projects/{award.number}")).status_code == 200
    assert (await agency.get(f"/projects/{award.number}/delivery")).status_code == 409
