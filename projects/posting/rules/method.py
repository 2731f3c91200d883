"""What a method of selection asks of the notice beyond its form: limits of direct picks, weights, live bidding. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from market.catalogue.rules import Rulebook
from market.kernel.calendar import BEIJING, Calendar, beijing_date
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.posting.rules.notice import EarlierJob, Finding, Notice
from projects.selection.rounds.rules import entries_close

DIRECT: Final = "direct"
_LIMIT: Final = "posting.free_pick_below"
_REASON: Final = "selection.direct.reason_required"


def check_direct(notice: Notice, earlier: Sequence[EarlierJob], failures: int, rulebook: Rulebook) -> Finding | None:
    """An owner picks freely below the rulebook's limit, or after so many failed selections of the job. Direct picks for
    the same service are added up. `failures`: of this job so far. None where the owner does not pick."""
    if notice.method != DIRECT:
        return None
    if not notice.state_funds:
        return _allowed(
            N_(
                "No fiscal funds: you may choose freely. The agency, your reason and your share of direct picks are public."
            )
        )
    limit, after = rulebook.money(_LIMIT), rulebook.integer("selection.failed.direct_after")
    facts: dict[str, Any] = {"limit": limit, "total": _picked_before(notice, earlier), "failures": failures, "after": after,
             "months": rulebook.months("posting.splitting.window")}  # fmt: skip
    if failures >= after:
        return _allowed(N_("The selection of this job failed {failures} times: you may pick with a reason, whatever the amount."),
                        "selection.failed.direct_after", **facts)  # fmt: skip
    if facts["total"] < limit:
        return _allowed(N_("Below {limit} you may pick freely; with your direct picks for the same service in {months} months this makes {total}."),
                        **facts)  # fmt: skip
    return Finding(
        "posting.direct_limit", "refused",
        Message(N_("With fiscal funds you may pick directly below {limit}; with your direct picks for the same service in the last {months} months this makes {total}."), facts),
        _LIMIT, Message(N_("Choose another method. After {after} failed selections of the job you may pick directly with a reason."), facts),
    )  # fmt: skip


def check_reason(notice: Notice, rulebook: Rulebook) -> Finding | None:
    """A direct pick states its reason, where the rulebook asks for one. None where the owner does not pick."""
    if notice.method != DIRECT or not rulebook.flag(_REASON):
        return None
    if not notice.access_reason:
        return Finding("posting.reason", "refused", Message(N_("A direct pick needs a reason that everybody can read.")),
                       _REASON, Message(N_("Say what the work needs and why this agency can do it.")))  # fmt: skip
    return Finding("posting.reason", "passed", Message(N_("Your reason stands in the notice.")), _REASON)


def _picked_before(notice: Notice, earlier: Sequence[EarlierJob]) -> Money:
    return Money(notice.amount.fen + sum(job.amount.fen for job in earlier if job.method == DIRECT))


def _allowed(text: str, rule: str = _LIMIT, **facts: Any) -> Finding:
    return Finding("posting.direct_limit", "passed", Message(text, facts), rule)


def check_panel(experts: int, size: int) -> Finding:
    """`experts`: who could be drawn if nobody had a conflict; `size`: how many the panel needs."""
    facts = {"experts": experts, "size": size}
    if experts < size:
        return Finding(
            "posting.few_experts", "warning",
            Message(N_("{size} experts have to score, and only {experts} in the pool know this service: the selection will fail."), facts),
            "selection.scored.panel_min", Message(N_("Choose another method, or ask the operator when more experts are admitted.")),
        )  # fmt: skip
    return Finding(
        "posting.few_experts", "passed", Message(N_("{experts} experts in the pool know this service; {size} will score."), facts),
        "selection.scored.panel_min",
    )  # fmt: skip


def check_weights(notice: Notice, rulebook: Rulebook) -> Finding | None:
    """The price weighs something, but never nearly everything: otherwise experts would be a decoration. None without
    criteria."""
    if notice.price_weight is None:
        return None
    low, high = (rulebook.share(f"selection.scored.price_weight_{end}") for end in ("min", "max"))
    facts = {"weight": _percent(notice.price_weight), "low": _percent(low), "high": _percent(high)}
    if not low <= notice.price_weight <= high:
        key = "selection.scored.price_weight_min" if notice.price_weight < low else "selection.scored.price_weight_max"
        return Finding("posting.price_weight", "refused",
                       Message(N_("The price weighs {weight}; between {low} and {high} is allowed."), facts), key,
                       Message(N_("Shift weight between the price and the criteria.")))  # fmt: skip
    return Finding("posting.price_weight", "passed", Message(
        N_("The price weighs {weight}; between {low} and {high} is allowed."), facts), "selection.scored.price_weight_max")  # fmt: skip


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}".rstrip("0").rstrip(".") + " %"


def check_bidding(notice: Notice, rulebook: Rulebook, calendar: Calendar) -> Finding | None:
    """All rounds lie in the office hours of one working day. None where nobody bids live."""
    if notice.bidding_starts_at is None:
        return None
    starts_at, ends_at = notice.bidding_starts_at, entries_close(notice, rulebook)
    rules = ("selection.rounds.office_from", "selection.rounds.office_until")
    opens, closes = (_on_day(starts_at, rulebook.integer(rule)) for rule in rules)
    facts = {"starts_at": starts_at, "ends_at": ends_at, "opens": _clock(opens), "closes": _clock(closes)}
    if not calendar.is_working(beijing_date(starts_at)) or starts_at < opens or ends_at > closes:
        return Finding(
            "posting.bidding_hours", "refused",
            Message(N_("Live bidding would run from {starts_at} to {ends_at}; all of it must lie on a working day between {opens} and {closes}."), facts),
            rules[0], Message(N_("Choose another start of live bidding.")),
        )  # fmt: skip
    return Finding("posting.bidding_hours", "passed", Message(
        N_("Live bidding runs from {starts_at} to {ends_at}, in office hours of a working day."), facts), rules[0])  # fmt: skip


def _on_day(moment: datetime, minutes: int) -> datetime:
    """So many minutes after the Beijing midnight with which the day of the moment began."""
    return datetime.combine(beijing_date(moment), time.min, tzinfo=BEIJING) + timedelta(minutes=minutes)


def _clock(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%H:%M")
