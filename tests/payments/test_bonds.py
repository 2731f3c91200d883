"""Bonds against the simulated Alipay: frozen, given back, claimed, run out, given up. The numbers are those of the list of
failures in docs/payments.md."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.cli.audit.comparing import compare
from market.cli.audit.payments import COMPARERS
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.ids import new_id
from market.payments.actions import bonds, claims, guarantees
from market.payments.actions.bond_reminders import remind_of_ends
from market.payments.actions.bonds import NewDemand
from market.payments.actions.guarantees import NewGuarantee
from market.payments.actions.reconciling import close_day, fetch_bill, open_days
from market.payments.alipay.gateway import Gateway
from market.payments.bond_queries import DemandView, demand_of, freezes_of
from market.payments.bond_rules import BondFacts, BondStanding, Ended, Mode, bond_is_missing, bond_standing
from market.payments.jobs import bond_returns_due
from market.payments.rules import Standing, bill_due_at
from tests.payments.conftest import ADDRESSES
from tests.payments.till import Till, stranger

BOND = 12_000
CONTRACT = "MX-2026-000001-C1"
pytestmark = pytest.mark.anyio


async def ask(till: Till, mode: Mode = Mode.AUTHORISATION) -> DemandView:
    agency, owner = till.agency.organisation_id, till.owner.organisation_id
    assert agency is not None
    assert owner is not None
    new = NewDemand(CONTRACT, "MX-2026-000001", "危房测绘", agency, owner, mode, BOND)
    async with transaction():
        await bonds.demand(new, viewer=till.owner, now=till.clock.now())
    return await see(till)


async def see(till: Till) -> DemandView:
    found = await demand_of(CONTRACT)
    assert found is not None
    return found


async def standing(till: Till) -> BondStanding:
    return (await see(till)).standing(till.clock.now())


async def authorise(till: Till) -> None:
    """The agency takes the code to the simulated cashier; Alipay is asked."""
    await bonds.offer_freeze(CONTRACT, viewer=till.agency, now=till.clock.now())
    await till.work()
    latest = (await freezes_of((await see(till)).id))[0]
    assert latest.code.startswith("http://127.0.0.1:8001/authorise/")
    await till.browser.post(latest.code)
    await bonds.ask_frozen(latest.id, gateway=till.gateway, now=till.clock.now())


async def frozen(till: Till) -> DemandView:
    await ask(till)
    await authorise(till)
    return await see(till)


async def sound(till: Till) -> None:
    await till.sound()
    found = [one for comparer in COMPARERS for one in await compare(comparer)]
    assert [one.members() for one in found] == []


def rest_at_alipay(till: Till) -> int:
    return sum(one.rest for one in till.alipay.books._all["authorisation"].values())


async def owner_account(till: Till) -> None:
    """The owner is known to Alipay too, so that it can be paid."""
    merchant = new_id()
    await execute(
        "INSERT INTO sub_merchant (id, organisation_id, logon_id, state, smid, asked_by, asked_at) VALUES ($1,$2,'owner@demo','active',"
        " '2088000000000777',$3,$4)", merchant, till.owner.organisation_id, till.owner.person_id, till.clock.now(),
    )  # fmt: skip


async def claim(till: Till, amount: int = 5_000) -> None:
    await claims.claim(CONTRACT, amount, reason="成果逾期未补正", viewer=till.owner, now=till.clock.now())


async def rule(till: Till, amount: int) -> None:
    await claims.rule(CONTRACT, amount, ruling="责任属实，部分支持", viewer=till.owner, now=till.clock.now())


async def test_frozen_given_back_in_parts_and_returned_when_its_time_comes(till: Till) -> None:
    await ask(till)
    assert await standing(till) is BondStanding.ASKED
    async with transaction():
        await bonds.come_into_force(CONTRACT, due_at=till.clock.now() + timedelta(days=7), retained=None)
    reference = await till.owe()
    await till.start(reference)
    till.clock.advance(days=7)
    assert await standing(till) is BondStanding.MISSING
    with pytest.raises(Refusal, match="bond"):
        await till.start(reference)
    await authorise(till)
    assert await standing(till) is BondStanding.GIVEN
    await bonds.give_back(CONTRACT, 2_000, viewer=till.owner, now=till.clock.now())
    await till.work()
    assert (await see(till)).left_fen == rest_at_alipay(till) == 10_000
    async with transaction():
        await bonds.set_return(CONTRACT, till.clock.now() + timedelta(days=5))
    assert await bond_returns_due(till.clock) == 0
    till.clock.advance(days=5)
    assert await bond_returns_due(till.clock) == 1
    await till.work()
    assert await standing(till) is BondStanding.RETURNED
    assert rest_at_alipay(till) == 0
    await sound(till)


async def test_alipay_reports_the_freeze_by_itself(till: Till) -> None:
    """The notify makes the market ask; a freeze is never believed by its notify alone."""
    till.gateway = Gateway(till.gateway.client, notify_url=ADDRESSES.notify_url)
    await ask(till)
    await bonds.offer_freeze(CONTRACT, viewer=till.agency, now=till.clock.now())
    await till.work()
    (offered,) = await freezes_of((await see(till)).id)
    await bonds.ask_frozen(offered.id, gateway=till.gateway, now=till.clock.now())
    await till.browser.post(offered.code)
    await till.alipay.tick()
    assert till.outcomes == ["applied"]
    assert await fetch_value("SELECT poll_at FROM bond") == till.clock.now()
    assert await standing(till) is BondStanding.OFFERED


async def test_29_no_more_goes_back_than_is_frozen(till: Till) -> None:
    await frozen(till)
    with pytest.raises(Refusal):
        await bonds.give_back(CONTRACT, BOND + 1, viewer=till.owner, now=till.clock.now())
    with pytest.raises(NotFound):
        await bonds.give_back(CONTRACT, 1, viewer=stranger(), now=till.clock.now())
    await bonds.give_back(CONTRACT, 7_000, viewer=till.owner, now=till.clock.now())
    with pytest.raises(Refusal):
        await claim_with_account(till, 5_001)
    await sound(till)


async def claim_with_account(till: Till, amount: int) -> None:
    await owner_account(till)
    await claim(till, amount)


async def test_29_nothing_is_captured_after_it_went_back(till: Till) -> None:
    await frozen(till)
    await bonds.give_back(CONTRACT, BOND, viewer=till.owner, now=till.clock.now())
    await till.work()
    with pytest.raises(Refusal):
        await claim_with_account(till, 1)
    assert await standing(till) is BondStanding.RETURNED
    await sound(till)


@pytest.mark.parametrize("granted", [0, 3_000, BOND])
async def test_29_the_regulator_s_ruling_pays_the_owner_and_nobody_else(till: Till, granted: int) -> None:
    await frozen(till)
    with pytest.raises(Refusal):
        await claim(till, BOND)  # the owner has no account that could be paid
    await claim_with_account(till, BOND)
    await claims.answer(CONTRACT, agrees=False, reason="并无违约", viewer=till.agency, now=till.clock.now())
    assert await standing(till) is BondStanding.CLAIMED
    with pytest.raises(Refusal):
        await bonds.waive(CONTRACT, reason="误操作", viewer=till.owner, now=till.clock.now())
    await rule(till, granted)
    await till.work()
    paid = [one for one in till.alipay.books.trades() if one.auth_no]
    assert [(one.total, one.smid) for one in paid] == ([(granted, "2088000000000777")] if granted else [])
    assert await standing(till) is (BondStanding.SPENT if granted == BOND else BondStanding.GIVEN)
    await sound(till)


async def test_29_a_capture_is_never_sent_without_the_owner_s_account(till: Till) -> None:
    """Alipay would else pay the merchant that asks: the market."""
    await frozen(till)
    await claim_with_account(till, 1_000)
    await claims.answer(CONTRACT, agrees=True, reason="", viewer=till.agency, now=till.clock.now())
    await execute("UPDATE sub_merchant SET state = 'refused', smid = NULL WHERE logon_id = 'owner@demo'")
    await till.work()
    assert [one for one in till.alipay.books.trades() if one.auth_no] == []
    assert (await see(till)).moving_fen == 1_000


async def test_29_an_expired_freeze_is_missing_and_stops_payments_in_advance(till: Till) -> None:
    await frozen(till)
    reference = await till.owe()
    till.clock.advance(days=160)
    assert await remind_of_ends(now=till.clock.now()) == 1
    assert await remind_of_ends(now=till.clock.now()) == 0
    till.clock.advance(days=20)
    await bonds.expire((await freezes_of((await see(till)).id))[0].id, now=till.clock.now())
    assert await standing(till) is BondStanding.MISSING
    assert await till.alarms() == ["bond_expires"]
    with pytest.raises(Refusal, match="bond"):
        await till.start(reference)
    await authorise(till)
    await till.start(reference)
    await sound(till)


async def test_a_successor_takes_the_place_of_a_freeze_that_runs_out(till: Till) -> None:
    await frozen(till)
    with pytest.raises(Refusal):
        await bonds.offer_freeze(CONTRACT, viewer=till.agency, now=till.clock.now())
    till.clock.advance(days=165)
    await authorise(till)
    await till.work()
    assert rest_at_alipay(till) == BOND
    assert (await see(till)).frozen_until == till.clock.now() + timedelta(days=180)
    await sound(till)


async def test_what_is_frozen_after_it_was_given_up_goes_back_at_once(till: Till) -> None:
    await ask(till)
    await bonds.offer_freeze(CONTRACT, viewer=till.agency, now=till.clock.now())
    await till.work()
    (offered,) = await freezes_of((await see(till)).id)
    await bonds.waive(CONTRACT, reason="已无必要", viewer=till.owner, now=till.clock.now())
    await till.browser.post(offered.code)
    await bonds.ask_frozen(offered.id, gateway=till.gateway, now=till.clock.now())
    await till.work()
    assert (rest_at_alipay(till), await standing(till)) == (0, BondStanding.WAIVED)
    await sound(till)


async def test_what_the_owner_was_paid_stands_in_the_bill(till: Till) -> None:
    await till.pay()
    await frozen(till)
    await claim_with_account(till, 5_000)
    await claims.answer(CONTRACT, agrees=True, reason="", viewer=till.agency, now=till.clock.now())
    await till.work()
    day = till.clock.now().date()
    till.clock.set(bill_due_at(day))
    async with transaction():
        await open_days(now=till.clock.now())
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    assert await fetch_value("SELECT count(*) FROM bill_break") == 0
    assert await fetch_value("SELECT count(*) FROM bill_line WHERE entry_id IS NOT NULL") == 2
    assert till.owner.person_id is not None
    await close_day(day, by=till.owner.person_id, now=till.clock.now())


def guarantee(till: Till, *, amount: int = BOND, days: int = 90) -> NewGuarantee:
    return NewGuarantee(
        "BH-2026-0001", "中国工商银行青岛市分行", amount, till.clock.now().date() + timedelta(days=days), FILE
    )


FILE = new_id()


async def keep_file(till: Till) -> None:
    await execute(
        "INSERT INTO stored_file (id, owner_organisation_id, name, media_type, size, sha256, uploaded_by, uploaded_at)"
        " VALUES ($1,$2,'bh.pdf','application/pdf',1,repeat('0', 64),$3,$4) ON CONFLICT DO NOTHING",
        FILE, till.agency.organisation_id, till.agency.person_id, till.clock.now(),
    )  # fmt: skip


async def test_a_bank_s_guarantee_takes_the_place_of_money(till: Till) -> None:
    await keep_file(till)
    await ask(till)
    now = till.clock.now()
    for bad in (guarantee(till, amount=BOND - 1), guarantee(till, days=0)):
        with pytest.raises(Refusal):
            await guarantees.hand_in(CONTRACT, bad, viewer=till.agency, now=now)
    await guarantees.hand_in(CONTRACT, guarantee(till), viewer=till.agency, now=now)
    assert await standing(till) is BondStanding.OFFERED
    await guarantees.answer(CONTRACT, confirms=False, reason="银行查无此函", viewer=till.owner, now=now)
    assert await standing(till) is BondStanding.ASKED
    till.clock.advance(hours=1)
    await guarantees.hand_in(CONTRACT, guarantee(till), viewer=till.agency, now=till.clock.now())
    await guarantees.answer(CONTRACT, confirms=True, reason="", viewer=till.owner, now=till.clock.now())
    assert await standing(till) is BondStanding.GIVEN
    till.clock.advance(days=70)
    assert await remind_of_ends(now=till.clock.now()) == 1
    till.clock.advance(days=21)
    assert await standing(till) is BondStanding.MISSING
    await bonds.give_back(CONTRACT, BOND, viewer=till.owner, now=till.clock.now())
    assert await standing(till) is BondStanding.RETURNED
    await sound(till)


async def test_the_last_payment_is_held_back_as_a_bond(till: Till) -> None:
    await ask(till, Mode.RETENTION)
    reference = await till.owe(BOND)
    async with transaction():
        await bonds.come_into_force(CONTRACT, due_at=till.clock.now(), retained=reference)
    assert await standing(till) is BondStanding.RETAINED
    payment = await till.start(reference)
    await till.buyer_pays(payment)
    await till.alipay.tick()
    await till.release(reference)
    assert await till.work() == 0
    held = await till.see(reference)
    assert (held.standing, held.retained) == (Standing.HELD, True)
    await claim(till, 2_000)
    await claims.answer(CONTRACT, agrees=True, reason="", viewer=till.agency, now=till.clock.now())
    await till.work()
    await bonds.give_back(CONTRACT, BOND, viewer=till.owner, now=till.clock.now())
    await till.work()
    after = await till.payment(payment)
    assert (after.refunded_fen, after.settled_fen) == (2_000, 10_000)
    await sound(till)


async def test_a_last_payment_that_is_too_large_leaves_the_guarantee(till: Till) -> None:
    await ask(till, Mode.RETENTION)
    async with transaction():
        await bonds.come_into_force(CONTRACT, due_at=till.clock.now(), retained=None)
    assert (await see(till)).mode is Mode.GUARANTEE
    with pytest.raises(Refusal):
        await bonds.offer_freeze(CONTRACT, viewer=till.agency, now=till.clock.now())
    await sound(till)


MOMENTS = st.integers(0, 10**9).map(lambda seconds: datetime.fromtimestamp(10**9 + seconds, UTC))
FACTS = st.builds(
    BondFacts,
    st.sampled_from(Mode), st.none() | st.sampled_from(Ended), st.none() | MOMENTS,
    st.none() | st.dates(), st.none() | MOMENTS, st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip


@settings(deadline=None)
@given(FACTS, MOMENTS)
def test_a_bond_counts_only_while_something_secures_it(facts: BondFacts, now: datetime) -> None:
    found = bond_standing(facts, now=now)
    if facts.ended is not None:
        assert str(found) == str(facts.ended)
    elif found is BondStanding.GIVEN:
        assert (facts.frozen_until or now) > now or (facts.guaranteed_until or date.min) >= (
            now + timedelta(hours=8)
        ).date()
    assert (found is BondStanding.RETAINED) <= (facts.mode is Mode.RETENTION)
    if found is BondStanding.ASKED:
        assert not facts.given_once and (facts.due_at is None or now < facts.due_at)
    assert bond_is_missing(facts, now=now) <= (
        found in {BondStanding.MISSING, BondStanding.OFFERED, BondStanding.CLAIMED}
    )
