"""What an agency may suppose about its own account, and what the page shows of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from litestar.datastructures import FormMultiDict

from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar, end_of_day
from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.credit.actions import PAUSE_REASONS
from ratings.credit.queries import Account, pause_rules
from ratings.credit.rules import Event
from ratings.credit.rules.outlook import Step, Supposed, outlook, recovers_at, with_supposed
from ratings.credit.rules.position import Position, position

MOST_LATE = 1000  # per cent of the agreed time


@dataclass(frozen=True)
class WhatIf:
    """`by`: the day at whose end both accounts are compared."""

    supposed: Supposed = field(default_factory=Supposed)
    by: date | None = None


def parse_what_if(asked: FormMultiDict, book: Rulebook, today: date) -> WhatIf:
    """Raises FormInvalid with every mistake."""
    fields = Fields(asked)
    late = fields.integer("late", N_("Delivery late by"), low=0, high=MOST_LATE, required=False)
    stars = [str(one) for one in range(1, book.integer("rating.stars_max") + 1)]
    given = fields.choice("stars", N_("Rating by an owner"), stars, required=False)
    by = fields.day("by", N_("Compare at the end of"), required=False)
    if by is not None and by < today:
        fields.wrong("by", N_("Choose today or a later day; past days are in the statement."))
    fields.check()
    return WhatIf(Supposed(late or 0, int(given or 0), fields.flag("refuses")), by)


def view_of(account: Account, wanted: WhatIf, calendar: Calendar) -> dict[str, Any]:
    """Both accounts, as they are and as supposed: steps, the day compared, and when they recover."""
    now, least = account.at, pause_rules(account.book).reminder_below
    reply_ends_at = deadline(account.book, "rating.reply_days", now, calendar)
    supposed = with_supposed(
        account.events, wanted.supposed, account.book.integer, now, reply_ends_at=reply_ends_at
    )  # fmt: skip
    steps, then = _steps(account, account.events), _steps(account, supposed)
    by = end_of_day(wanted.by) if wanted.by else None
    return {
        "present": steps[0].position, "steps": steps, "supposed_steps": then, "recovers_at": recovers_at(steps, least),
        "supposed_recovers_at": recovers_at(then, least), "by": by, "least": least, "pause_reasons": PAUSE_REASONS,
        "on_day": _at(account, account.events, by), "supposed_on_day": _at(account, supposed, by),
    }  # fmt: skip


def _steps(account: Account, events: tuple[Event, ...]) -> tuple[Step, ...]:
    return outlook(
        events, account.rules, pause_rules(account.book), account.at, finished_jobs=account.finished_jobs
    )  # fmt: skip


def _at(account: Account, events: tuple[Event, ...], by: datetime | None) -> Position | None:
    if by is None:
        return None
    return position(events, account.rules, pause_rules(account.book), by, finished_jobs=account.finished_jobs)
