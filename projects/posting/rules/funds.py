"""What may be bought here at all: limits, funds, splitting. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from market.catalogue.rules import Rulebook
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.posting.rules.notice import EarlierJob, Finding, Notice


def check_limits(notice: Notice, rulebook: Rulebook) -> Finding:
    """Fiscal funds from the must-tender limit on belong into a tender, not into the supermarket."""
    rule = "posting.limit.must_tender"
    limit = rulebook.money(rule)
    if notice.tendered:
        return Finding("posting.must_tender", "passed",
                       Message(N_("The job was tendered outside the market; its result is registered here.")), rule)  # fmt: skip
    if notice.state_funds and notice.amount >= limit:
        return Finding(
            "posting.must_tender", "refused",
            Message(N_("With fiscal funds, {amount} reaches the limit of {limit} from which a tender is required by law."),
                    {"amount": notice.amount, "limit": limit}),
            rule, Message(N_("Hold a tender, or correct the amount if it is wrong. Splitting the job is not allowed.")),
        )  # fmt: skip
    return Finding("posting.must_tender", "passed", _use_of_the_market(notice, rulebook), _use_rule(notice, rulebook))


def _use_of_the_market(notice: Notice, rulebook: Rulebook) -> Message:
    """Whether the owner has to use the supermarket for this job, or may."""
    limit = rulebook.money("posting.limit.procurement_city")
    if not notice.state_funds:
        return Message(N_("No fiscal funds: using the supermarket is voluntary, and the same rules protect you."))
    if notice.amount < limit:
        return Message(N_("Fiscal funds below the procurement limit of {limit}: this job must be bought in the supermarket."),
                       {"limit": limit})  # fmt: skip
    return Message(
        N_("Fiscal funds at or above the procurement limit of {limit}: make sure that your procurement catalogue does"
           " not ask for another procedure."), {"limit": limit})  # fmt: skip


def _use_rule(notice: Notice, rulebook: Rulebook) -> str:
    return "posting.limit.procurement_city" if notice.state_funds else "posting.limit.must_tender"


def check_splitting(notice: Notice, earlier: Sequence[EarlierJob], rulebook: Rulebook) -> Finding:
    """Jobs of one owner for the same item are added up, so that a limit cannot be dodged in slices."""
    limit, months = rulebook.money("posting.limit.must_tender"), rulebook.months("posting.splitting.window")
    total = Money(notice.amount.fen + sum(job.amount.fen for job in earlier))
    facts = {"months": months, "total": total, "limit": limit, "numbers": ", ".join(job.number for job in earlier)}
    if notice.state_funds and earlier and total >= limit and not notice.tendered:
        return Finding(
            "posting.splitting", "refused",
            Message(N_("Together with your jobs for the same service in the last {months} months ({numbers}) this makes"
                       " {total}, which reaches the limit of {limit}."), facts),
            "posting.splitting.window",
            Message(N_("Jobs that belong together must be tendered together. If they do not, talk to your regulator.")),
        )  # fmt: skip
    return Finding("posting.splitting", "passed", Message(
        N_("Jobs for the same service within {months} months, this one included: {total}."), facts),
        "posting.splitting.window")  # fmt: skip
