"""The milestones of a notice, between the lines of its form and what they state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS
from market.web.display import percent
from market.web.forms import Fields, percent_of
from projects.milestones import TITLE_MAX, PlannedMilestone
from projects.posting.rules import Notice

Values = Mapping[str, Any]
MILESTONE_LISTS: Final = ("milestone_title", "milestone_share", "milestone_days")
LEAST_ROWS, SPARE_ROWS = 3, 1
_DAYS_MAX = 1000


def milestone_rows(values: Values) -> list[tuple[str, str, str]]:
    """(title, share, days) of every line in which something was typed."""
    most = max((len(values.get(name, [])) for name in MILESTONE_LISTS), default=0)
    columns = [[*values.get(name, []), *[""] * most][:most] for name in MILESTONE_LISTS]
    rows = [(title.strip(), share.strip(), days.strip()) for title, share, days in zip(*columns, strict=True)]
    return [row for row in rows if any(row)]


def milestone_fields(values: Values) -> list[tuple[str, str, str]]:
    """The same with empty lines to fill in."""
    rows = milestone_rows(values)
    return rows + [("", "", "")] * max(LEAST_ROWS - len(rows), SPARE_ROWS)


def read_milestones(fields: Fields, values: Values) -> tuple[PlannedMilestone, ...]:
    """None at all, or two and more that make up price and time together."""
    rows = milestone_rows(values)
    found = [one for row in rows if (one := _read(fields, *row)) is not None]
    if len(rows) == 1:
        fields.wrong("milestones", N_("Name two milestones or more; without any, the whole service is one."))
    if not fields.errors.get("milestones") and found:
        _check_sums(fields, found)
    return tuple(found)


def _read(fields: Fields, title: str, share: str, days: str) -> PlannedMilestone | None:
    part = percent_of(share)
    time = int(days) if days.isascii() and days.isdigit() and len(days) <= 4 else 0
    if 2 <= len(title) <= TITLE_MAX and part and part <= BASIS_POINTS and 1 <= time <= _DAYS_MAX:
        return PlannedMilestone(title, part, time)
    fields.wrong("milestones", N_("“{milestone}” needs what is delivered in 2 to 80 characters, a share such as 40 or 12.5, and working days."),
                 milestone=title or "…")  # fmt: skip
    return None


def _check_sums(fields: Fields, found: list[PlannedMilestone]) -> None:
    if (total := sum(one.share for one in found)) != BASIS_POINTS:
        fields.wrong(
            "milestones", N_("The shares of the milestones make {total}; they must make 100 %."), total=percent(total)
        )
    days, whole = sum(one.days for one in found), fields.raw("service_days")
    if whole.isdigit() and days != int(whole):
        fields.wrong(
            "milestones", N_("The milestones take {days} working days together; the time limit of the service is {whole}."),
            days=days, whole=int(whole),
        )  # fmt: skip


def milestone_values(notice: Notice) -> dict[str, list[str]]:
    """The notice's milestones as form values."""
    return {
        "milestone_title": [one.title for one in notice.milestones],
        "milestone_share": [percent(one.share).removesuffix(" %") for one in notice.milestones],
        "milestone_days": [str(one.days) for one in notice.milestones],
    }
