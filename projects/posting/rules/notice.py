"""A notice as its owner states it, and how a publishing check went. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from market.kernel.errors import Message, Refusal
from market.kernel.money import Money
from projects.eligibility import Requirement
from projects.milestones import PlannedMilestone
from projects.rules import Criterion, Job
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind

Outcome = Literal["passed", "warning", "refused"]


@dataclass(frozen=True)
class Notice(Job):
    """Everything an owner says in a notice, read and typed; amounts in fen, `fiscal_share` in basis points.
    `avoided`: (agency code, reason)."""

    requirement_mode: str
    requirements: tuple[Requirement, ...]
    practitioners_needed: int
    practitioner_profession: str
    other_requirements: str
    remarks: str
    avoided: tuple[tuple[str, str], ...]
    sign_up_closes_at: datetime
    # How the winner is selected: see projects.selection.methods. Discounts and weights in basis points.
    method: str = "draw"
    quote: str = "price"
    ceiling_fen: int | None = None
    floor_fen: int | None = None
    smallest_discount: int | None = None
    largest_discount: int | None = None
    access: str = "open"
    access_reason: str = ""
    # Codes of the agencies that may take part, where access is by invitation.
    invited: tuple[str, ...] = ()
    bidding_starts_at: datetime | None = None
    price_weight: int | None = None
    credit_weight: int | None = None
    criteria: tuple[Criterion, ...] = ()
    tender_number: str = ""
    tender_platform: str = ""
    # The parts in which the service is delivered and paid; none where that is left to the contract.
    milestones: tuple[PlannedMilestone, ...] = ()

    @property
    def amount(self) -> Money:
        """What limits are compared with: the budget; where there is no estimate, the most that the price can be."""
        return Money(next(fen for fen in (self.budget_fen, self.price_fen, self.ceiling_fen, 0) if fen is not None))

    @property
    def picked(self) -> bool:
        """Whether the owner names the one agency, itself or by a tender held elsewhere."""
        return METHODS[self.method].alone

    @property
    def tendered(self) -> bool:
        """Whether the result comes with the notice, so that nobody signs up."""
        return METHODS[self.method].entry is EntryKind.NONE


@dataclass(frozen=True)
class Finding:
    """How one publishing check went. `rule`: the rulebook key behind it."""

    code: str
    outcome: Outcome
    message: Message
    rule: str | None = None
    todo: Message | None = None

    def as_refusal(self) -> Refusal:
        todo = self.todo or Message("")
        return Refusal(self.code, self.message.text, rule=self.rule, todo=todo.text or None,
                       **{**todo.facts, **self.message.facts})  # fmt: skip


@dataclass(frozen=True)
class EarlierJob:
    """Another published project of the same owner that asks for one of the same items."""

    number: str
    amount: Money
    method: str = "draw"


def refuse_bad(findings: Iterable[Finding]) -> None:
    """Raises the first refusal among the findings; the check page has shown all of them."""
    for finding in findings:
        if finding.outcome == "refused":
            raise finding.as_refusal()
