"""Builders of disputes on milestones, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

from market.demo.agencies import paper
from market.demo.world import World
from market.web.viewer import Viewer
from projects.disputes.actions import agreeing, opening, ruling
from projects.disputes.actions.agreeing import NewProposal
from projects.disputes.actions.opening import NewDispute
from projects.disputes.actions.ruling import Ruling
from projects.disputes.queries import DisputeView, dispute_by_number
from projects.disputes.rules import Kind

STATEMENT = "第一期成果缺少两处控制点的观测记录，精度达不到合同约定的等级，请求退还该部分费用。"
ANSWER = "控制点观测记录已在补充成果中提交，精度符合合同约定，不同意退款；可以补充检验报告。"
PROPOSAL = "双方均有责任：记录补交迟延，但成果可用。建议退还部分费用，其余款项放款。"
LAST_WORD = "请结合已提交的检验报告依法裁决，本单位无其他补充意见。"
REASONS = "经审阅双方材料：成果总体可用，但缺少的观测记录影响部分成果的使用，按比例退还相应费用。"
LEGAL_CAUSE = "《中华人民共和国民法典》第五百八十二条"
FAILED = "双方对责任比例分歧较大，经两次沟通仍不能达成一致。"


async def open_dispute(
    world: World, contract_number: str, milestone: int, viewer: Viewer, claim_fen: int, *names: str,
    kind: Kind = Kind.QUALITY, statement: str = STATEMENT,
) -> DisputeView:  # fmt: skip
    """With small PDFs of these names as evidence."""
    new = NewDispute(kind, claim_fen, statement, tuple(paper(name) for name in names))
    return await opening.open_dispute(
        contract_number,
        milestone,
        new,
        viewer=viewer,
        files=world.running.files,
        calendar=world.calendar,
        now=world.now,
    )


async def answer(world: World, dispute: DisputeView, viewer: Viewer, *names: str, text: str = ANSWER) -> DisputeView:
    await opening.answer(
        dispute.number, text, tuple(paper(name) for name in names), viewer=viewer, files=world.running.files,
        calendar=world.calendar, now=world.now,
    )  # fmt: skip
    return await dispute_by_number(dispute.number)


async def withdraw(world: World, dispute: DisputeView, viewer: Viewer) -> DisputeView:
    await opening.withdraw(dispute.number, viewer=viewer, calendar=world.calendar, now=world.now)
    return await dispute_by_number(dispute.number)


async def propose(
    world: World, dispute: DisputeView, viewer: Viewer, refund_fen: int, reasons: str = PROPOSAL
) -> DisputeView:
    await agreeing.propose(
        dispute.number, NewProposal(refund_fen, reasons), viewer=viewer, calendar=world.calendar, now=world.now
    )
    return await dispute_by_number(dispute.number)


async def reply(world: World, dispute: DisputeView, viewer: Viewer, *, accepts: bool) -> DisputeView:
    """To the latest proposal."""
    no = (await dispute_by_number(dispute.number)).proposals[-1].no
    await agreeing.answer_proposal(
        dispute.number, no=no, accepts=accepts, viewer=viewer, calendar=world.calendar, now=world.now
    )
    return await dispute_by_number(dispute.number)


async def give_up(world: World, dispute: DisputeView, operator: Viewer, reason: str = FAILED) -> DisputeView:
    await agreeing.give_up(dispute.number, reason, viewer=operator, calendar=world.calendar, now=world.now)
    return await dispute_by_number(dispute.number)


async def prepare(world: World, dispute: DisputeView, regulator: Viewer) -> DisputeView:
    await ruling.prepare(dispute.number, viewer=regulator, calendar=world.calendar, now=world.now)
    return await dispute_by_number(dispute.number)


async def say_last_word(world: World, dispute: DisputeView, viewer: Viewer, text: str = LAST_WORD) -> DisputeView:
    await ruling.say_last_word(dispute.number, text, viewer=viewer, now=world.now)
    return await dispute_by_number(dispute.number)


async def rule(world: World, dispute: DisputeView, regulator: Viewer, refund_fen: int) -> DisputeView:
    await ruling.rule(
        dispute.number,
        Ruling(refund_fen, LEGAL_CAUSE, REASONS),
        viewer=regulator,
        calendar=world.calendar,
        now=world.now,
    )
    return await dispute_by_number(dispute.number)


async def hear_and_rule(
    world: World,
    dispute: DisputeView,
    sides: tuple[Viewer, Viewer],
    operator: Viewer,
    regulator: Viewer,
    refund_fen: int,
) -> DisputeView:
    """From an answered dispute to its ruling: no agreement, both sides heard."""
    await give_up(world, dispute, operator)
    await prepare(world, dispute, regulator)
    for side in sides:
        await say_last_word(world, dispute, side)
    return await rule(world, dispute, regulator, refund_fen)
