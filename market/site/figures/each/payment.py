"""Whether owners pay in time."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.site.figures.each.shared import OF_PROJECT, PROJECT_BREAKDOWNS
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

_DUE = f"""
SELECT {OF_PROJECT}, y.due_at, y.amount_fen, v.payable_id IS NOT NULL AND v.ended_at IS NULL AS open, v.late_days,
       (t.id IS NOT NULL OR b.id IS NOT NULL) AS paid
FROM payable y JOIN payment_term k ON k.payable_id = y.id JOIN contract c ON c.id = k.contract_id
JOIN project q ON q.id = c.project_id
LEFT JOIN payment t ON t.payable_id = y.id AND t.state IN ('held', 'settling', 'settled')
LEFT JOIN bank_transfer b ON b.payable_id = y.id AND b.answer = 'confirmed'
LEFT JOIN overdue_payment v ON v.payable_id = y.id
WHERE y.due_at IS NOT NULL AND y.cancelled_at IS NULL
"""


def _shares(values: Values) -> Values:
    settled = (values["in_time"] or 0) + (values["late"] or 0) + (values["overdue"] or 0)
    return {"in_time_rate": share(values["in_time"], settled)}


def _sentence(values: Values) -> Message:
    if not (values["in_time"] or values["late"] or values["overdue"]):
        return Message(N_("No payment has fallen due yet."))
    return Message(
        N_("{rate} of the payments were made in time; {late} came late and {overdue} are overdue now, {owed} in all."),
        {"rate": percent(values["in_time_rate"]), "late": values["late"], "overdue": values["overdue"], "owed": Money(values["owed"] or 0)},
    )  # fmt: skip


FIGURE = Figure(
    id="payment",
    title=N_("Payment"),
    question=N_("Are agencies paid in time?"),
    definition=N_("Payments made in time ÷ payments made or overdue. A payment is due on the day that the contract names, else on that of the rulebook, counted from the delivery that was accepted; part of it that is in dispute is not late. Payments that are not due yet do not count."),
    dated=N_("by the day on which the payment was due"),
    breakdowns=PROJECT_BREAKDOWNS,
    columns=(
        Column("in_time", N_("Paid in time"), "payments", N_("Paid by the day on which it was due.")),
        Column("late", N_("Paid late"), "payments", N_("Paid after that day.")),
        Column("overdue", N_("Overdue now"), "payments", N_("Due, not in dispute and not paid.")),
        Column("in_time_rate", N_("Share paid in time"), "share", N_("Paid in time ÷ (paid in time + paid late + overdue).")),
        Column("owed", N_("Amount overdue"), "fen", N_("What the overdue payments come to.")),
    ),
    headline="in_time_rate",
    source=Source(
        tables=f"({_DUE}) p",
        fields="p.amount_fen, p.open, p.paid, coalesce(p.late_days, 0) > 0 AS was_late",
        measures="count(*) FILTER (WHERE paid AND NOT was_late) AS in_time, count(*) FILTER (WHERE paid AND was_late) AS late,"
                 " count(*) FILTER (WHERE open) AS overdue, coalesce(sum(amount_fen) FILTER (WHERE open), 0)::bigint AS owed",
        moment="p.due_at",
        where="(p.paid OR p.open)",
    ),
    drawing=Drawing("bars_stacked", ("in_time", "late", "overdue")),
    drawings={"month": Drawing("stacked", ("in_time", "late", "overdue"))},
    sentence=_sentence,
    shares=_shares,
    limits=("payment.public_buyer_days", "payment.large_buyer_days", "payment.interest_per_day"),
    guarded="in_time+late+overdue",
)  # fmt: skip
