"""Best price (最优价中选): a base share K drawn after the close, and the bid nearest to mean × K.

As Haizhou's rules have it: the highest and the lowest bid are left out and cannot win, the mean of the rest × K,
rounded half up to 0.01 yuan, is the reference price. Where bids are few none is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, divide_half_up
from projects.selection.draw import entrants_of
from projects.selection.methods.decision import Decision, Failure, Figure, Line, Lot, Note, Unit, lot
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import Offer, cheapest, dearest, judge, nearest
from projects.selection.methods.terms import Entry, Terms

CODE = "best_price"


def sentence(terms: Terms) -> Message:
    numbers = terms.numbers
    return Message(
        N_("After the close a base share is drawn from {shares}. The mean of the bids times this share is the reference price; the nearest bid wins, at equal distance the lower one, then by lot. From {from_count} bids on, the highest {highest} and the lowest {lowest} are left out and cannot win."),
        {
            "shares": " / ".join(share_text(share) for share in numbers.base_shares),
            "from_count": numbers.drop_from,
            "highest": numbers.drop_highest,
            "lowest": numbers.drop_lowest,
        },
    )  # fmt: skip


def share_text(basis_points: int) -> str:
    """95%, 97.5%: as notices write a base share."""
    return f"{basis_points // 100}.{basis_points % 100:02d}".rstrip("0").rstrip(".") + "%"


def reference_fen(total_fen: int, count: int, share: int, unit_fen: int) -> int:
    """total ÷ count × share, rounded once, half up, to the unit."""
    return divide_half_up(total_fen * share, count * BASIS_POINTS * unit_fen) * unit_fen


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """Lots: "base-price" for K; "tie" between equal bids; "drop-lowest" and "drop-highest" where equal bids stand at
    an end and only some of them are left out."""
    offers, rejected = judge(terms, entries)
    if len(offers) < terms.needed:
        counted = (Figure("valid_bids", len(offers), Unit.COUNT),)
        return Decision(CODE, _lines(offers, {}, None), rejected, counted, failure=Failure.TOO_FEW)
    dropped, drop_lots = _drop(terms, offers, randomness)
    kept = [offer for offer in offers if offer.code not in dropped]
    share_lot = lot(terms, "base-price", entrants_of(map(str, terms.numbers.base_shares)), randomness)
    share, total = int(share_lot.winners[0]), sum(offer.price_fen for offer in kept)
    reference = reference_fen(total, len(kept), share, terms.numbers.unit_fen)
    winner, tie_lots = nearest(terms, kept, reference, randomness)
    figures = (
        Figure("valid_bids", len(offers), Unit.COUNT),
        Figure("counted_bids", len(kept), Unit.COUNT),
        Figure("total", total, Unit.FEN),
        Figure("mean", divide_half_up(total, len(kept)), Unit.FEN),
        Figure("base_share", share, Unit.BASIS_POINTS),
        Figure("reference_price", reference, Unit.FEN),
    )
    lots = (*drop_lots, share_lot, *tie_lots)
    return Decision(CODE, _lines(offers, dropped, reference), rejected, figures, lots, winner.code, winner.price_fen)


def _drop(terms: Terms, offers: Sequence[Offer], randomness: bytes) -> tuple[dict[str, Note], tuple[Lot, ...]]:
    """Which bids are left out, and why each."""
    numbers = terms.numbers
    if len(offers) < numbers.drop_from:
        return {}, ()
    low, low_lots = cheapest(terms, offers, numbers.drop_lowest, "drop-lowest", randomness)
    rest = [offer for offer in offers if offer.code not in low]
    high, high_lots = dearest(terms, rest, numbers.drop_highest, "drop-highest", randomness)
    notes = {**dict.fromkeys(low, Note.DROPPED_LOWEST), **dict.fromkeys(high, Note.DROPPED_HIGHEST)}
    return notes, (*low_lots, *high_lots)


def _lines(offers: Sequence[Offer], dropped: dict[str, Note], reference: int | None) -> tuple[Line, ...]:
    return tuple(
        Line(
            offer.code,
            offer.quoted,
            offer.price_fen,
            dropped.get(offer.code, Note.COUNTED),
            None if reference is None or offer.code in dropped else abs(offer.price_fen - reference),
        )
        for offer in offers
    )


METHOD = Method(
    code=CODE,
    name=N_("Best price"),
    sentence=sentence,
    checkable=N_(
        "The base share did not exist before the close: it is drawn from the beacon round named in the notice. Bids, mean, reference price and distances are published and can be computed again."
    ),
    needs=frozenset({Need.CEILING}),
    entry=EntryKind.SEALED_BID,
    opens=Opens.AT_ROUND,
    decide=decide,
    figures=("valid_bids", "counted_bids", "total", "mean", "base_share", "reference_price"),
    purposes=("drop-lowest", "drop-highest", "base-price", "tie"),
)
