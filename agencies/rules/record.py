"""Whether what other authorities' lists say of a firm lets it enter, now and over the rulebook's years. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agencies.rules.facts import IMPORTED_LISTS, Listing
from market.catalogue.rules import Rulebook
from market.kernel.calendar import beijing_date
from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_

_LISTS, _YEARS = "entry.barred_lists", "entry.clean_record_years"


@dataclass(frozen=True)
class Mark:
    """Why a firm may not enter. `rule`: the rulebook key that says so."""

    rule: str
    message: Message


def marks_of(listings: Iterable[Listing], book: Rulebook, today: date) -> list[Mark]:
    """`listings`: also those that have ended, each with the last day on which it stood."""
    barring, years = book.texts(_LISTS), book.integer(_YEARS)
    found = [_mark(one, years, today) for one in listings if one.list in barring]
    return [mark for mark in found if mark is not None]


def check_record(marks: Iterable[Mark]) -> None:
    """Refusal with the first mark: the operator accepts nobody with one."""
    for mark in marks:
        raise Refusal(
            "entry.record", mark.message.text, rule=mark.rule, **mark.message.facts,
            todo=N_("Refuse the application with this reason. The agency may apply again when the record no longer counts."),
        )  # fmt: skip


def _mark(listing: Listing, years: int, today: date) -> Mark | None:
    facts = {
        "list": Message(IMPORTED_LISTS[listing.list]), "since": listing.entered_on.isoformat(), "source": listing.source,
        "queried": beijing_date(listing.queried_at).isoformat(),
    }  # fmt: skip
    if listing.until_on is None or listing.bars_on(today):
        text = N_("On the list “{list}” since {since} (source: {source}, queried {queried}).")
        return Mark(_LISTS, Message(text, facts))
    counts_until = _years_after(listing.until_on, years)
    if today > counts_until:
        return None
    text = N_(
        "Stood on the list “{list}” from {since} to {until} (source: {source}); that counts until {counts_until}."
    )
    ends = {"until": listing.until_on.isoformat(), "counts_until": counts_until.isoformat()}
    return Mark(_YEARS, Message(text, facts | ends))


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
