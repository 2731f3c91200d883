"""The audit accounts for every act of a dispute, and finds what is changed of it straight in the database."""

from __future__ import annotations

from market.cli.audit import audit_market
from market.demo import payment_disputes as acts
from market.demo.agencies import paper
from market.demo.payments import pay_by_bank
from market.kernel.calendar import beijing_date
from projects.disputes.actions import executing, opening
from projects.disputes.actions.executing import NewTransfer
from tests.disputes.case import Case
from tests.register.forging import by_force

# What is changed, and what the audit says of it.
FORGERIES = (
    ("UPDATE dispute SET refund_fen = refund_fen + 1, back_fen = back_fen + 1", "dispute", "refund_fen was 500000, is 500001"),
    ("UPDATE dispute SET claim_fen = 0", "dispute", "claim_fen was"),
    ("UPDATE dispute SET reasons = reasons || '。', statement = '另有理由', agency_word = '另有说明'", "dispute", "its words"),
    ("UPDATE dispute_proposal SET refund_fen = 0 WHERE no = 2", "dispute_proposal", "refund_fen was 200, is 0"),
    ("UPDATE stored_file SET sha256 = repeat('a', 64) WHERE id IN (SELECT file_id FROM dispute_evidence)",
     "dispute_evidence", "no act put aaaaaaaaaaaa forward"),
    ("UPDATE dispute_evidence SET side = 'agency' WHERE added_at > (SELECT answered_at FROM dispute)",
     "dispute_evidence", "no act in the register"),
    ("UPDATE dispute_transfer SET answer = 'denied', answer_reason = '未到账'", "dispute_transfer", "received was True, is False"),
)  # fmt: skip


async def findings(case: Case) -> list[tuple[str, str]]:
    await case.world.settle()
    return [(one.table, one.detail) for one in await audit_market()]


async def ruled(case: Case) -> None:
    """Everything that can happen to a dispute that is ruled on and paid back by bank."""
    world = case.world
    await pay_by_bank(world, case.award.number, case.owner, case.agency)
    dispute = await case.open(None, None, "检验记录")
    await acts.answer(world, dispute, case.agency, "补充成果")
    world.clock.advance(hours=1)
    await opening.add_evidence(
        dispute.number, (paper("照片"),), viewer=case.owner, files=world.running.files, now=world.now
    )
    await acts.propose(world, dispute, case.agency, 100)
    await acts.reply(world, dispute, case.owner, accepts=False)
    await acts.propose(world, dispute, case.operator, 200)
    await acts.reply(world, dispute, case.owner, accepts=True)
    await acts.reply(world, dispute, case.agency, accepts=False)
    await acts.prepare(world, dispute, case.regulator)
    for side in (case.owner, case.agency):
        await acts.say_last_word(world, dispute, side)
    await acts.rule(world, dispute, case.regulator, 5_000_00)
    await world.settle()
    transfer = NewTransfer(beijing_date(world.now), "ICBC-1")
    await executing.state_transfer(dispute.number, transfer, viewer=case.agency, now=world.now)
    await executing.answer_transfer(dispute.number, received=True, reason="", viewer=case.owner, now=world.now)
    await case.finish(dispute)


async def test_nothing_is_found_where_all_is_well_and_everything_where_it_was_changed(case: Case) -> None:
    await ruled(case)
    assert await findings(case) == []
    for forgery, _, _ in FORGERIES:
        await by_force(forgery)
    found = await findings(case)
    missed = [words for _, table, words in FORGERIES if not any(one == table and words in said for one, said in found)]
    assert missed == [], found
    assert sum("its words" in said for _, said in found) == 3


async def test_nor_after_the_other_endings(case: Case) -> None:
    dispute = await case.open(case.agency, 0)
    await acts.withdraw(case.world, dispute, case.agency)
    second = await case.open()
    await case.world.run_until(second.answer_due_at)
    await acts.propose(case.world, second, case.owner, second.amount_fen)
    await acts.reply(case.world, second, case.agency, accepts=True)
    await case.finish(second)
    assert await findings(case) == []
