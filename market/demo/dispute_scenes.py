"""Disputes on milestones in the last weeks of the story: one of each outcome, and one at each step that somebody waits for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from market.demo import payment_disputes as acts
from market.demo.agencies import operator_of
from market.demo.story import STORY_ENDS, City
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch
from market.web.viewer import Viewer
from projects.contracts.queries import contract_by_id
from projects.disputes.actions import executing
from projects.disputes.actions.executing import NewTransfer
from projects.disputes.queries import DisputeView, dispute_by_number
from projects.disputes.rules import Kind
from projects.oversight import watches

Act = Callable[[], Awaitable[None]]
_MILESTONES = (
    "SELECT c.id AS contract_id, m.no, p.amount_fen FROM contract_milestone m JOIN contract c ON c.id = m.contract_id"
    " JOIN project j ON j.id = c.project_id JOIN payable p ON p.reference = c.number || '-M' || m.no"
    " WHERE j.stage IN ('fulfilment', 'accepted', 'closed') AND m.started_at IS NOT NULL AND p.cancelled_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.contract_id = c.id) AND "
)
_PAID = "EXISTS (SELECT 1 FROM bank_transfer b WHERE b.payable_id = p.id AND b.answer = 'confirmed')"
PAID = f"{_PAID} ORDER BY m.accepted_at DESC"
UNPAID = f"m.accepted_at IS NOT NULL AND NOT {_PAID} ORDER BY m.accepted_at DESC"
RUNNING = f"m.accepted_at IS NULL AND NOT {_PAID} ORDER BY c.number DESC"
WITHHELD = "成果已经验收，业主至今未按合同约定付款，多次联系未获明确答复，请求裁决支付全部款项。"
LATE = "成果已超过合同约定的期限仍未提交，已影响后续审批，请求扣减相应费用。"
SCOPE = "业主在合同之外要求增加两个小区的测量，增加部分未计入价款，双方对工作范围理解不一致。"


@dataclass
class Quarrel:
    """One dispute with its two sides."""

    city: City
    dispute: DisputeView
    owner: Viewer
    agency: Viewer

    def part(self, percent: int) -> int:
        return self.dispute.amount_fen * percent // 100


Step = Callable[[Quarrel], Awaitable[object]]


def plan_disputes(city: City) -> None:
    """By agreement, released, refunded, withdrawn; being heard, mediated, and just opened."""
    for days, where, opening, then in (
        (44, PAID, _dear, (_answer, _offer, _agree, _transfer, _confirm)),
        (40, UNPAID, _withheld, (_answer, _give_up, _prepare, _hear, _release)),
        (36, RUNNING, _late, (_answer, _give_up, _prepare, _hear, _refund)),
        (30, PAID, _dear, (_answer, _give_up, _prepare, _hear, _divide)),
        (24, RUNNING, _beyond, (_answer, _withdraw)),
        (12, UNPAID, _withheld, (_answer, _give_up, _prepare, _speak)),
        (7, RUNNING, _beyond, (_answer, _propose)),
        (2, RUNNING, _late, ()),
    ):  # fmt: skip
        city.script.at(STORY_ENDS - timedelta(days=days, hours=5), _begin(city, where, opening, then))


Opening = Callable[[City, str, int, int, Viewer, Viewer], Awaitable[DisputeView]]


def _begin(city: City, where: str, opening: Opening, then: Sequence[Step]) -> Act:
    """On the first milestone that suits; what follows comes day by day."""

    async def act() -> None:
        for row in await fetch(_MILESTONES + where):
            contract = await contract_by_id(row["contract_id"])
            owner, agency = _viewer(city, contract.owner_id), _viewer(city, contract.agency_id)
            if owner is None or agency is None or not await watches(city.regulator, contract):
                continue
            dispute = await opening(city, contract.number, row["no"], row["amount_fen"], owner, agency)
            quarrel = Quarrel(city, dispute, owner, agency)
            for day, step in enumerate(then, 1):
                city.script.at(city.world.now + timedelta(days=day), _later(quarrel, step))
            return

    return act


def _later(quarrel: Quarrel, step: Step) -> Act:
    async def act() -> None:
        quarrel.dispute = await dispute_by_number(quarrel.dispute.number)
        await step(quarrel)

    return act


def _viewer(city: City, organisation_id: UUID) -> Viewer | None:
    everybody = [*city.owners, *(agent.viewer for agent in city.agents)]
    return next((one for one in everybody if one.organisation_id == organisation_id), None)


async def _dear(city: City, number: str, no: int, amount: int, owner: Viewer, agency: Viewer) -> DisputeView:
    return await acts.open_dispute(city.world, number, no, owner, amount * 30 // 100, "检验记录", "问题照片")


async def _withheld(city: City, number: str, no: int, amount: int, owner: Viewer, agency: Viewer) -> DisputeView:
    return await acts.open_dispute(
        city.world, number, no, agency, 0, "验收单", "催款函", kind=Kind.PAYMENT, statement=WITHHELD
    )


async def _late(city: City, number: str, no: int, amount: int, owner: Viewer, agency: Viewer) -> DisputeView:
    return await acts.open_dispute(city.world, number, no, owner, amount, "催告函", kind=Kind.LATENESS, statement=LATE)


async def _beyond(city: City, number: str, no: int, amount: int, owner: Viewer, agency: Viewer) -> DisputeView:
    return await acts.open_dispute(city.world, number, no, agency, 0, "补充任务函", kind=Kind.SCOPE, statement=SCOPE)


async def _answer(quarrel: Quarrel) -> None:
    other = quarrel.agency if quarrel.dispute.side == "owner" else quarrel.owner
    await acts.answer(quarrel.city.world, quarrel.dispute, other, "情况说明")


async def _offer(quarrel: Quarrel) -> None:
    await acts.propose(quarrel.city.world, quarrel.dispute, quarrel.agency, quarrel.part(15),
                       "我方愿意退还百分之十五的费用，并在五个工作日内补交观测记录。")  # fmt: skip


async def _agree(quarrel: Quarrel) -> None:
    await acts.reply(quarrel.city.world, quarrel.dispute, quarrel.owner, accepts=True)


async def _transfer(quarrel: Quarrel) -> None:
    now = quarrel.city.world.now
    transfer = NewTransfer(beijing_date(now), f"ICBC{quarrel.dispute.number[3:]}")
    await executing.state_transfer(quarrel.dispute.number, transfer, viewer=quarrel.agency, now=now)


async def _confirm(quarrel: Quarrel) -> None:
    await executing.answer_transfer(
        quarrel.dispute.number, received=True, reason="", viewer=quarrel.owner, now=quarrel.city.world.now
    )


async def _propose(quarrel: Quarrel) -> None:
    operator = await operator_of(quarrel.city.world)
    await acts.propose(quarrel.city.world, quarrel.dispute, operator, quarrel.part(10))


async def _give_up(quarrel: Quarrel) -> None:
    await acts.give_up(quarrel.city.world, quarrel.dispute, await operator_of(quarrel.city.world))


async def _prepare(quarrel: Quarrel) -> None:
    await acts.prepare(quarrel.city.world, quarrel.dispute, quarrel.city.regulator)


async def _speak(quarrel: Quarrel) -> None:
    await acts.say_last_word(quarrel.city.world, quarrel.dispute, quarrel.agency)


async def _hear(quarrel: Quarrel) -> None:
    for side in (quarrel.owner, quarrel.agency):
        await acts.say_last_word(quarrel.city.world, quarrel.dispute, side)


async def _release(quarrel: Quarrel) -> None:
    await acts.rule(quarrel.city.world, quarrel.dispute, quarrel.city.regulator, 0)


async def _refund(quarrel: Quarrel) -> None:
    await acts.rule(quarrel.city.world, quarrel.dispute, quarrel.city.regulator, quarrel.dispute.amount_fen)


async def _divide(quarrel: Quarrel) -> None:
    await acts.rule(quarrel.city.world, quarrel.dispute, quarrel.city.regulator, quarrel.part(20))


async def _withdraw(quarrel: Quarrel) -> None:
    await acts.withdraw(quarrel.city.world, quarrel.dispute, quarrel.agency)
