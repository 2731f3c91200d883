"""A contract ends by the notice of one side: warned, notified, cured, objected to, decided, settled."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from market.cli.audit import audit_market
from market.demo.contracts import deliver_results
from market.kernel.calendar import BEIJING, Calendar
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.oversight.rules import Scope
from market.web.viewer import Viewer
from projects.contracts.rules import Side
from projects.fulfilment.rescission import actions, panels, rules
from projects.fulfilment.rescission.actions import Decision, NewNotice
from projects.fulfilment.rescission.queries import notices_of, settlement_of, warnings_of
from projects.fulfilment.rescission.rules import Facts, Ground, Notice, Outcome, Overdue, Warned
from projects.fulfilment.rescission.settlement import confirm
from projects.rules import Stage
from tests.contracts.award import Award, SignIn, acts_of
from tests.contracts.test_access import organisation_of

REASON = "多次联系未果，成果至今没有交付。"


async def make_late(award: Award) -> None:
    """The delivery is ten working days late."""
    world, project = award.world, await award.project()
    assert project.due_at is not None
    world.clock.set(world.calendar.add_working_days(project.due_at, 10))


async def warn(award: Award, by: Viewer, ground: Ground = Ground.DELIVERY) -> None:
    world = award.world
    await actions.warn(award.number, ground, REASON, viewer=by, calendar=world.calendar, now=world.now)


async def notify(award: Award, by: Viewer, ground: Ground = Ground.DELIVERY, settlement: int = 100_000) -> None:
    world, new = award.world, NewNotice(ground, REASON, settlement)
    await actions.notify(award.number, new, viewer=by, calendar=world.calendar, now=world.now)


async def answer(award: Award, by: Viewer, *, objects: bool) -> None:
    world = award.world
    await actions.answer(
        award.number,
        objects=objects,
        reason="迟延系甲方未提供资料所致。",
        viewer=by,
        calendar=world.calendar,
        now=world.now,
    )


async def notified(award: Award) -> None:
    """The agency was warned, its time to cure is over, and it was told of the end."""
    await make_late(award)
    await warn(award, award.owner)
    contract = await award.contract()
    (warning,) = await warnings_of(contract.id)
    award.world.clock.set(warning.cure_due_at)
    await notify(award, award.owner)


async def regulator_of(award: Award, number: int, region: str) -> Viewer:
    viewer = await organisation_of(award.world, "regulator", number, region)
    return replace(viewer, scopes=(Scope(region, ""),))


async def refused(code: str, act: Awaitable[Any]) -> None:
    with pytest.raises(Refusal, match=code):
        await act


async def test_a_late_agency_is_warned_told_and_the_contract_ends(award: Award) -> None:
    world = award.world
    await world.settle()
    await refused(r"rescission\.not_late", warn(award, award.owner))
    await make_late(award)
    await refused(r"rescission\.cure_first", notify(award, award.owner))
    await refused(r"rescission\.not_yours", notify(award, award.winner))
    await warn(award, award.owner)
    await refused(r"rescission\.warned", warn(award, award.owner))
    await refused(r"rescission\.cure_first", notify(award, award.owner))
    contract = await award.contract()
    (warning,) = await warnings_of(contract.id)
    assert [one.due_at for one in await panels.to_do(award.winner, world.now)] == [warning.cure_due_at]
    world.clock.set(warning.cure_due_at)
    await refused(r"termination\.too_much", notify(award, award.owner, settlement=contract.price_fen + 1))
    await notify(award, award.owner)
    await refused(r"rescission\.notified", notify(award, award.owner))
    (notice,) = await notices_of(contract.id)
    await world.run_until(notice.objection_due_at - timedelta(seconds=1))
    assert (await award.project()).stage is Stage.FULFILMENT
    await world.run_until(notice.objection_due_at)
    assert (await award.project()).stage is Stage.TERMINATED
    await world.settle()
    owed = await fetch("SELECT amount_fen FROM payable WHERE subject = $1 AND cancelled_at IS NULL", award.number)
    assert [row["amount_fen"] for row in owed] == [100_000]
    charged = await fetch("SELECT kind, points FROM credit_event WHERE kind = 'contract_rescinded'")
    assert [(row["kind"], row["points"]) for row in charged] == [("contract_rescinded", -2000)]
    assert await audit_market() == []


async def test_a_delivery_cures_and_an_open_notice_lapses(award: Award) -> None:
    await notified(award)
    await deliver_results(award.world, award.number, award.winner)
    await award.world.settle()
    (notice,) = await notices_of((await award.contract()).id)
    assert notice.outcome is Outcome.CURED
    assert (await award.project()).stage is Stage.FULFILMENT
    assert await acts_of(award.number, "termination.cured") == 1
    assert await audit_market() == []


@pytest.mark.parametrize("upheld", [True, False])
async def test_the_regulator_decides_where_there_is_an_objection(award: Award, *, upheld: bool) -> None:
    await notified(award)
    contract, world = await award.contract(), award.world
    await refused(r"rescission\.own", answer(award, award.owner, objects=True))
    await answer(award, award.winner, objects=True)
    (notice,) = await notices_of(contract.id)
    await world.run_until(notice.objection_due_at)
    assert (await award.project()).stage is Stage.FULFILMENT
    here, elsewhere = await regulator_of(award, 2, "3702"), await regulator_of(award, 3, "4401")
    assert [one.due_at for one in await panels.to_do(here, world.now)] == [notice.decide_due_at]
    assert await panels.to_do(elsewhere, world.now) == []
    decision = Decision(upheld, "催告合法有效，补救期满仍未交付。", 50_000 if upheld else None)
    for stranger in (elsewhere, award.owner):
        with pytest.raises(NotFound):
            await actions.decide(award.number, decision, viewer=stranger, now=world.now)
    await actions.decide(award.number, decision, viewer=here, now=world.now)
    (notice,) = await notices_of(contract.id)
    assert notice.outcome is (Outcome.IN_EFFECT if upheld else Outcome.REJECTED)
    assert (await award.project()).stage is (Stage.TERMINATED if upheld else Stage.FULFILMENT)
    settlement = await settlement_of(contract.id)
    assert (settlement.statement["settlement_fen"] if settlement else None) == (50_000 if upheld else None)
    assert await audit_market() == []


async def test_force_majeure_needs_no_warning_and_both_confirm_the_settlement(award: Award, sign_in: SignIn) -> None:
    await award.world.settle()
    await notify(award, award.winner, Ground.FORCE_MAJEURE, settlement=0)
    await answer(award, award.owner, objects=False)
    contract = await award.contract()
    settlement = await settlement_of(contract.id)
    assert settlement is not None
    assert [settlement.statement[name] for name in ("accepted_fen", "owed_fen", "refund_fen")] == [0, 0, 0]
    await refused(r"settlement\.other", confirm(contract.number, sha256="0", viewer=award.owner, now=award.world.now))
    owner, agency = await sign_in(award.owner), await sign_in(award.winner)
    for visitor in (owner, agency):
        sheet = await visitor.get(f"{contract.project_url}/settlement")
        assert settlement.sha256 in sheet.text
        sent = await visitor.send_form(f"{contract.project_url}/settlement", {"sha256": settlement.sha256})
        assert sent.status_code == 303
    settlement = await settlement_of(contract.id)
    assert settlement is not None
    assert settlement.owner_confirmed_at == settlement.agency_confirmed_at == award.world.now
    assert await fetch_value("SELECT count(*) FROM credit_event WHERE kind LIKE '%rescinded'") == 0
    assert await audit_market() == []


async def test_it_is_done_by_the_pages(award: Award, sign_in: SignIn) -> None:
    await make_late(award)
    contract = await award.contract()
    address = f"{contract.project_url}/termination"
    owner, agency = await sign_in(award.owner), await sign_in(award.winner)
    assert "催告对方" in (await owner.get(address)).text
    assert "催告对方" not in (await agency.get(address)).text
    assert (await owner.send_form(f"{address}/warning", {"warned": "delivery-overdue"})).status_code == 422
    warning = {"warned": "delivery-overdue", "warning": REASON}
    assert (await owner.send_form(f"{address}/warning", warning)).status_code == 303
    (warned,) = await warnings_of(contract.id)
    award.world.clock.set(warned.cure_due_at)
    notice = {"ground": "delivery-overdue", "notice_reason": REASON, "notice_settlement": "1000"}
    assert "发出解除通知" in (await owner.send_form(f"{address}/notice", notice)).text
    assert (await owner.send_form(f"{address}/notice", {**notice, "confirmed": "yes"})).status_code == 303
    assert "异议期限内" in (await agency.get(address)).text
    objection = {"notice_answer": "object", "objection": "迟延系甲方未提供资料所致。"}
    assert (await agency.send_form(f"{address}/notice/answer", objection)).status_code == 303
    regulator = await sign_in(await regulator_of(award, 2, "3702"))
    decision = {"decision": "upheld", "decision_reason": "催告合法有效，补救期满仍未交付。", "settled": "800"}
    assert "予以支持" in (await regulator.get(address)).text
    assert (await regulator.send_form(f"{address}/decision", decision)).status_code == 303
    assert "合同终止结算单" in (await owner.get(address)).text


NOW = datetime(2026, 6, 30, 4, tzinfo=BEIJING)
LATE = Overdue(1, NOW - timedelta(days=20))
WARNED = Warned(Ground.PAYMENT, 1, NOW - timedelta(days=1))


def judge(facts: Facts, warnings: list[Warned], ground: Ground = Ground.PAYMENT, side: Side = Side.AGENCY) -> str:
    try:
        rules.check_notice(ground, side, facts, warnings, overdue_days=10, calendar=Calendar(), now=NOW)
    except Refusal as refusal:
        return refusal.code.removeprefix("rescission.")
    return ""


@pytest.mark.parametrize(
    ("facts", "warnings", "says"),
    [
        (Facts(payment=LATE), [WARNED], ""),
        (Facts(payment=LATE), [], "cure_first"),
        (Facts(payment=LATE), [replace(WARNED, milestone=2)], "cure_first"),
        (Facts(payment=LATE), [replace(WARNED, cure_due_at=NOW + timedelta(seconds=1))], "cure_first"),
        (Facts(payment=LATE), [replace(WARNED, cure_due_at=NOW)], ""),
        (Facts(payment=Overdue(1, NOW - timedelta(days=10))), [WARNED], "not_late_enough"),
        (Facts(delivery=LATE), [WARNED], "not_late"),
    ],
)
def test_lateness_is_warned_of_and_long_enough(facts: Facts, warnings: list[Warned], says: str) -> None:
    assert judge(facts, warnings) == says


def test_each_ground_is_for_its_side_and_its_facts() -> None:
    everything = tuple(str(one) for one in Ground)
    assert rules.grounds_of(Side.OWNER, everything) == (Ground.DELIVERY, Ground.FORCE_MAJEURE, Ground.BARRED)
    assert rules.grounds_of(Side.AGENCY, everything) == (Ground.PAYMENT, Ground.FORCE_MAJEURE)
    assert rules.grounds_of(Side.AGENCY, ("barred",)) == ()
    assert judge(Facts(), [], Ground.BARRED, Side.OWNER) == "not_barred"
    assert judge(Facts(barred=True), [], Ground.BARRED, Side.OWNER) == ""
    notice = Notice(Side.AGENCY, Ground.PAYMENT, 1, NOW)
    assert rules.still_holds(notice, Facts(payment=LATE))
    assert not rules.still_holds(notice, Facts(payment=replace(LATE, milestone=2)))
    assert rules.takes_effect(notice, now=NOW)
    assert not rules.takes_effect(replace(notice, objected=True), now=NOW)
