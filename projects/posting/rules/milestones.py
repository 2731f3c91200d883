"""Whether milestones can stand in a notice. Pure."""

from __future__ import annotations

from market.catalogue.rules import Rulebook
from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.milestones import milestone_mistakes
from projects.posting.rules.notice import Finding, Notice


def check_milestones(notice: Notice, rulebook: Rulebook) -> Finding | None:
    """None where the notice leaves them to the contract; otherwise by the limits that the contract has too."""
    if not notice.milestones:
        return None
    wrong = milestone_mistakes(
        notice.milestones, price_fen=notice.amount.fen, service_days=notice.service_days, number=rulebook.integer
    )
    if wrong:
        return Finding("posting.milestones", "refused", wrong[0], "contract.milestones_max",
                       Message(N_("Correct the milestones, or leave them to the contract.")))  # fmt: skip
    return Finding(
        "posting.milestones", "passed",
        Message(N_("{n} milestones make up the price and the time; the contract will have the same."), {"n": len(notice.milestones)}),
        "contract.milestones_max",
    )  # fmt: skip
