"""What a project announced, as the terms by which its method decides."""

from __future__ import annotations

from collections.abc import Sequence

from market.catalogue.rules import Rulebook
from projects.experts.actions import size_for
from projects.queries import ProjectView
from projects.rules import Criterion
from projects.selection.methods import METHODS
from projects.selection.methods.terms import (
    BiddingTerms,
    Limits,
    MeritTerms,
    Quote,
    Terms,
    merit_terms_of,
    numbers_of,
)
from projects.selection.rounds.queries import RoundView
from projects.selection.rounds.rules import minimum


def terms_of(project: ProjectView, current: RoundView, rulebook: Rulebook, criteria: Sequence[Criterion]) -> Terms:
    """Under the rulebook that the project was published under. A further selection among the same pool needs one valid
    entry only: that enough took part was found before. Where agencies could enter anew, as many are needed again."""
    return Terms(
        project=project.number,
        chain=current.beacon_chain or "",
        round=current.beacon_round or 0,
        minimum=least(project, rulebook) if current.deadline > current.committed_at else 1,
        numbers=numbers_of(rulebook),
        price_fen=project.price_fen if project.ceiling_fen is None else None,
        limits=limits_of(project),
        quote=Quote(project.quote),
        no=current.no,
        bidding=bidding_of(project, rulebook),
        merit=merit_of(project, rulebook, criteria),
    )


def least(project: ProjectView, rulebook: Rulebook) -> int:
    """How many must take part; where the notice names the one agency, it is enough."""
    if METHODS[project.method].alone:
        return 1
    return minimum(
        project.fiscal_share,
        state_funds=rulebook.integer("signup.minimum.state_funds"),
        social_funds=rulebook.integer("signup.minimum.social_funds"),
    )


def limits_of(project: ProjectView) -> Limits | None:
    if project.ceiling_fen is None:
        return None
    if project.smallest_discount is None or project.largest_discount is None:
        return Limits(project.ceiling_fen, project.floor_fen or 0)
    return Limits(project.ceiling_fen, project.floor_fen or 0, project.smallest_discount, project.largest_discount)


def bidding_of(project: ProjectView, rulebook: Rulebook) -> BiddingTerms | None:
    if not METHODS[project.method].live:
        return None
    return BiddingTerms(rulebook.integer("selection.rounds.count"), rulebook.integer("selection.rounds.minutes"))


def merit_of(project: ProjectView, rulebook: Rulebook, criteria: Sequence[Criterion]) -> MeritTerms | None:
    if project.price_weight is None or project.credit_weight is None:
        return None
    return merit_terms_of(
        rulebook, [(one.name, one.weight) for one in criteria], price_weight=project.price_weight,
        credit_weight=project.credit_weight, panel_size=size_for(project.amount_fen, rulebook),
    )  # fmt: skip
