"""A bond from the owner's demand to its end: asked for, frozen at Alipay or guaranteed, returned, spent, or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.db import execute, fetch_one, fetch_value, require_transaction, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.money import Money
from market.payments.actions import ledger
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.instructions import want
from market.payments.actions.ledger import Entry, post
from market.payments.actions.rows import Demand, bonds_of, demand_by_id, lock_bond, lock_demand, read_bond
from market.payments.actions.trades import settle_payable
from market.payments.alipay.gateway import Gateway
from market.payments.alipay.outcome import Done
from market.payments.bond_rules import CODE_LIVES, LONGEST_BOND, REMINDED, Ended, Mode
from market.payments.rules import POLLS, Kind, request_number
from market.register.actions import record
from market.web.display import money
from market.web.viewer import Viewer


@dataclass(frozen=True)
class NewDemand:
    """`reference`: the contract's number; `subject`: its project's."""

    reference: str
    subject: str
    title: str
    agency_id: UUID
    beneficiary_id: UUID
    mode: Mode
    amount_fen: int


async def record_bond(kind: str, demand_id: UUID, *, at: datetime, by: str = "market", **facts: Any) -> None:
    demand = await demand_by_id(demand_id)
    await record(kind, subject=demand.subject, by=by, at=at, data={"contract": demand.reference, **facts})


async def tell_about(demand: Demand, organisation_id: UUID, text: str, cause: str, *, now: datetime) -> None:
    await tell(
        organisation_id, text, link=f"/contracts/{demand.reference}/bond", cause=f"bond.{cause}:{demand.reference}",
        facts={"title": demand.title, "amount": money(demand.amount_fen)}, now=now,
    )  # fmt: skip


async def demand(new: NewDemand, *, viewer: Viewer, now: datetime) -> None:
    """In the caller's transaction, which has made sure that the contract may still ask for one. Once a contract."""
    require_transaction()
    demand_id = new_id()
    inserted = await execute(
        "INSERT INTO bond_demand (id, reference, subject, title, agency_id, beneficiary_id, mode, amount_fen, demanded_by,"
        " demanded_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) ON CONFLICT (reference) DO NOTHING",
        demand_id, new.reference, new.subject, new.title, new.agency_id, new.beneficiary_id, str(new.mode), new.amount_fen,
        viewer.person_id, now,
    )  # fmt: skip
    if not inserted:
        raise Refusal(
            "bond.asked_already", N_("A bond was asked for with this contract already."),
            todo=N_("Look at the page of the contract's bond."),
        )  # fmt: skip
    await record_bond(
        "bond.demanded", demand_id, at=now, by=viewer.organisation_code, amount_fen=new.amount_fen, mode=str(new.mode)
    )
    asked = await demand_by_id(demand_id)
    await tell_about(asked, asked.agency_id, N_("{title}: the owner asks for a bond of {amount}."), "demanded", now=now)


async def come_into_force(reference: str, *, due_at: datetime, retained: str | None) -> None:
    """The contract is signed: until when the bond is due, and which payment is held back in its place. Where the last
    payment is too large to be held back, `retained` is None and only a bank's guarantee is left."""
    require_transaction()
    await execute(
        "UPDATE bond_demand SET due_at = $2, retained_reference = $3, mode = CASE WHEN mode = 'retention' AND $3::text IS NULL"
        " THEN 'guarantee' ELSE mode END WHERE reference = $1 AND ended_at IS NULL AND due_at IS NULL",
        reference, due_at, retained,
    )  # fmt: skip


async def set_return(reference: str, returns_at: datetime) -> None:
    """The contract is performed or ended: what is left goes back then, by itself."""
    require_transaction()
    await execute(
        "UPDATE bond_demand SET returns_at = $2 WHERE reference = $1 AND ended_at IS NULL AND returns_at IS NULL",
        reference, returns_at,
    )  # fmt: skip


async def end(
    reference: str, how: Ended, *, now: datetime, viewer: Viewer | None = None, reason: str = "", unclaimed: bool = True
) -> bool:
    """Gives up what is left of a bond: what is frozen is unfrozen, a guarantee counts as returned, a payment that was held
    back goes on. In the caller's transaction; False where it had ended. Raises Refusal while a claim is open."""
    asked = await lock_demand(reference)
    if asked.ended is not None:
        return False
    if unclaimed and await _has_open_claim(asked.id):
        raise Refusal(
            "bond.claim_open", N_("A claim on this bond is open; the bond stays until it is answered."),
            todo=N_("Answer the claim, or wait for the ruling."),
        )  # fmt: skip
    await execute(
        "UPDATE bond_demand SET ended = $2, ended_at = $3, ended_by = $4, end_reason = $5 WHERE id = $1",
        asked.id, str(how), now, viewer.person_id if viewer else None, reason,
    )  # fmt: skip
    await _let_go(asked, reason or asked.title, viewer, now=now)
    by = viewer.organisation_code if viewer else "market"
    await record_bond("bond.ended", asked.id, at=now, by=by, how=str(how))
    for organisation_id in (asked.agency_id, asked.beneficiary_id):
        await tell_about(asked, organisation_id, _ENDED[how], "ended", now=now)
    return True


_ENDED = {
    Ended.DECLINED: N_("{title}: the agency declined to give a bond of {amount}."),
    Ended.WAIVED: N_("{title}: the owner waived the bond of {amount}."),
    Ended.RETURNED: N_("{title}: the bond goes back to the agency."),
    Ended.SPENT: N_("{title}: the bond was spent on the owner's claim."),
    Ended.VOID: N_("{title}: no contract came about, so no bond is needed."),
}


async def _let_go(asked: Demand, reason: str, viewer: Viewer | None, *, now: datetime) -> None:
    await execute("UPDATE bond SET state = 'withdrawn' WHERE demand_id = $1 AND state = 'asked'", asked.id)
    await execute(
        "UPDATE bank_guarantee SET returned_at = $2 WHERE demand_id = $1 AND answer = 'confirmed' AND returned_at IS NULL",
        asked.id, now,
    )  # fmt: skip
    for one in await bonds_of(asked.id, "frozen"):
        if one.left_fen and now < one.expires_at:
            await move(one.id, Kind.UNFREEZE, one.left_fen, reason=reason, viewer=viewer, now=now)
    if asked.retained_reference is not None:
        await settle_payable(asked.retained_reference, now=now)


async def _has_open_claim(demand_id: UUID) -> bool:
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM bond_claim WHERE demand_id = $1 AND granted_fen IS NULL)", demand_id
    )
    return found


async def decline(reference: str, *, reason: str, viewer: Viewer, now: datetime) -> None:
    """The agency does not give what the notice did not name; before it signs. The caller has made sure of that."""
    asked = await lock_demand(reference)
    if asked.agency_id != viewer.organisation_id:
        raise NotFound
    await end(reference, Ended.DECLINED, viewer=viewer, reason=reason, now=now)


async def give_back(reference: str, amount_fen: int, *, viewer: Viewer, now: datetime) -> None:
    """The owner gives back a part of what is frozen, or all of the bond. Raises NotFound for strangers, Refusal beyond
    what is left."""
    async with transaction():
        asked = await lock_demand(reference)
        if asked.beneficiary_id != viewer.organisation_id or asked.ended is not None:
            raise NotFound
        frozen = await bonds_of(asked.id, "frozen")
        left = sum(one.left_fen for one in frozen)
        if amount_fen >= left:
            if amount_fen > max(left, asked.amount_fen):
                raise Refusal("bond.too_small", N_("Only {left} of this bond is left."), left=Money(left))
            await end(reference, Ended.RETURNED, viewer=viewer, now=now)
            return
        for one in frozen:
            part = min(amount_fen, one.left_fen)
            if part:
                await move(one.id, Kind.UNFREEZE, part, reason=asked.title, viewer=viewer, now=now)
                amount_fen -= part


async def waive(reference: str, *, reason: str, viewer: Viewer, now: datetime) -> None:
    async with transaction():
        asked = await lock_demand(reference)
        if asked.beneficiary_id != viewer.organisation_id:
            raise NotFound
        await end(reference, Ended.WAIVED, viewer=viewer, reason=reason, now=now)


# Freezing at Alipay.


async def offer_freeze(reference: str, *, viewer: Viewer, now: datetime) -> None:
    """The agency asks for a code by which it freezes the bond in its own account. A frozen one that runs out soon gets a
    successor; the old one goes back when the new one is frozen. Raises NotFound for strangers, Refusal by the mode."""
    async with transaction():
        asked = await lock_demand(reference)
        if asked.agency_id != viewer.organisation_id:
            raise NotFound
        _check_may_freeze(asked)
        if await bonds_of(asked.id, "asked"):
            return
        if any(now < one.expires_at - REMINDED for one in await bonds_of(asked.id, "frozen")):
            raise Refusal("bond.frozen_already", N_("This bond is frozen already."))
        bond_id = new_id()
        no: int = await fetch_value("SELECT count(*) + 1 FROM bond WHERE demand_id = $1", asked.id)
        await execute(
            "INSERT INTO bond (id, demand_id, reference, agency_id, beneficiary_id, title, total_fen, order_no, state,"
            " created_at, expires_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'asked',$9,$10)",
            bond_id, asked.id, f"{asked.reference}-B{no}", asked.agency_id, asked.beneficiary_id, asked.title, asked.amount_fen,
            f"B{bond_id.hex}", now, now + LONGEST_BOND,
        )  # fmt: skip
        await want(Kind.FREEZE, asked.title, bond_id=bond_id, amount_fen=asked.amount_fen, by=viewer.person_id, now=now)


def _check_may_freeze(asked: Demand) -> None:
    if asked.ended is not None:
        raise Refusal("bond.ended", N_("This bond is not asked for any more."))
    if asked.mode != Mode.AUTHORISATION:
        raise Refusal(
            "bond.other_mode", N_("This bond is not given by freezing money at Alipay."),
            todo=N_("Hand in a bank's guarantee."),
        )  # fmt: skip


async def withdraw_offer(reference: str, *, viewer: Viewer, now: datetime) -> None:
    """The agency gives up a code; what is frozen by it nevertheless goes back at once."""
    async with transaction():
        asked = await lock_demand(reference)
        if asked.agency_id != viewer.organisation_id:
            raise NotFound
        await execute(
            "UPDATE bond SET state = 'withdrawn', poll_at = $2 WHERE demand_id = $1 AND state = 'asked'", asked.id, now
        )


async def hurry(reference: str, *, viewer: Viewer, now: datetime) -> None:
    """The agency says that it has authorised: Alipay is asked at once."""
    async with transaction():
        await execute(
            "UPDATE bond SET poll_at = $3 WHERE state = 'asked' AND code <> '' AND demand_id ="
            " (SELECT id FROM bond_demand WHERE reference = $1 AND agency_id = $2)", reference, viewer.organisation_id, now,
        )  # fmt: skip


async def ask_frozen(bond_id: UUID, *, gateway: Gateway, now: datetime) -> None:
    """Asks Alipay whether a bond is frozen, and books it. One that was given up meanwhile is unfrozen again."""
    bond = await read_bond(bond_id)
    if bond.state not in {"asked", "withdrawn"}:
        return
    row = await fetch_one("SELECT id FROM instruction WHERE bond_id = $1 AND kind = 'freeze'", bond_id)
    assert row is not None
    found = await gateway.authorisation(bond.order_no, request_number(Kind.FREEZE, row["id"]), "FREEZE", now=now)
    async with transaction():
        asked = await lock_demand((await demand_by_id(bond.demand_id)).reference)
        bond = await lock_bond(bond_id)
        if bond.state not in {"asked", "withdrawn"}:
            return
        if isinstance(found, Done) and found.node.get("status") == "SUCCESS":
            await _book_freeze(asked, bond_id, str(found.node["auth_no"]), given_up=bond.state == "withdrawn", now=now)
        else:
            await _poll_on(bond_id, over=now >= bond.created_at + CODE_LIVES, now=now)


async def _poll_on(bond_id: UUID, *, over: bool, now: datetime) -> None:
    await execute(
        "UPDATE bond SET state = CASE WHEN $3::boolean THEN 'withdrawn' ELSE state END, poll_at = CASE WHEN $3 THEN NULL ELSE $2::timestamptz END"
        " WHERE id = $1", bond_id, now + POLLS[2], over,
    )  # fmt: skip


async def _book_freeze(asked: Demand, bond_id: UUID, auth_no: str, *, given_up: bool, now: datetime) -> None:
    earlier = await bonds_of(asked.id, "frozen")
    await execute(
        "UPDATE bond SET state = 'frozen', auth_no = $2, frozen_at = $3, poll_at = expires_at WHERE id = $1",
        bond_id, auth_no, now,
    )  # fmt: skip
    bond = await lock_bond(bond_id)
    await post([Entry(
        f"freeze:{auth_no}", "freeze", ledger.bond_frozen(bond_id), ledger.bond_claim(bond_id), bond.total_fen, auth_no, now,
        bond_id=bond_id,
    )], now=now)  # fmt: skip
    await record_bond("bond.frozen", asked.id, at=now, amount_fen=bond.total_fen)
    if given_up or asked.ended is not None:
        await move(bond_id, Kind.UNFREEZE, bond.total_fen, reason=asked.title, viewer=None, now=now)
        return
    for one in earlier:
        if one.left_fen and now < one.expires_at:
            await move(one.id, Kind.UNFREEZE, one.left_fen, reason=asked.title, viewer=None, now=now)
    await tell_about(asked, asked.beneficiary_id, N_("{title}: the bond of {amount} is frozen."), auth_no, now=now)


async def move(
    bond_id: UUID, kind: Kind, amount_fen: int, *, reason: str, viewer: Viewer | None, now: datetime
) -> UUID:
    """Unfreezes or captures a part of what is frozen, inside the caller's transaction. Raises Refusal beyond what is left,
    and once the authorisation is over: an expired freeze holds nothing."""
    bond = await lock_bond(bond_id)
    if bond.state != "frozen" or now >= bond.expires_at:
        raise Refusal("bond.not_frozen", N_("This bond is not frozen, so nothing of it can be moved."))
    if amount_fen > bond.left_fen:
        raise Refusal("bond.too_small", N_("Only {left} of this bond is left."), left=Money(bond.left_fen))
    await execute("UPDATE bond SET reserved_fen = reserved_fen + $2 WHERE id = $1", bond_id, amount_fen)
    by = viewer.person_id if viewer else None
    return await want(kind, reason, bond_id=bond_id, amount_fen=amount_fen, by=by, now=now)


async def finish_if_spent(demand_id: UUID, *, now: datetime) -> None:
    """After a capture: where nothing is left, the bond is over."""
    asked = await demand_by_id(demand_id)
    live = await bonds_of(demand_id, "frozen") + await bonds_of(demand_id, "asked")
    guaranteed: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM bank_guarantee WHERE demand_id = $1 AND answer = 'confirmed' AND returned_at IS NULL)",
        demand_id,
    )
    if asked.ended is None and not live and not guaranteed:
        await end(asked.reference, Ended.SPENT, now=now, unclaimed=False)


# Time.


async def expire(bond_id: UUID, *, now: datetime) -> None:
    """The authorisation is over: nothing is frozen any more, and everybody concerned is told."""
    async with transaction():
        bond = await read_bond(bond_id)
        asked = await lock_demand((await demand_by_id(bond.demand_id)).reference)
        bond = await lock_bond(bond_id)
        if bond.state != "frozen" or now < bond.expires_at:
            return
        await execute("UPDATE bond SET state = 'expired', expired_at = $2, poll_at = NULL WHERE id = $1", bond_id, now)
        await record_bond("bond.expired", asked.id, at=now, amount_fen=bond.left_fen + bond.reserved_fen)
        if asked.ended is None:
            await raise_alarm("bond_expires", bond.reference, {"left_fen": bond.left_fen}, now=now)
            for organisation_id in (asked.agency_id, asked.beneficiary_id):
                text = N_("{title}: the freeze of the bond is over; the bond is missing until a new one is given.")
                await tell_about(asked, organisation_id, text, f"expired.{bond.reference}", now=now)


async def return_due(reference: str, *, now: datetime) -> bool:
    """What the sweep does when the time is over; a claim that is open keeps the bond."""
    async with transaction():
        asked = await lock_demand(reference)
        due = asked.returns_at is not None and now >= asked.returns_at
        if asked.ended is not None or not due or await _has_open_claim(asked.id):
            return False
        return await end(reference, Ended.RETURNED, now=now)
