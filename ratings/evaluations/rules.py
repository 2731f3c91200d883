"""Evaluations: marks from one to five, their mean, and what a mean over few ratings is worth. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isqrt
from typing import Final, Literal

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.money import divide_half_up

Side = Literal["owner", "agency", "regulator", "operator"]
PARTIES: Final[tuple[Side, ...]] = ("owner", "agency")
# Who rates an agency, in the order of the shares of `rating.three_party_shares`; all but the owner supervise.
RATE_AGENCIES: Final[tuple[Side, ...]] = ("owner", "regulator", "operator")
SUPERVISORS: Final[tuple[Side, ...]] = RATE_AGENCIES[1:]
Marks = Mapping[str, int]
Job = Mapping[Side, Marks]  # what each of those who did said of one job
Shares = Mapping[Side, int]
HUNDRED: Final = 100
MIDDLE: Final = 300  # of the scale 100 … 500: where nobody has been rated yet
STARS: Final = (5, 4, 3, 2, 1)

# Which rulebook key names the dimensions of each side.
DIMENSIONS: Final[Mapping[Side, str]] = {
    **dict.fromkeys(RATE_AGENCIES, "rating.dimensions"), "agency": "rating.owner_dimensions",
}  # fmt: skip
NAMES: Final[Mapping[str, str]] = {
    "quality": N_("Quality of the work"),
    "timeliness": N_("Timeliness"),
    "attitude": N_("Attitude"),
    "charge": N_("Charges"),
    "conduct": N_("Professional conduct"),
    "payment": N_("Payment on time"),
    "clarity": N_("Clarity of what was asked"),
    "cooperation": N_("Cooperation"),
}
QUESTIONS: Final[Mapping[str, str]] = {
    "quality": N_("Is the result right, complete and usable for its purpose?"),
    "timeliness": N_("Were the agreed times kept, and delays announced?"),
    "attitude": N_("Were questions answered willingly and politely?"),
    "charge": N_("Was only what the contract says charged?"),
    "conduct": N_("Were the rules of the profession kept?"),
    "payment": N_("Was the fee paid in full and when it was due?"),
    "clarity": N_("Was it clear from the start what was needed?"),
    "cooperation": N_("Did you get documents, access and answers when you needed them?"),
}
STAR_WORDS: Final[Mapping[int, str]] = {
    5: N_("very good"), 4: N_("good"), 3: N_("fair"), 2: N_("poor"), 1: N_("very poor"),
}  # fmt: skip


def overall(marks: Mapping[str, int]) -> int:
    """The mean of the marks in hundredths of a star, half up."""
    return divide_half_up(sum(marks.values()) * HUNDRED, len(marks))


def combined(values: Mapping[Side, int], shares: Shares) -> int:
    """What those who rated make of one job together: the mean of their values, weighted by their shares, half up. Who gave
    no rating has no part in it, and none is invented."""
    return divide_half_up(
        sum(value * shares[side] for side, value in values.items()), sum(shares[side] for side in values)
    )


def needs_reasons(marks: Mapping[str, int], *, low_stars: int) -> bool:
    return any(mark <= low_stars for mark in marks.values())


def is_low(value: int, *, low_stars: int) -> bool:
    """A rating whose mean is so low that it may cost credit; `value` in hundredths."""
    return value <= low_stars * HUNDRED


@dataclass(frozen=True)
class Window:
    """When two parties may rate each other, and what came in."""

    opened_at: datetime
    due_at: datetime
    revealed_at: datetime | None
    rated: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        return self.rated >= set(PARTIES)


def check_may_rate(window: Window | None, side: Side, now: datetime) -> None:
    """Raises Refusal where the window is not open or this side has rated."""
    if window is None:
        raise Refusal("rating.not_open", N_("Ratings open when the delivery is accepted."), rule="rating.window_days")
    if side in window.rated:
        raise Refusal(
            "rating.once", N_("Your organisation has rated this project already. A rating is given once and stays."),
            todo=N_("It is shown to everybody when the other side has rated too, or when the time is over."),
        )  # fmt: skip
    # Parties answer each other, so nothing is given once theirs are shown; those who supervise keep their whole time.
    if now >= window.due_at or (window.revealed_at is not None and side in PARTIES):
        raise Refusal(
            "rating.over", N_("The time to rate ended at {due}. You asked at {now}."), rule="rating.window_days",
            todo=N_("No rating is invented in place of a missing one."), due=window.due_at, now=now,
        )  # fmt: skip


def check_may_reply(*, revealed_at: datetime | None, due_at: datetime | None, replied: bool, now: datetime) -> None:
    """Raises Refusal where there is nothing to reply to, it was done, or the time is over."""
    if revealed_at is None or due_at is None:
        raise Refusal("rating.no_reply", N_("Only a low rating that has been shown opens a right of reply."),
                      rule="rating.reply_days")  # fmt: skip
    if replied:
        raise Refusal("rating.replied", N_("Your organisation has replied already."))
    if now >= due_at:
        raise Refusal("rating.reply_over", N_("The time to reply ended at {due}. You asked at {now}."),
                      rule="rating.reply_days", due=due_at, now=now)  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """Ratings in figures that can stand beside each other; all in hundredths of a star.

    `count`: rated jobs. `weighted`: the Bayesian mean (v·mean + m·prior) ÷ (v + m), half up. `spread`: standard deviation of the means.
    `stars`: how many jobs round to 5, 4, 3, 2, 1 stars. `dimensions`: plain mean of each dimension."""

    count: int
    mean: int | None
    weighted: int
    prior: int
    prior_weight: int
    spread: int | None
    stars: Mapping[int, int]
    dimensions: Mapping[str, int]


def summarise(jobs: Sequence[Job], shares: Shares, *, prior: int, prior_weight: int) -> Summary:
    """`jobs`: the ratings that count; `prior`: the mean of comparable jobs."""
    values = [combined({side: overall(marks) for side, marks in job.items()}, shares) for job in jobs]
    count, total = len(values), sum(values)
    return Summary(
        count=count,
        mean=divide_half_up(total, count) if count else None,
        weighted=divide_half_up(total + prior * prior_weight, count + prior_weight) if count + prior_weight else prior,
        prior=prior,
        prior_weight=prior_weight,
        spread=_deviation(values) if count > 1 else None,
        stars={star: sum(nearest_star(value) == star for value in values) for star in STARS},
        dimensions=_dimension_means(jobs, shares),
    )


def nearest_star(value: int) -> int:
    return divide_half_up(value, HUNDRED)


def mean(values: Iterable[int]) -> int | None:
    listed = list(values)
    return divide_half_up(sum(listed), len(listed)) if listed else None


def _deviation(values: Sequence[int]) -> int:
    """Standard deviation of these ratings (population), in whole hundredths, rounded down."""
    count = len(values)
    return isqrt((count * sum(value * value for value in values) - sum(values) ** 2) // (count * count))


def _dimension_means(jobs: Sequence[Job], shares: Shares) -> dict[str, int]:
    names = list(dict.fromkeys(name for job in jobs for marks in job.values() for name in marks))
    means = {name: mean(_said(job, name, shares) for job in jobs if _says(job, name)) for name in names}
    return {name: value for name, value in means.items() if value is not None}


def _says(job: Job, name: str) -> bool:
    return any(name in marks for marks in job.values())


def _said(job: Job, name: str, shares: Shares) -> int:
    return combined({side: marks[name] * HUNDRED for side, marks in job.items() if name in marks}, shares)
