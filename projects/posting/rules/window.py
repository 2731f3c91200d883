"""How long sign-up stays open, and when the owner may post at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from agencies.rules import IMPORTED_LISTS, LIST_KEEPERS, Listing
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.posting.rules.notice import Finding, Notice
from projects.selection.methods import METHODS
from projects.selection.methods.method import Need

_INSTANT: Final = timedelta(microseconds=1)  # a window that closes at midnight belongs to the day that ends


def shortest_window(method: str) -> str:
    """The rulebook key of the shortest sign-up window: bids on criteria take longer to write, a direct pick is only
    accepted."""
    chosen = METHODS[method]
    if chosen.alone:
        return "signup.min_window_direct"
    return "signup.min_window_scored" if Need.CRITERIA in chosen.needs else "signup.min_window"


def earliest_close(now: datetime, rulebook: Rulebook, calendar: Calendar, method: str = "draw") -> datetime:
    """The shortest window counts whole working days after the day of publication."""
    return deadline(rulebook, shortest_window(method), now, calendar)


def check_window(notice: Notice, now: datetime, rulebook: Rulebook, calendar: Calendar) -> Finding | None:
    """None where nobody signs up."""
    if notice.tendered:
        return None
    rule, closes_at = shortest_window(notice.method), notice.sign_up_closes_at
    earliest, days = earliest_close(now, rulebook, calendar, notice.method), rulebook.working_days(rule)
    if closes_at <= now:
        return Finding("posting.window_over", "refused",
                       Message(N_("Sign-up would close at {closes_at}, which is over."), {"closes_at": closes_at}), rule,
                       Message(N_("Choose a later closing time.")))  # fmt: skip
    if closes_at < earliest:
        return Finding(
            "posting.window_too_short", "refused",
            Message(N_("Sign-up would close at {closes_at}; it must stay open for at least {days} whole working days,"
                       " so until {earliest}."), {"closes_at": closes_at, "days": days, "earliest": earliest}),
            rule, Message(N_("Choose a later closing time.")),
        )  # fmt: skip
    if not calendar.is_working(beijing_date(closes_at - _INSTANT)):
        return Finding(
            "posting.closes_on_holiday", "refused",
            Message(N_("{closes_at} is not a working day; no deadline of the market ends on a holiday."),
                    {"closes_at": closes_at}), rule, Message(N_("Choose a working day.")),
        )  # fmt: skip
    if notice.picked:
        return Finding("posting.window_too_short", "passed", Message(
            N_("The agency that you name may take the job until {closes_at}."), {"closes_at": closes_at}), rule)  # fmt: skip
    return Finding("posting.window_too_short", "passed", Message(
        N_("Sign-up stays open until {closes_at}, {days} whole working days or more."),
        {"closes_at": closes_at, "days": days}), rule)  # fmt: skip


def check_reposts(count: int, rulebook: Rulebook) -> Finding | None:
    """`count`: how often the same job was posted again within the rulebook's window, before this time."""
    most, days = (
        rulebook.integer("selection.failed.max_reposts"),
        rulebook.calendar_days("selection.failed.repost_window"),
    )
    if count < most:
        return None
    return Finding(
        "posting.too_many_reposts", "refused",
        Message(N_("This job was already posted again {count} times within {days} days."), {"count": count, "days": days}),
        "selection.failed.max_reposts", Message(N_("Wait, or talk to your regulator about another procedure.")),
    )  # fmt: skip


def check_listed(listings: Iterable[Listing], now: datetime, rulebook: Rulebook) -> list[Finding]:
    """An owner on another authority's list: agencies are told, and publishing is refused only where the rulebook has a
    basis for that, because the lists bar those who take work."""
    may = rulebook.flag("owner.listed_may_publish")
    return [
        Finding(
            "posting.listed", "warning" if may else "refused",
            Message(N_("Your organisation is on the list “{list}” since {since} (source: {source}, queried {queried}); this stands on your page and with your notices."), {
                "list": Message(IMPORTED_LISTS[one.list]), "since": one.entered_on.isoformat(), "source": one.source,
                "queried": beijing_date(one.queried_at).isoformat()}),
            "owner.listed_may_publish", Message(N_("Ask {keeper} for removal; it ends here with the next query."),
                                                {"keeper": Message(LIST_KEEPERS[one.list])}),
        )
        for one in listings if one.bars_on(beijing_date(now))
    ]  # fmt: skip


def check_paused(until: datetime | None, now: datetime) -> Finding | None:
    """Owners who broke off signing again and again may not publish for a while."""
    if until is None or now >= until:
        return None
    return Finding(
        "posting.paused", "refused",
        Message(N_("Your organisation cannot publish until {until}: it refused to sign, or let the time to sign pass, too often."),
                {"until": until}),
        "owner.pause_after", Message(N_("The draft stays saved; publish it after that day.")),
    )  # fmt: skip
