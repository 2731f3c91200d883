"""Why money waits, in one sentence; and the payments' part of work benches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.errors import Message
from market.kernel.i18n import N_, translate
from market.kernel.money import Money
from market.payments.queries import BillDayView, PayableView, bill_days, open_alarms, refunds_to_answer, statement
from market.payments.rules import Standing
from market.web.agendas import Event, agenda
from market.web.display import moment, money
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer

_WHY = {
    Standing.CANCELLED: N_("Nothing is owed any more."),
    Standing.TO_PAY: N_("Waits for the owner's payment. Nothing is secured yet."),
    Standing.PAYING: N_("The owner opened a payment page; Alipay has not reported a payment yet."),
    Standing.STATED: N_("The owner stated a bank transfer; the agency has to confirm that it arrived."),
    Standing.HELD: N_("Paid. Alipay holds the money until the owner has accepted the work."),
    Standing.RELEASING: N_("The work is accepted; Alipay was told to release the money."),
    Standing.RELEASED: N_("Released: the agency has received the money."),
    Standing.REFUNDED: N_("The money went back to the owner."),
    Standing.PAID_BY_BANK: N_("Paid by bank transfer; the agency confirmed it."),
}
NAMES = {
    Standing.CANCELLED: N_("no longer owed"), Standing.TO_PAY: N_("to pay"), Standing.PAYING: N_("being paid"),
    Standing.STATED: N_("transfer stated"), Standing.HELD: N_("held by Alipay"), Standing.RELEASING: N_("being released"),
    Standing.RELEASED: N_("released"), Standing.REFUNDED: N_("refunded"), Standing.PAID_BY_BANK: N_("paid by bank"),
}  # fmt: skip
COLOURS = {
    Standing.TO_PAY: "amber", Standing.PAYING: "amber", Standing.STATED: "amber", Standing.HELD: "strong",
    Standing.RELEASING: "strong", Standing.RELEASED: "green", Standing.PAID_BY_BANK: "green",
}  # fmt: skip


def explained(payable: PayableView) -> tuple[str, str, Message]:
    """The name of the state, its colour, and why it is so."""
    standing = payable.standing
    colour = COLOURS.get(standing, "plain")
    if standing is Standing.HELD and payable.disputed_at is not None:
        return (
            NAMES[standing],
            "red",
            Message(N_("Paid. A dispute is open: Alipay holds the money until it is settled or ruled on.")),
        )
    if standing is Standing.HELD and payable.blocked_at is not None:
        return NAMES[standing], "red", Message(
            N_("Alipay holds the money and does not release it: {reason}"), {"reason": Message(payable.block_reason)}
        )  # fmt: skip
    if standing is Standing.HELD and payable.account == "frozen" and payable.release_at is not None:
        return (
            NAMES[standing],
            "red",
            Message(
                N_(
                    "The work is accepted, but Alipay has frozen the agency's account; the money stays held until it works again."
                )
            ),
        )
    if standing is Standing.HELD and payable.retained and payable.release_at is not None:
        return (
            NAMES[standing],
            colour,
            Message(
                N_("The work is accepted. Alipay holds this last payment as the bond until the owner gives it back.")
            ),
        )
    return NAMES[standing], colour, Message(_WHY[standing])


# Facts of an alarm in words; the ones that are not named here are numbers for a support call and stand as they are.
_FACTS = {
    "amount_fen": N_("Amount"), "expected_fen": N_("Owed"), "given_fen": N_("In the message"), "left_fen": N_("Frozen before"),
    "trade_no": N_("Alipay's trade number"), "notify_id": N_("Number of the message"), "tries": N_("Tries"), "last": N_("Last answer"),
    "code": N_("Alipay's code"), "settles_at": N_("Alipay releases it at"), "valid_until": N_("Valid until"), "kind": N_("Kind"),
    "smid": N_("Number as sub-merchant"), "configured": N_("Configured"),
}  # fmt: skip
_KINDS = {
    "onboard": N_("register an account"), "close": N_("close a trade"), "refund": N_("refund"), "settle": N_("release"),
    "freeze": N_("code for a freeze"), "unfreeze": N_("unfreeze"), "capture": N_("pay from a bond"), "no": N_("no"),
}  # fmt: skip


def alarm_facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value, amounts and times as pages show them."""
    return [
        (translate(_FACTS.get(name, name)), _shown(name, value)) for name, value in facts.items() if value is not None
    ]


def _shown(name: str, value: Any) -> str:
    if name.endswith("_fen"):
        return money(int(value))
    if name in {"settles_at", "valid_until"}:
        return moment(datetime.fromisoformat(str(value)))
    return translate(_KINDS.get(str(value), str(value)))


@waiting("market.payments")
async def to_do(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.is_operator:
        return [*[_day(one) for one in await bill_days() if one.open_breaks], *await _alarms()]
    if viewer.organisation_id is None or not (viewer.is_owner or viewer.is_agency):
        return []
    mine = Standing.TO_PAY if viewer.is_owner else Standing.STATED
    found = [_payable(one, viewer) for one in await statement(viewer.organisation_id) if one.standing is mine]
    return found + [_refund(row) for row in await refunds_to_answer(viewer.organisation_id)]


@agenda("market.payments")
async def payment_events(organisation_id: UUID, now: datetime) -> list[Event]:
    """What is to be paid until when, for both sides of it."""
    return [
        Event(
            f"{one.reference}-pay", Message(N_("Payment due: {title}"), {"title": one.title}), one.created_at, one.due_at, one.url,
            one.reference, own=one.payer_id == organisation_id,
        )
        for one in await statement(organisation_id)
        if one.standing is Standing.TO_PAY and one.due_at is not None
    ]  # fmt: skip


def _refund(row: Mapping[str, Any]) -> Waiting:
    text = Message(N_("Answer: the owner asks for {amount} back from {title}"),
                   {"amount": Money(row["amount_fen"]), "title": row["title"]})  # fmt: skip
    return Waiting(
        text=text, link=f"/payments/{row['reference']}#refund", since=row["asked_at"], due_at=None, number=row["reference"],
        who=row["payer_name"],
    )  # fmt: skip


def _payable(payable: PayableView, viewer: Viewer) -> Waiting:
    text = (
        N_("Pay {amount} for {title}") if viewer.is_owner else N_("Confirm the bank transfer of {amount} for {title}")
    )
    return Waiting(
        text=Message(text, {"amount": payable.amount, "title": payable.title}), link=payable.url, since=payable.created_at,
        due_at=payable.due_at, number=payable.reference, who=payable.payee_name if viewer.is_owner else payable.payer_name,
    )  # fmt: skip


def _day(day: BillDayView) -> Waiting:
    assert day.fetched_at is not None
    text = Message(
        N_("{count} differences between Alipay's bill of {day} and our books"),
        {"count": day.open_breaks, "day": day.day},
    )
    return Waiting(text=text, link=f"/operator/payments/{day.day}", since=day.fetched_at, due_at=None)


async def _alarms() -> list[Waiting]:
    alarms = await open_alarms()
    if not alarms:
        return []
    text = Message(N_("{count} payments that somebody must look at"), {"count": len(alarms)})
    return [Waiting(text=text, link="/operator/payments", since=alarms[0]["raised_at"], due_at=None)]
