"""What the public register says of money, and what its audit finds when somebody changes rows behind its back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest

from market.cli.audit.comparing import compare
from market.cli.audit.payments import COMPARERS, check_books
from market.kernel.db import execute, fetch, transaction
from market.payments.actions.payables import NewTransfer, answer_transfer, state_transfer
from market.register.audit import Finding
from tests.payments.till import PRICE, Till

pytestmark = pytest.mark.anyio


async def found() -> set[tuple[str, str]]:
    all_found: list[Finding] = await check_books()
    for comparer in COMPARERS:
        all_found += await compare(comparer)
    return {(one.kind, one.table) for one in all_found}


class _Undo(Exception):
    """Ends a transaction without leaving anything behind."""


async def found_after(sql: str) -> set[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    with suppress(_Undo):
        async with transaction():
            await execute("SET LOCAL session_replication_role = replica")
            assert await execute(sql), f"nothing was done by {sql}"
            seen = await found()
            raise _Undo
    return seen


async def pay_in_every_way(till: Till) -> None:
    """One milestone in two parts (refunded and released), one by bank."""
    reference, payment = await till.pay()
    await till.refund(payment, 23_450)
    await till.release(reference)
    await till.work_on()
    by_bank = await till.owe()
    transfer = NewTransfer(PRICE, date(2026, 6, 16), "ICBC-20260616-1", None)
    await state_transfer(by_bank, transfer, viewer=till.owner, now=till.clock.now())
    await answer_transfer(by_bank, received=True, reason="", viewer=till.agency, now=till.clock.now())


TAMPERINGS = {
    "more was paid": ("UPDATE ledger_entry SET amount_fen = amount_fen + 1 WHERE kind = 'paid'", ("altered", "ledger_entry")),
    "a payment nobody reported": (
        "INSERT INTO ledger_entry SELECT gen_random_uuid(), gen_random_uuid(), 'pay:forged', kind, debit, credit, amount_fen, payment_id,"
        " bond_id, provider_reference, effective_at, posted_at + interval '1 hour', reverses FROM ledger_entry WHERE kind = 'paid'",
        ("extra", "ledger_entry")),
    "a release, deleted": ("DELETE FROM ledger_entry WHERE kind = 'settle'", ("missing", "ledger_entry")),
    "a refund, deleted": ("DELETE FROM ledger_entry WHERE kind = 'refund'", ("missing", "ledger_entry")),
    "a payment's own figures": ("UPDATE payment SET refunded_fen = refunded_fen - 1, settled_fen = settled_fen + 1", ("altered", "ledger")),
    "a balance": ("UPDATE ledger_account SET debits = debits + 1 WHERE code LIKE 'alipay:%'", ("altered", "ledger")),
    "a transfer, quietly denied": (
        "UPDATE bank_transfer SET answer = 'denied', answer_reason = 'x'", ("missing", "bank_transfer")),
    "the amount of a transfer": ("UPDATE bank_transfer SET amount_fen = 1", ("altered", "bank_transfer")),
}  # fmt: skip


async def test_the_audit_finds_what_was_changed_in_money(till: Till) -> None:
    await pay_in_every_way(till)
    assert await found() == set()
    unseen = {}
    for what, (sql, expected) in TAMPERINGS.items():
        seen = await found_after(sql)
        if expected not in seen:
            unseen[what] = seen
    assert unseen == {}


async def test_the_register_tells_amounts_and_no_accounts(till: Till) -> None:
    await pay_in_every_way(till)
    rows = await fetch(
        "SELECT kind, data::text AS said FROM register_entry WHERE kind LIKE 'payment.%' ORDER BY written"
    )
    assert [row["kind"] for row in rows] == ["payment.made", "payment.refunded", "payment.released", "payment.by_bank"]
    said = " ".join(row["said"] for row in rows)
    for secret in ("ICBC", "agency@demo", "2088", "22001", till.owner.person_name):
        assert secret not in said
    assert "MX-2026-000001-C1-M1" in said
