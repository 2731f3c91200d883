"""What the rules allow after a failed selection: to post the job again, to choose among those who signed up, to pick
directly with reasons. Pure.

Every number comes from the rulebook that the project was posted under.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from market.kernel.errors import Refusal
from market.kernel.i18n import N_


class Way(StrEnum):
    """How an owner may go on."""

    REPOST = "repost"
    CHOOSE = "choose"
    PICK = "pick"


@dataclass(frozen=True)
class Situation:
    """`failures`: selections of the job that failed for want of entrants, this one included, along the whole chain of
    re-posts; `reposts`: how often it was posted again within the rulebook's window; `candidates`: how many that signed
    up were eligible; `followed`: the job was posted again after this project already."""

    failures: int
    reposts: int
    candidates: int
    state_funds: bool
    followed: bool


@dataclass(frozen=True)
class Limits:
    direct_after: int
    most_reposts: int


def ways(situation: Situation, limits: Limits) -> frozenset[Way]:
    """Nothing more after a project that was followed by another one. Private money binds nobody to a procedure; public
    money may be spent on a direct pick only after the selection failed often enough."""
    if situation.followed:
        return frozenset()
    found = {Way.REPOST} if situation.reposts < limits.most_reposts else set()
    if not situation.state_funds or situation.failures >= limits.direct_after:
        found |= {Way.PICK} | ({Way.CHOOSE} if situation.candidates else set())
    return frozenset(found)


def check_pick(situation: Situation, limits: Limits) -> None:
    """Raises Refusal where the owner may not name an agency."""
    if Way.PICK in ways(situation, limits):
        return
    if situation.followed:
        raise Refusal("failed.followed", N_("This job was posted again already; it goes on there."),
                      todo=N_("Open the later project."))  # fmt: skip
    raise Refusal(
        "failed.too_early", N_("With fiscal funds you may name an agency after {after} failed selections of the job; so far {failures} failed."),
        rule="selection.failed.direct_after", todo=N_("Post the job again with other terms."), after=limits.direct_after,
        failures=situation.failures,
    )  # fmt: skip
