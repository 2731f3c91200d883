"""Merit (择优选取): experts mark published criteria; marks, price and credit are weighed by published weights.

Everything is integer arithmetic. With n experts, weights in basis points (criteria w₁ … w_k, price w_p, credit w_c, all
together 10,000), S_j the sum of all experts' marks (0 to 100) on criterion j, `low` the lowest valid price and `price`
the agency's own (fen), `credit` its credit score, at most `full`, or the neutral score where it has none:

    criteria = Σ w_j × S_j ÷ n
    price    = w_p × 100 × low ÷ price
    credit   = w_c × 100 × min(credit, full) ÷ full
    total    = criteria + price + credit           as one fraction, rounded once, half up

in ten-thousandths of a point: 1,000,000 is all there is. No mark is left out. The highest total wins; between equal
totals the lower price; between equal prices lots with the purpose "tie". The three parts are shown rounded each by
itself; only the total decides.

Evidence: {"panel": as projects.experts.panel says, "marks": [{"expert", "agency", "criterion", "mark", "reason"}, …],
"credit": {agency code: score or null, for every valid bid}}. `criterion` counts from 1 in the order of the notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import divide_half_up
from projects.experts.panel import Drawing, PanelInvalid, scoring_experts
from projects.selection.methods.best_price import share_text
from projects.selection.methods.decision import Decision, Failure, Figure, Line, Points, Unit
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import EntriesInvalid, Offer, judge, once, one_of
from projects.selection.methods.published import EvidenceInvalid, Published
from projects.selection.methods.terms import Entry, MeritTerms, Terms, TermsInvalid

CODE = "merit"
FULL_MARK: Final = 100


def sentence(terms: Terms) -> Message:
    merit = _weighing(terms)
    return Message(
        N_("Experts drawn by lot mark {criteria} published criteria from 0 to 100; their mean weighs {quality}, the price {price} (lowest price ÷ own price), the credit score {credit}. The highest total wins; between equal totals the lower price, then the lot. Every expert's marks are published."),
        {
            "criteria": len(merit.criteria),
            "quality": share_text(sum(one.weight for one in merit.criteria)),
            "price": share_text(merit.price_weight),
            "credit": share_text(merit.credit_weight),
        },
    )  # fmt: skip


@dataclass(frozen=True)
class Fraction:
    """A part of the total, exact; rounded only to be shown."""

    above: int
    below: int

    @property
    def rounded(self) -> int:
        return divide_half_up(self.above, self.below)


def reckon(
    merit: MeritTerms, marks: Sequence[Sequence[int]], price_fen: int, low_fen: int, credit: int | None
) -> Points:
    """What one offer earns, in ten-thousandths of a point. `marks`: a row for each expert."""
    quality = sum(one.weight * sum(row[place] for row in marks) for place, one in enumerate(merit.criteria))
    known = merit.credit_neutral if credit is None else min(credit, merit.credit_full)
    parts = (
        Fraction(quality, len(marks)),
        Fraction(merit.price_weight * FULL_MARK * low_fen, price_fen),
        Fraction(merit.credit_weight * FULL_MARK * known, merit.credit_full),
    )
    below = parts[0].below * parts[1].below * parts[2].below
    above = sum(part.above * (below // part.below) for part in parts)
    criteria, price, points = (part.rounded for part in parts)
    return Points(criteria, price, points, divide_half_up(above, below))


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """Equal totals at equal prices are drawn with the purpose "tie"."""
    merit, given = _weighing(terms), once(entries)
    offers, rejected = judge(terms, given)
    counted = Figure("valid_bids", len(offers), Unit.COUNT)
    if len(offers) < terms.needed:
        lines = tuple(Line(offer.code, offer.quoted, offer.price_fen) for offer in offers)
        return Decision(CODE, lines, rejected, (counted,), failure=Failure.TOO_FEW)
    handed, low = {entry.code: entry for entry in given}, min(offer.price_fen for offer in offers)
    experts = _experts(merit, [handed[offer.code] for offer in offers])
    points = {
        offer.code: reckon(merit, handed[offer.code].marks, offer.price_fen, low, handed[offer.code].credit)
        for offer in offers
    }
    winner, lots = one_of(terms, _best(offers, points), "tie", randomness)
    lines = tuple(
        Line(offer.code, offer.quoted, offer.price_fen, points=points[offer.code])
        for offer in sorted(offers, key=lambda offer: (-points[offer.code].total, offer.low, offer.code))
    )
    figures = (counted, Figure("experts", experts, Unit.COUNT), Figure("lowest_price", low, Unit.FEN))
    return Decision(CODE, lines, rejected, figures, lots, winner.code, winner.price_fen)


def _best(offers: Sequence[Offer], points: Mapping[str, Points]) -> list[Offer]:
    """The highest total at the lowest price: one offer, or several that are equal."""

    def rank(offer: Offer) -> tuple[int, int]:
        return -points[offer.code].total, offer.low

    first = min(map(rank, offers))
    return [offer for offer in offers if rank(offer) == first]


def _weighing(terms: Terms) -> MeritTerms:
    if terms.merit is None:
        raise TermsInvalid("the notice states no criteria")
    return terms.merit


def _experts(merit: MeritTerms, valid: Sequence[Entry]) -> int:
    """Every valid entry has a mark by every expert on every criterion. Returns the number of experts."""
    for entry in valid:
        if len(entry.marks) != merit.panel_size or any(len(row) != len(merit.criteria) for row in entry.marks):
            raise EntriesInvalid(f"the entry {entry.code} is not marked by every expert on every criterion")
        if any(type(mark) is not int or not 0 <= mark <= FULL_MARK for row in entry.marks for mark in row):
            raise EntriesInvalid(f"the entry {entry.code} has a mark that is no whole number from 0 to {FULL_MARK}")
        if entry.credit is not None and (type(entry.credit) is not int or entry.credit < 0):
            raise EntriesInvalid(f"the entry {entry.code} has a credit score that is none")
    return merit.panel_size


def entries_from(published: Published) -> Sequence[Entry]:
    """Entries with their marks and credit, from the evidence: the panel follows from the round, and each of its
    experts marked each valid bid on each criterion, once. Raises EvidenceInvalid."""
    evidence, merit = published.evidence, _weighing(published.terms)
    valid, _ = judge(published.terms, [Entry(one.code, one.quoted, one.tickets) for one in published.pool])
    codes = [offer.code for offer in valid]
    if len(codes) < published.terms.needed:
        return _without_marks(published)
    if evidence is None or set(evidence) != {"panel", "marks", "credit"}:
        raise EvidenceInvalid("a merit selection publishes its panel, its marks and the credit scores")
    try:
        experts = scoring_experts(evidence["panel"], _drawing(published), merit.panel_size)
    except PanelInvalid as problem:
        raise EvidenceInvalid(str(problem)) from problem
    marks = _marks(evidence["marks"], experts, codes, merit)
    credit = _credit(evidence["credit"], codes)
    return [
        Entry(one.code, one.quoted, one.tickets, marks.get(one.code, ()), credit.get(one.code))
        for one in published.pool
    ]


def _drawing(published: Published) -> Drawing:
    terms = published.terms
    return Drawing(
        terms.project, terms.no, terms.chain, terms.round, published.randomness, published.chain, published.decided_at
    )


def _without_marks(published: Published) -> Sequence[Entry]:
    """Where too few bids are valid no expert is asked."""
    if published.evidence is not None:
        raise EvidenceInvalid("nobody scores where too few bids are valid")
    return [Entry(one.code, one.quoted, one.tickets) for one in published.pool]


def _marks(
    lines: Sequence[Mapping[str, Any]], experts: Sequence[str], codes: Sequence[str], merit: MeritTerms
) -> dict[str, tuple[tuple[int, ...], ...]]:
    try:
        given = {(one["agency"], one["expert"], one["criterion"]): one["mark"] for one in lines}
    except (KeyError, TypeError) as problem:
        raise EvidenceInvalid("a mark names its expert, its agency and its criterion") from problem
    wanted = {(code, expert, one.no) for code in codes for expert in experts for one in merit.criteria}
    if set(given) != wanted or len(lines) != len(wanted):
        raise EvidenceInvalid("each expert marks each valid bid on each criterion, once")
    return {
        code: tuple(tuple(given[code, expert, one.no] for one in merit.criteria) for expert in experts)
        for code in codes
    }


def _credit(scores: Mapping[str, Any], codes: Sequence[str]) -> dict[str, int | None]:
    if set(scores) != set(codes):
        raise EvidenceInvalid("credit scores are published for every valid bid")
    return dict(scores)


METHOD = Method(
    code=CODE,
    name=N_("Merit"),
    sentence=sentence,
    checkable=N_(
        "The order in which experts were drawn, every mark with its reason, the price and credit points and each total are published and can be computed again."
    ),
    needs=frozenset({Need.CEILING, Need.CRITERIA}),
    entry=EntryKind.SEALED_BID,
    opens=Opens.AT_ROUND,
    decide=decide,
    figures=("valid_bids", "experts", "lowest_price"),
    purposes=("tie",),
    entries_from=entries_from,
)
