"""A selection as rules: why a round exists or ends, who is in its pool, when too few are left. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from agencies.rules import AgencyFacts
from market.catalogue.rules import Rulebook
from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.eligibility import Assessment, Line, second_bidder_line, second_bidders


class Cause(StrEnum):
    """Why a round exists. The first award has no other cause than its publication."""

    PUBLISHED = "published"
    WINDOW_RESTARTED = "window_restarted"
    OBJECTION_UPHELD = "objection_upheld"
    COMPLAINT_UPHELD = "complaint_upheld"
    WINNER_REFUSED = "winner_refused"
    SIGNING_LAPSED = "signing_lapsed"
    WINNER_BARRED = "winner_barred"


class Annulment(StrEnum):
    """Why a round's result does not hold, or why it never had one."""

    TOO_FEW = "too_few"
    TOO_FEW_VALID = "too_few_valid"
    OBJECTION_UPHELD = "objection_upheld"
    COMPLAINT_UPHELD = "complaint_upheld"
    WINNER_REFUSED = "winner_refused"
    SIGNING_LAPSED = "signing_lapsed"
    WINNER_BARRED = "winner_barred"
    NO_PANEL = "no_panel"


# A further draw needs a cause that lies after the first result.
FURTHER: Final = frozenset({
    Cause.OBJECTION_UPHELD, Cause.COMPLAINT_UPHELD, Cause.WINNER_REFUSED, Cause.SIGNING_LAPSED,
    Cause.WINNER_BARRED,
})  # fmt: skip
# Why a project fails here; shown on its page.
TOO_FEW: Final = N_("Too few eligible agencies are left for a selection.")
TOO_FEW_VALID: Final = N_("Too few of the bids that were opened are valid.")
NO_PANEL: Final = N_("No panel of experts could be found.")
ANNULLED: Final = N_("The regulator annulled the selection on a complaint.")


@dataclass(frozen=True)
class Candidate:
    """An agency that signed up, as it stood when the pool froze."""

    agency: AgencyFacts
    signed_up_at: datetime
    assessment: Assessment


@dataclass(frozen=True)
class Pool:
    """Who draws and who was left out, both by code; the failing lines of those left out say why."""

    entrants: tuple[Candidate, ...]
    excluded: tuple[Candidate, ...]


class Timed(Protocol):
    """What a notice says about when entries come: a project, or a notice before it is one."""

    @property
    def sign_up_closes_at(self) -> datetime: ...
    @property
    def bidding_starts_at(self) -> datetime | None: ...


def entries_close(notice: Timed, rulebook: Rulebook) -> datetime:
    """The last moment at which anything that decides can arrive: the beacon round has to lie after it."""
    if notice.bidding_starts_at is None:
        return notice.sign_up_closes_at
    minutes = rulebook.integer("selection.rounds.count") * rulebook.integer("selection.rounds.minutes")
    return notice.bidding_starts_at + timedelta(minutes=minutes)


def freeze_grace(rulebook: Rulebook) -> timedelta:
    """How long after the close a pool stays open for what arrived before it. It has to be shorter than the beacon's
    safety periods: the pool is written down before its round is out."""
    return timedelta(seconds=rulebook.integer("selection.freeze_grace"))


def minimum(fiscal_share: int, *, state_funds: int, social_funds: int) -> int:
    """How many must be in the pool: any public money (share in basis points) calls for the higher number."""
    return state_funds if fiscal_share > 0 else social_funds


def too_few(count: int, needed: int) -> bool:
    """Nobody can win an empty pool, whatever number the rulebook asks for."""
    return count < max(needed, 1)


def build_pool(candidates: Iterable[Candidate], *, branches_as_one: bool) -> Pool:
    """The same pool in whatever order the candidates come: of a head office and its branches only the one that signed
    up first stays; equal times, which only a test produces, are decided by code."""
    ordered = sorted(candidates, key=lambda one: (one.signed_up_at, one.agency.code))
    fit = [one for one in ordered if one.assessment.eligible]
    twice = dict(_second_bidders(fit)) if branches_as_one else {}
    entrants = [one for one in fit if one.agency.id not in twice]
    left_out = [barred(one, twice[one.agency.id]) if one.agency.id in twice else one
                for one in ordered if one not in entrants]  # fmt: skip
    return Pool(_by_code(entrants), _by_code(left_out))


def tickets_of(score: int | None, rulebook: Rulebook) -> int:
    """How many tickets an agency has in a draw, by its stars (score in points; None: unrated). All have the same unless
    the rulebook weighs them."""
    if score is None:
        return rulebook.integer("draw.tickets")
    stars_lost = sum(score < least for least in rulebook.integers("credit.bands"))
    return rulebook.integers("draw.tickets_by_stars")[stars_lost]


def no_bid_line() -> Line:
    return Line("bid", False, Message(N_("No sealed bid stood when the time to bid was over.")))


def barred(candidate: Candidate, line: Line) -> Candidate:
    """The candidate with one more reason against it."""
    return replace(candidate, assessment=Assessment(False, (*candidate.assessment.lines, line)))


def left_out_line(cause: Cause) -> Line:
    """Why an agency of the last pool is not in the next one."""
    texts = {
        Cause.OBJECTION_UPHELD: N_("Left out by the decision on an objection."),
        Cause.COMPLAINT_UPHELD: N_("Left out by the regulator's decision on a complaint."),
        Cause.WINNER_REFUSED: N_("Refused the award."),
        Cause.SIGNING_LAPSED: N_("Did not sign the contract in time."),
        Cause.WINNER_BARRED: N_("Could not be awarded the work when the notice of its result ended."),
    }
    return Line("further_draw", False, Message(texts[cause]))


def abandoned_line(at: datetime) -> Line:
    return Line("abandoned", False, Message(N_("Gave up its place after sign-up had closed.")), at.date())


def _second_bidders(fit: Sequence[Candidate]) -> list[tuple[UUID, Line]]:
    return [(out.id, second_bidder_line(kept)) for out, kept in second_bidders(one.agency for one in fit)]


def _by_code(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda one: one.agency.code))
