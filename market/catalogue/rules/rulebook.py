"""The rulebook: every number that a regulation, or the operator in its place, sets for the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from market.catalogue.rules.wording import Source, Wording
from market.kernel.calendar import ONE_DAY, Calendar, beijing_date, end_of_day
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money


class UnknownRule(KeyError):
    """The rulebook has no rule under this key: an error of the code or of the data file, never of a user."""

    def __init__(self, key: str, version: str) -> None:
        super().__init__(key)
        self.key = key
        self.version = version

    def __str__(self) -> str:
        return f"rulebook {self.version} has no rule {self.key!r}"


class WrongUnit(TypeError):
    """A rule was read as something it is not, e.g. calendar days as working days."""

    def __init__(self, rule: Rule, wanted: str) -> None:
        super().__init__(f"rule {rule.key!r} is in {rule.unit}, not {wanted}")


class Unit(StrEnum):
    """What the integers of a rule count."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    SECONDS = "seconds"
    MINUTES = "minutes"
    MONTHS = "months"
    YEARS = "years"
    PERIODS = "periods"
    FEN = "fen"
    BASIS_POINTS = "basis_points"
    POINTS = "points"
    HUNDREDTHS = "hundredths"
    STARS = "stars"
    COUNT = "count"
    FLAG = "flag"
    TEXT = "text"


INTEGER_UNITS = frozenset(Unit) - {Unit.FLAG, Unit.TEXT}
DAY_UNITS = frozenset({Unit.WORKING_DAYS, Unit.CALENDAR_DAYS})


@dataclass(frozen=True)
class Rule:
    """One rule: its value, in which unit, who says so, where that text is in force, and since when.

    `verified` is true only where the source was read; otherwise pages say "platform default" beside it.
    `clause` names the article of the source, where known. `told`: what the law or another place says to those who act
    here; the system decides nothing by it.
    """

    key: str
    value: int | bool | str | tuple[int | str, ...]
    unit: Unit
    title: Wording
    source: str
    jurisdiction: str
    effective_from: date
    verified: bool
    clause: str = ""
    note: Wording | None = None
    told: bool = False

    @property
    def group(self) -> str:
        """The part of the key before its first dot, under which the rulebook page lists the rule."""
        return self.key.partition(".")[0]

    @property
    def values(self) -> tuple[int | str, ...]:
        """The value as a tuple, also where it is a single one."""
        return self.value if isinstance(self.value, tuple) else (self.value,)


@dataclass(frozen=True)
class Group:
    """A heading of the rulebook; `code` is the first part of the keys below it."""

    code: str
    title: Wording


@dataclass(frozen=True)
class Rulebook:
    """One immutable version. Getters check the unit, so that days are never mistaken for points."""

    version: str
    title: Wording
    jurisdiction: str
    effective_from: date
    sources: tuple[Source, ...]
    groups: tuple[Group, ...]
    listed: tuple[Rule, ...]

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        return {rule.key: rule for rule in self.listed}

    def rule(self, key: str) -> Rule:
        if key not in self.rules:
            raise UnknownRule(key, self.version)
        return self.rules[key]

    def in_group(self, code: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.listed if rule.group == code)

    def source(self, code: str) -> Source:
        return next(source for source in self.sources if source.code == code)

    def origin(self, rule: Rule) -> Wording:
        """Where the rule is written down: the source, and its clause where known."""
        title = self.source(rule.source).title
        return Wording(title.zh + rule.clause, " ".join(filter(None, (title.en, rule.clause))))

    def cited(self, key: str) -> Message:
        """A rule as letters and decisions cite it: by what it governs, this version, and who says so. Never by its key,
        which is a name for programs."""
        rule = self.rule(key)
        facts = {"rule": rule.title, "version": self.version, "source": self.origin(rule)}
        return Message(N_("“{rule}” of rulebook {version} (source: {source})"), facts)

    def integer(self, key: str) -> int:
        """A single integer of any unit: counts, points, months, minutes, stars…"""
        return self._single(key, INTEGER_UNITS, "a whole number")

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of integers, in the order of the file (which the rule's title explains)."""
        rule = self.rule(key)
        if rule.unit not in INTEGER_UNITS:
            raise WrongUnit(rule, "whole numbers")
        return tuple(int(value) for value in rule.values)

    def money(self, key: str) -> Money:
        return Money(self._single(key, {Unit.FEN}, "money"))

    def share(self, key: str) -> int:
        """A share in basis points: 10,000 is the whole."""
        return self._single(key, {Unit.BASIS_POINTS}, "a share")

    def shares(self, key: str) -> tuple[int, ...]:
        """Shares in basis points."""
        rule = self.rule(key)
        if rule.unit is not Unit.BASIS_POINTS:
            raise WrongUnit(rule, "shares")
        return self.integers(key)

    def working_days(self, key: str) -> int:
        return self._single(key, {Unit.WORKING_DAYS}, "working days")

    def calendar_days(self, key: str) -> int:
        return self._single(key, {Unit.CALENDAR_DAYS}, "calendar days")

    def days(self, key: str) -> int:
        """A number of days whose kind the caller takes from `rule(key).unit`."""
        return self._single(key, DAY_UNITS, "days")

    def months(self, key: str) -> int:
        return self._single(key, {Unit.MONTHS}, "months")

    def flag(self, key: str) -> bool:
        rule = self.rule(key)
        if rule.unit is not Unit.FLAG:
            raise WrongUnit(rule, "yes or no")
        return bool(rule.value)

    def text(self, key: str) -> str:
        rule = self.rule(key)
        if rule.unit is not Unit.TEXT or isinstance(rule.value, tuple):
            raise WrongUnit(rule, "a text")
        return str(rule.value)

    def texts(self, key: str) -> tuple[str, ...]:
        rule = self.rule(key)
        if rule.unit is not Unit.TEXT:
            raise WrongUnit(rule, "texts")
        return tuple(str(value) for value in rule.values)

    def _single(self, key: str, units: frozenset[Unit] | set[Unit], wanted: str) -> int:
        rule = self.rule(key)
        if rule.unit not in units or not isinstance(rule.value, int):
            raise WrongUnit(rule, wanted)
        return rule.value


def deadline(rulebook: Rulebook, key: str, start: datetime, calendar: Calendar) -> datetime:
    """The end of the last day of a period of the rulebook, in working or calendar days as its unit says.

    The day of the start is not counted, and a period of calendar days whose last day is no working day ends
    with the next working day (Civil Code Art. 201 and 203). A period of no days ends where it starts.
    """
    days = rulebook.days(key)
    if days == 0:
        return start
    if rulebook.rule(key).unit is Unit.WORKING_DAYS:
        return calendar.add_working_days(start, days)
    last = beijing_date(start) + timedelta(days=days)
    while not calendar.is_working(last):
        last += ONE_DAY
    return end_of_day(last)
