"""How credit is computed, told with the numbers of the rulebook in force and with an example that is really computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.catalogue.rules import Rulebook
from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.credit.panels import statement_lines
from ratings.credit.queries import credit_rules, pause_rules
from ratings.credit.rules import Event, late_delivery_points, points_text, score
from ratings.credit.rules.score import HUNDRED
from ratings.periods import add_months


@dataclass(frozen=True)
class Price:
    """One line of the price list: what happens, what it costs or brings, where the rulebook says so."""

    text: Message
    points: str
    rule: str


def context(book: Rulebook, now: datetime) -> dict[str, Any]:
    return {
        "book": book,
        "rules": credit_rules(book),
        "pauses": pause_rules(book),
        "prices": prices(book),
        "bands": bands(book),
        "example": example(book, now),
        "window_months": book.months("credit.window_months"),
    }


def prices(book: Rulebook) -> list[Price]:
    """What can happen on the way from sign-up to rating, dearest first; bonuses last."""
    late = "credit.deduct.late_delivery"
    plain = [
        ("credit.deduct.sign_refused.points", Message(N_("Won, and refused to sign or let the time to sign pass"))),
        ("credit.deduct.contract_rescinded.points", Message(
            N_("Contract ended by the owner's notice, because the delivery was overdue in spite of a warning"))),
        (f"{late}.points", Message(
            N_("Delivered late: for each started {share} of the agreed time, at most {most} points a delivery"),
            {"share": _percent(book.share(f"{late}.step")), "most": book.integer(f"{late}.max")})),
        ("credit.deduct.returned_twice.points", Message(
            N_("Delivery returned by the owner {times} times"),
            {"times": book.integer("credit.deduct.returned_twice.returns")})),
        ("credit.deduct.returned_twice.points", Message(
            N_("Report returned by the approval authority {times} times"),
            {"times": book.integer("credit.deduct.returned_twice.returns")})),
        ("credit.deduct.low_rating.points", Message(
            N_("Rated {stars} stars or lower by the owner, once the time to reply is over"),
            {"stars": book.integer("rating.low_stars")})),
        ("credit.deduct.signup_cancelled.points", Message(N_("Withdrew after sign-up had closed"))),
    ]  # fmt: skip
    deductions = [Price(text, points_text(-book.integer(rule) * HUNDRED, signed=True), rule) for rule, text in plain]
    best = "credit.add.five_stars.points"
    bonus = Price(
        Message(N_("Rated five stars by the owner; bonuses count up to {most} points"), {"most": book.integer("credit.add.max")}),
        points_text(book.integer(best) * HUNDRED, signed=True), best,
    )  # fmt: skip
    return [*deductions, bonus, *_honours(book)]


def _honours(book: Rulebook) -> list[Price]:
    rule = "credit.add.honour"
    texts = (N_("Honour of a county"), N_("Honour of a city"), N_("Honour of a province"), N_("Honour of the nation"))
    return [
        Price(Message(text), points_text(points, signed=True), rule)
        for text, points in zip(texts, book.integers(rule), strict=True)
    ]


def bands(book: Rulebook) -> list[tuple[int, str]]:
    """(stars, from which score), best first; the last band has no least score."""
    least = [points_text(points) for points in credit_rules(book).bands]
    return [(stars, text) for stars, text in zip((5, 4, 3, 2, 1), [*least, ""], strict=True)]


def example(book: Rulebook, now: datetime) -> dict[str, Any]:
    """A firm of no name: late by three days of twenty, then five stars, then a withdrawal; a year later all is over."""
    start = add_months(now, -book.months("credit.window_months") - 1)
    late = late_delivery_points(
        3, 20, points_a_step=book.integer("credit.deduct.late_delivery.points"),
        step_share=book.share("credit.deduct.late_delivery.step"), most=book.integer("credit.deduct.late_delivery.max"),
    )  # fmt: skip
    told = [
        ("late_delivery", late, 0, "credit.deduct.late_delivery.points"),
        ("five_stars", book.integer("credit.add.five_stars.points"), 20, "credit.add.five_stars.points"),
        ("sign_up_abandoned", -book.integer("credit.deduct.signup_cancelled.points"), 120, "credit.deduct.signup_cancelled.points"),
    ]  # fmt: skip
    events = [_example_event(number, *one, start=start, book=book) for number, one in enumerate(told)]
    found = score(events, credit_rules(book), now)
    return {
        "lines": statement_lines(found),
        "opening": points_text(found.opening),
        "closing": points_text(found.points),
    }


def _example_event(
    number: int, kind: str, points: int, day: int, rule: str, *, start: datetime, book: Rulebook
) -> Event:
    at = start + timedelta(days=day)
    return Event(
        UUID(int=number), kind, points * HUNDRED, at, at, add_months(at, book.months("credit.window_months")), rule=rule
    )


def _percent(basis_points: int) -> str:
    return f"{basis_points / 100:g} %" if basis_points % 100 else f"{basis_points // 100} %"
