"""What an amendment does, and when a notice may still be changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from projects.posting.rules.notice import Notice
from projects.rules import Stage

# What an amendment may change. The job itself (title, items, region, funds) stays: another job is another notice.
AMENDABLE: Final = (
    "scale", "content", "service_days", "service_time_note", "milestones", "budget_fen", "price_fen", "price_note", "quote", "ceiling_fen",
    "floor_fen", "smallest_discount", "largest_discount", "price_weight", "credit_weight", "criteria", "access_reason",
    "invited", "bidding_starts_at", "requirement_mode",
    "requirements", "practitioners_needed", "practitioner_profession", "other_requirements", "avoided", "contact_name",
    "contact_phone", "complaint_phone", "remarks", "sign_up_closes_at",
)  # fmt: skip
# Whoever decided on the old terms decides anew: changes of who may take part, of the price or of the work for it.
RESTARTING: Final = frozenset({
    "scale", "content", "service_days", "milestones", "budget_fen", "price_fen", "quote", "ceiling_fen", "floor_fen", "smallest_discount",
    "largest_discount", "price_weight", "credit_weight", "criteria", "invited", "requirement_mode", "requirements",
    "practitioners_needed", "practitioner_profession", "other_requirements", "avoided",
})  # fmt: skip


def differences(before: Notice, after: Notice) -> dict[str, tuple[Any, Any]]:
    """field -> (before, after), of all fields."""
    names = [one.name for one in fields(Notice)]
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def restarts_window(changes: Iterable[str]) -> bool:
    return not RESTARTING.isdisjoint(changes)


def check_amendment(before: Notice, after: Notice) -> dict[str, tuple[Any, Any]]:
    """The changes of an amendment. Refuses none at all, changes of the job itself, and a shorter window."""
    changes = differences(before, after)
    if not changes:
        raise Refusal("posting.nothing_changed", N_("The notice says this already: nothing would change."))
    if not changes.keys() <= set(AMENDABLE):
        raise Refusal(
            "posting.other_job", N_("Title, service items, region, funds and method cannot be amended: that is another job."),
            todo=N_("Withdraw this notice and post the other job."),
        )  # fmt: skip
    if after.sign_up_closes_at < before.sign_up_closes_at:
        raise Refusal(
            "posting.window_shortened", N_("Sign-up was promised until {closes_at}; it can be extended, not shortened."),
            rule="signup.min_window", todo=N_("Choose that time or a later one."), closes_at=before.sign_up_closes_at,
        )  # fmt: skip
    return changes


def check_still_open(stage: Stage, closes_at: datetime, now: datetime) -> None:
    """A notice can be amended or withdrawn until sign-up closes and the pool freezes."""
    if stage is not Stage.SIGN_UP or now >= closes_at:
        raise Refusal(
            "posting.sign_up_over",
            N_("Sign-up closed at {closes_at}: from then on the notice can be neither amended nor withdrawn."),
            todo=N_("Follow the project; if something is wrong with the selection, raise an objection."), closes_at=closes_at,
        )  # fmt: skip
