"""Everybody who takes part in a dispute, and the money that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from market.demo import payment_disputes as acts
from market.demo.agencies import operator_of
from market.demo.contracts import sign_both
from market.demo.world import World
from market.payments.actions.rows import Payment
from market.payments.queries import PayableView, payable_by
from market.web.viewer import Viewer
from projects.contracts.drafts import actions as drafts
from projects.contracts.drafts.rules import Plan
from projects.contracts.queries import ContractView
from projects.disputes.queries import DisputeView, dispute_by_number
from projects.milestones import PlannedMilestone
from tests.beginnings import Beginning
from tests.contracts.award import Award, make_award
from tests.payments.till import Till
from tests.ratings.people import open_regulator

PLAN = Plan((PlannedMilestone("外业测量及初步成果", 4000, 6), PlannedMilestone("全部成果报告", 6000, 9)), "zh", ())


@dataclass
class Case:
    award: Award
    regulator: Viewer
    operator: Viewer
    till: Till = field(init=False)

    @property
    def world(self) -> World:
        return self.award.world

    @property
    def owner(self) -> Viewer:
        return self.award.owner

    @property
    def agency(self) -> Viewer:
        return self.award.winner

    async def contract(self) -> ContractView:
        return await self.award.contract()

    async def reference(self, milestone: int = 1) -> str:
        return f"{(await self.contract()).number}-M{milestone}"

    async def money(self, milestone: int = 1) -> PayableView:
        found = await payable_by(await self.reference(milestone))
        assert found is not None
        return found

    async def pay(self, milestone: int = 1) -> Payment:
        """Through Alipay, which reports it."""
        payment = await self.till.start(await self.reference(milestone))
        await self.till.buyer_pays(payment)
        await self.till.alipay.tick()
        return await self.till.payment(payment)

    async def open(self, viewer: Viewer | None = None, claim_fen: int | None = None, *names: str) -> DisputeView:
        """The owner disputes the first milestone and wants half of it back."""
        claim = (await self.money()).amount_fen // 2 if claim_fen is None else claim_fen
        return await acts.open_dispute(
            self.world, (await self.contract()).number, 1, viewer or self.owner, claim, *names
        )

    async def ruled(self, refund_fen: int, dispute: DisputeView | None = None) -> DisputeView:
        """Opened, answered, not agreed on, heard and ruled; nothing is carried out yet."""
        found = dispute or await self.open()
        await acts.answer(self.world, found, self.agency if found.side == "owner" else self.owner)
        return await acts.hear_and_rule(
            self.world, found, (self.owner, self.agency), self.operator, self.regulator, refund_fen
        )

    async def now(self, dispute: DisputeView) -> DisputeView:
        return await dispute_by_number(dispute.number)

    async def finish(self, dispute: DisputeView) -> DisputeView:
        """Everything that happens by itself within the next minutes."""
        for _ in range(8):
            await self.world.settle()
            self.world.clock.advance(minutes=2)
            await self.till.alipay.tick()
        return await self.now(dispute)


async def contested(world: World) -> Case:
    award = await make_award(world)
    await award.run_past_notice()
    contract = await award.contract()
    await drafts.propose(contract.number, PLAN, viewer=award.owner, now=world.now)
    await drafts.answer(contract.number, no=1, agrees=True, reason="", viewer=award.winner, now=world.now)
    await sign_both(world, award.number, award.owner, award.winner)
    regulator = await open_regulator(world, 1, "3702")
    await world.settle()
    return Case(award, regulator, await operator_of(world))


def recall_case(beginning: Beginning, world: World) -> Case:
    known: Case = beginning.memory
    return Case(replace(known.award, world=world, agents=list(known.award.agents)), known.regulator, known.operator)
