"""Who may object to a result and when, who is heard first, what an upheld objection leads to. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from projects.rules import Stage


class Decision(StrEnum):
    UPHELD = "upheld"
    REJECTED = "rejected"


class Remedy(StrEnum):
    """What follows when an objection is upheld."""

    REDRAW = "redraw"
    REOPEN = "reopen"


def remedies(*, alone: bool) -> tuple[Remedy, ...]:
    """What an upheld objection may lead to. Where the notice names the one agency (`alone`), opening sign-up again would
    only name it again: its selection ends, and the owner posts anew."""
    return (Remedy.REDRAW,) if alone else (Remedy.REDRAW, Remedy.REOPEN)


def check_objection(stage: Stage, notice_ends_at: datetime | None, now: datetime) -> None:
    """Objections belong to the public notice of the result."""
    if stage is not Stage.RESULT_NOTICE or notice_ends_at is None:
        raise Refusal("objection.no_notice", N_("There is no result under public notice, so there is nothing to object to."),
                      rule="result.notice_days",
                      todo=N_("After the notice you can complain to the regulator."))  # fmt: skip
    if now >= notice_ends_at:
        raise Refusal("objection.too_late", N_("The notice of the result ended at {ended_at}; your objection reached the server at {arrived_at}."),
                      rule="result.notice_days", todo=N_("After the notice you can complain to the regulator."),
                      ended_at=notice_ends_at, arrived_at=now)  # fmt: skip


def check_statement(statement_due_at: datetime | None, stated_at: datetime | None, ended: bool, now: datetime) -> None:
    """The owner states its view once, in its time, while the objection is open."""
    if ended or statement_due_at is None:
        raise Refusal("objection.no_statement", N_("This objection does not wait for a statement of the owner."),
                      todo=N_("Open it to read how it stands."))  # fmt: skip
    if stated_at is not None:
        raise Refusal("objection.stated", N_("The owner's statement was recorded at {at}; it is not changed any more."),
                      todo=N_("Wait for the operator's answer."), at=stated_at)  # fmt: skip
    if now >= statement_due_at:
        raise Refusal("objection.statement_late", N_("The time for the owner's statement ended at {due}; yours reached the server at {arrived_at}."),
                      rule="objection.owner_statement_days", todo=N_("The operator answers without it."),
                      due=statement_due_at, arrived_at=now)  # fmt: skip


def check_answer(statement_due_at: datetime | None, stated_at: datetime | None, now: datetime) -> None:
    """The other side is heard first: no answer while the owner may still state its view and has not."""
    if statement_due_at is not None and stated_at is None and now < statement_due_at:
        raise Refusal("objection.owner_first", N_("The owner may state its view until {due}; the objection is answered after that."),
                      rule="objection.owner_statement_days", todo=N_("Come back when the statement is there, or when its time is over."),
                      due=statement_due_at)  # fmt: skip
