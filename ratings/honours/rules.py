"""Honours (荣誉): what one of each level adds, and how long. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from market.kernel.calendar import BEIJING, beijing_date
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from ratings.credit.rules import HONOUR_KINDS, Charge
from ratings.periods import add_months

RULE: Final = "credit.add.honour"


class Level(StrEnum):
    """In the order of the rulebook's points."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"


LEVELS: Final = {
    Level.COUNTY: N_("County"), Level.CITY: N_("City"), Level.PROVINCE: N_("Province"), Level.NATION: N_("Nation"),
}  # fmt: skip


def awarded_at(day: date) -> datetime:
    """The start of the day on the certificate, from which an honour counts."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


def charge(code: str, level: Level, hundredths: Sequence[int]) -> Charge:
    """`hundredths`: what the rulebook gives each level (`credit.add.honour`); a quarter of a point is 25."""
    place = list(Level).index(level)
    return Charge(code, HONOUR_KINDS[place], hundredths[place], RULE)


def check_proposal(awarded_on: date, *, now: datetime, months: int) -> None:
    """`months`: how long an honour counts from its day (`credit.window_months`)."""
    if awarded_on > beijing_date(now):
        raise Refusal("honour.future", N_("The certificate bears a day that has not come."),
                      todo=N_("Give the day that stands on it."), field="awarded_on")  # fmt: skip
    if add_months(awarded_at(awarded_on), months) <= now:
        raise Refusal("honour.over", N_("An honour counts for {months} months from the day on its certificate; this one is older."),
                      rule="credit.window_months", todo=N_("Propose a newer one."), field="awarded_on", months=months)  # fmt: skip


def check_open(outcome: str | None) -> None:
    if outcome is not None:
        raise Refusal("honour.decided", N_("This honour has been decided about already."),
                      todo=N_("Open the list again to see how it stands."))  # fmt: skip


def check_withdrawal(*, stands: bool, decided_by: UUID | None, acting: UUID | None) -> None:
    """`stands`: accepted and not withdrawn; `decided_by`, `acting`: persons."""
    if not stands:
        raise Refusal("honour.not_standing", N_("Only an honour that was accepted and still stands can be withdrawn."),
                      todo=N_("Open the list again to see how it stands."))  # fmt: skip
    if decided_by == acting:
        raise Refusal("honour.own_decision", N_("You accepted this honour, so another person decides whether it is withdrawn."),
                      todo=N_("Ask a colleague who signs for your authority."))  # fmt: skip
