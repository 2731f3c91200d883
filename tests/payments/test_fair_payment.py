"""Terms, lateness and its consequences, from a contract in force to the yearly list."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from market.cli.audit import audit_market
from market.demo.contracts import accept_delivery, deliver_results, return_results, sign_both
from market.demo.payment_disputes import open_dispute, withdraw
from market.demo.payments import pay_by_bank
from market.kernel.calendar import BEIJING, beijing_date, end_of_day, last_day
from market.kernel.db import execute, fetch, fetch_value, from_json, transaction
from market.kernel.money import divide_half_up
from market.payments.actions.payables import NewPayable, open_payable
from market.payments.actions.trades import release
from market.payments.queries import payables_about
from market.search.interface import ANYBODY, SearchQuery
from market.search.kinds import DATABASE
from market.web.viewer import Viewer
from projects.payments.overdue.queries import TermView, statement_of, steps_of, terms_about, year_lists
from tests.contracts.award import Award
from tests.contracts.conftest import award, sign_in

__all__ = ["award", "sign_in"]
pytestmark = pytest.mark.anyio


async def in_force(award: Award) -> None:
    await award.run_past_notice()
    await sign_both(award.world, award.number, award.owner, award.winner)
    await award.world.settle()


async def term(award: Award) -> TermView:
    (found,) = (await terms_about(award.number)).values()
    return found


async def deliver(award: Award) -> None:
    await deliver_results(award.world, award.number, award.winner)
    await award.world.settle()


async def delivered_and_accepted(award: Award) -> TermView:
    await in_force(award)
    await deliver(award)
    await accept_delivery(award.world, award.number, award.owner)
    await award.world.settle()
    return await term(award)


async def told(viewer: Viewer, cause: str) -> list[str]:
    rows = await fetch(
        "SELECT cause FROM inbox_message WHERE organisation_id = $1 AND cause LIKE $2 ORDER BY at",
        viewer.organisation_id, f"{cause}%",
    )  # fmt: skip
    return [row["cause"] for row in rows]


async def acts(award: Award, kind: str) -> list[dict[str, object]]:
    rows = await fetch(
        "SELECT data FROM register_entry WHERE kind = $1 AND subject = $2 ORDER BY written", kind, award.number
    )
    return [from_json(row["data"]) for row in rows]


async def run_to_day_late(award: Award, due_at: datetime, days: int) -> None:
    await award.world.run_until(due_at + timedelta(days=days - 1, hours=9))


async def test_the_time_to_pay_runs_from_the_delivery_that_was_accepted(award: Award) -> None:
    await in_force(award)
    begun = await term(award)
    assert (begun.days, begun.interest_per_day, begun.basis, begun.rule) == (
        30,
        5,
        "contract",
        "payment.public_buyer_days",
    )
    assert begun.due_at is None
    await deliver(award)
    first = await term(award)
    assert first.runs_from == award.world.now
    assert first.due_at is not None
    assert last_day(first.due_at) - beijing_date(award.world.now) >= timedelta(days=30)
    await return_results(award.world, award.number, award.owner)
    await award.world.settle()
    assert (await term(award)).due_at is None
    await award.world.run_until(award.world.now + timedelta(days=2))
    await deliver(award)
    second = await term(award)
    await award.world.run_until(award.world.now + timedelta(days=3))
    await accept_delivery(award.world, award.number, award.owner)
    await award.world.settle()
    assert (await term(award)).due_at == second.due_at  # acceptance does not move it


async def test_lateness_is_announced_recorded_counted_and_ended(award: Award) -> None:
    late = await delivered_and_accepted(award)
    assert late.due_at is not None
    world, owner = award.world, award.owner
    await world.run_until(late.due_at - timedelta(hours=1))
    assert [cause.rpartition(":")[2] for cause in await told(owner, "payment.reminder")] == ["7", "1"]
    assert await acts(award, "payment.overdue") == []
    await run_to_day_late(award, late.due_at, 31)
    steps = await steps_of(late.payable_id)
    amount = late.amount_fen
    assert [(step.days, step.unpaid_fen, step.interest_fen) for step in steps] == [
        (1, amount, late.amount.share(5).fen), (30, amount, late.amount.share(150).fen)]  # fmt: skip
    assert [act["days"] for act in await acts(award, "payment.overdue")] == [1, 30]
    assert len(await told(award.winner, "payment.overdue")) == 2
    kinds = await fetch(
        "SELECT kind, points, rule FROM credit_event WHERE organisation_id = $1 AND rule LIKE 'payment.%'",
        owner.organisation_id,
    )
    assert [tuple(row.values()) for row in kinds] == [("owner_payment_overdue", 0, "payment.overdue_breach_days")]
    await pay_by_bank(world, award.number, owner, award.winner)
    await world.settle()
    (end,) = await acts(award, "payment.overdue_ended")
    assert (end["how"], end["late_days"], end["interest_fen"]) == ("paid", 31, late.amount.share(155).fen)
    await run_to_day_late(award, late.due_at, 70)
    assert len(await acts(award, "payment.overdue")) == 2
    assert await audit_market() == []
    await execute("UPDATE overdue_payment SET interest_fen = interest_fen - 1")
    assert [finding.kind for finding in await audit_market()] == ["altered"]


async def test_a_transfer_that_waits_for_its_confirmation_records_nothing(award: Award) -> None:
    from market.payments.actions.payables import NewTransfer, answer_transfer, state_transfer

    late = await delivered_and_accepted(award)
    assert late.due_at is not None
    world, (payable,) = award.world, await payables_about(award.number)
    await world.run_until(late.due_at - timedelta(hours=1))
    paid_on = beijing_date(world.now)
    new = NewTransfer(payable.amount_fen, paid_on, "ICBC1", None)
    await state_transfer(payable.reference, new, viewer=award.owner, now=world.now)
    await run_to_day_late(award, late.due_at, 5)
    assert await acts(award, "payment.overdue") == []
    await answer_transfer(payable.reference, received=False, reason="未到账", viewer=award.winner, now=world.now)
    await world.run_until(world.now + timedelta(hours=2))
    assert [act["days"] for act in await acts(award, "payment.overdue")] == [1]


async def test_the_year_is_listed_once_and_never_changes(award: Award) -> None:
    late = await delivered_and_accepted(award)
    assert late.due_at is not None
    await run_to_day_late(award, late.due_at, 1)
    await award.world.run_until(datetime(2026, 12, 31, 12, tzinfo=BEIJING))
    await open_next_year(award)
    await award.world.run_until(end_of_day(date(2027, 3, 14)) - timedelta(minutes=1))
    assert await year_lists() == []
    await award.world.run_until(end_of_day(date(2027, 3, 14)))
    (listed,) = await year_lists()
    (row,) = listed.rows
    days = (date(2026, 12, 31) - last_day(late.due_at)).days
    assert (listed.year, row["owner"], row["payable"], row["late_days"]) == (
        2026,
        award.owner.organisation_code,
        late.reference,
        days,
    )
    assert row["interest_fen"] == late.amount.share(5 * days).fen
    asked = SearchQuery("announcements", f"逾期付款名单 {row['owner_name']}", award.world.now)
    assert (await DATABASE.search(asked, ANYBODY)).hits == ("overdue-2026",)
    await pay_by_bank(award.world, award.number, award.owner, award.winner)
    await award.world.settle()
    assert await year_lists() == [listed]
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'payment.overdue_listed'") == 1


async def open_next_year(award: Award) -> None:
    await execute("INSERT INTO calendar_year VALUES (2027, NULL, now()) ON CONFLICT DO NOTHING")


async def test_what_the_owner_disputes_bears_no_interest_while_it_is_open(award: Award) -> None:
    late = await delivered_and_accepted(award)
    assert late.due_at is not None
    claim = late.amount_fen // 4
    await run_to_day_late(award, late.due_at, 2)
    dispute = await open_dispute(award.world, late.contract, 1, award.owner, claim)
    await run_to_day_late(award, late.due_at, 4)
    await withdraw(award.world, dispute, award.owner)
    await run_to_day_late(award, late.due_at, 5)
    found = await statement_of(await term(award), beijing_date(award.world.now))
    assert [(span.days, span.disputed_fen) for span in found.spans] == [(1, 0), (2, claim), (2, 0)]
    assert found.interest.fen == divide_half_up((5 * late.amount_fen - 2 * claim) * 5, 10_000)


async def test_what_is_owed_anew_takes_the_term_of_its_contract(award: Award) -> None:
    await in_force(award)
    begun = await term(award)
    async with transaction():
        rest = NewPayable(
            f"{begun.contract}-R1", award.number, begun.title, begun.owner_id, begun.agency_id, 100_00,
            award.world.now + timedelta(days=3),
        )  # fmt: skip
        await open_payable(rest, now=award.world.now)
        await release(rest.reference, now=award.world.now)
    await award.world.settle()
    taken = (await terms_about(award.number))[rest.reference]
    assert (taken.milestone, taken.days, taken.interest_per_day) == (None, begun.days, begun.interest_per_day)
    await award.world.run_until(award.world.now + timedelta(days=5))
    assert [act["payable"] for act in await acts(award, "payment.overdue")] == [rest.reference]
