"""Multi-round bidding (多轮竞价): agencies bid live in a few short rounds; a sealed reserve price bids for whoever cannot
be online, and opens only after the last round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.selection.methods.decision import Decision, Failure, Figure, Line, Note, Unit
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import judge, once, one_of
from projects.selection.methods.published import EvidenceInvalid, Published
from projects.selection.methods.terms import BiddingTerms, Entry, Quote, Terms, TermsInvalid

CODE = "multi_round"


def sentence(terms: Terms) -> Message:
    if terms.bidding is None:
        return Message(
            N_("The agencies of the pool bid live in short rounds, one after the other; each sees its own rank and the lowest price. A sealed reserve price may bid for those who cannot be online and opens after the end. The lowest final price wins; between equal ones lots are drawn.")
        )  # fmt: skip
    return Message(
        N_("The agencies of the pool bid live in {rounds} rounds of {minutes} minutes each, one after the other; each sees its own rank and the lowest price. A sealed reserve price may bid for those who cannot be online and opens after the end. The lowest final price wins; between equal ones lots are drawn."),
        {"rounds": terms.bidding.rounds, "minutes": terms.bidding.minutes},
    )  # fmt: skip


def better(quote: Quote, quoted: int, than: int) -> bool:
    """A lower price, or a larger discount."""
    return quoted < than if quote is Quote.PRICE else quoted > than


def best_of(quote: Quote, quoted: Iterable[int]) -> int:
    return min(quoted) if quote is Quote.PRICE else max(quoted)


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """The final price of an agency is the better of its best live bid and its reserve price. A reserve price outside
    the limits does not count, and takes nothing away from live bids. Equal lowest prices are drawn with the purpose
    "tie"."""
    finals = [_final(terms, entry) for entry in once(entries)]
    offers, rejected = judge(terms, [one.entry for one in finals])
    spoilt = {one.entry.code for one in finals if one.reserve_spoilt}
    lines = tuple(
        Line(one.code, one.quoted, one.price_fen, Note.RESERVE_INVALID if one.code in spoilt else Note.COUNTED)
        for one in offers
    )
    figures: tuple[Figure, ...] = (
        Figure("live_bidders", sum(bool(one.live) for one in finals), Unit.COUNT),
        Figure("reserve_prices", sum(one.has_reserve for one in finals), Unit.COUNT),
        Figure("valid_bids", len(offers), Unit.COUNT),
    )
    if len(offers) < terms.needed:
        return Decision(CODE, lines, rejected, figures, failure=Failure.TOO_FEW)
    equal = [offer for offer in offers if offer.low == offers[0].low]
    winner, lots = one_of(terms, equal, "tie", randomness)
    figures = (
        *figures,
        Figure("lowest_price", offers[0].price_fen, Unit.FEN),
        Figure("equal_bids", len(equal), Unit.COUNT),
    )
    return Decision(CODE, lines, rejected, figures, lots, winner.code, winner.price_fen)


@dataclass(frozen=True)
class _Final:
    """An agency's last word: `entry.quoted` is what decides."""

    entry: Entry
    live: tuple[int, ...]
    has_reserve: bool
    reserve_spoilt: bool = False


def _final(terms: Terms, entry: Entry) -> _Final:
    """Live bids were within the limits when they were taken; of the reserve price nobody knew before."""
    handed = [quoted for quoted in (*entry.live, entry.reserve) if quoted is not None]
    alone = replace(entry, quoted=entry.reserve, live=(), reserve=None)
    spoilt = entry.reserve is not None and bool(judge(terms, [alone])[1])
    counting = list(entry.live) if spoilt and entry.live else handed
    final = best_of(terms.quote, counting) if counting else None
    return _Final(replace(entry, quoted=final), entry.live, entry.reserve is not None, spoilt)


def entries_from(published: Published) -> Sequence[Entry]:
    """The reserve prices are the opened bids of the pool, the live bids stand in the evidence: {"rounds": [{"no",
    "starts_at", "ends_at", "bids": [{"code", "quoted", "at", …} in the order of their arrival]}]}. Raises EvidenceInvalid
    for rounds that are not those of the notice, a bid outside its round or of a stranger, or one that is no better
    than the bidder's last."""
    rounds = _rounds(published)
    best: dict[str, list[int]] = {one.code: [] for one in published.pool}
    for starts_at, ends_at, bids in rounds:
        for code, quoted in _bests_of_round(published, starts_at, ends_at, bids, best).items():
            best[code].append(quoted)
    return [
        Entry(one.code, tickets=one.tickets, live=tuple(best[one.code]), reserve=one.quoted) for one in published.pool
    ]


def _rounds(published: Published) -> list[tuple[datetime, datetime, Sequence[Mapping[str, Any]]]]:
    """The rounds lie back to back, as many and as long as announced, after the freeze, and end with the deadline."""
    bidding = _bidding(published.terms)
    found = [(_moment(one, "starts_at"), _moment(one, "ends_at"), one["bids"]) for one in _listed(published.evidence)]
    numbers = [one.get("no") for one in _listed(published.evidence)]
    if numbers != list(range(1, bidding.rounds + 1)):
        raise EvidenceInvalid("the rounds of bidding are not those of the notice")
    length = timedelta(minutes=bidding.minutes)
    starts = [found[0][0] + place * length for place in range(bidding.rounds)]
    if [(starts_at, ends_at) for starts_at, ends_at, _ in found] != [(start, start + length) for start in starts]:
        raise EvidenceInvalid("the rounds of bidding do not follow each other as announced")
    _check_time(published, starts[0], found[-1][1])
    return found


def _check_time(published: Published, starts_at: datetime, ends_at: datetime) -> None:
    """Bidding lies between the freeze and the deadline; a further selection compares bids of before once more."""
    if published.deadline is None or ends_at > published.deadline:
        raise EvidenceInvalid("bidding does not end before the beacon round is reckoned")
    if published.terms.no == 1 and (starts_at < published.frozen_at or ends_at != published.deadline):
        raise EvidenceInvalid("the rounds of bidding do not lie between the freeze and the deadline")


def _bests_of_round(
    published: Published, starts_at: datetime, ends_at: datetime, bids: Sequence[Mapping[str, Any]],
    before: Mapping[str, Sequence[int]],
) -> dict[str, int]:  # fmt: skip
    """code -> its best bid of one round. `before`: its bests of the rounds until then."""
    found: dict[str, int] = {}
    arrived = starts_at
    for bid in bids:
        code, quoted, at = bid.get("code"), bid.get("quoted"), _moment(bid, "at")
        if not isinstance(code, str) or code not in before or type(quoted) is not int:
            raise EvidenceInvalid("a live bid is of nobody in the pool, or has no amount")
        if not (starts_at <= at < ends_at and arrived <= at):
            raise EvidenceInvalid("a live bid did not arrive within its round, or not in this order")
        last = found.get(code, before[code][-1] if before[code] else None)
        if last is not None and not better(published.terms.quote, quoted, last):
            raise EvidenceInvalid("a live bid is no better than the bidder's last")
        if judge(published.terms, [Entry(code, quoted)])[1]:
            raise EvidenceInvalid("a live bid lies outside the limits")
        found[code], arrived = quoted, at
    return found


def _bidding(terms: Terms) -> BiddingTerms:
    if terms.bidding is None:
        raise TermsInvalid("the notice does not say how many rounds of bidding there are")
    return terms.bidding


def _listed(evidence: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    listed = evidence.get("rounds") if isinstance(evidence, Mapping) else None
    if (
        not isinstance(evidence, Mapping)
        or set(evidence) != {"rounds"}
        or not isinstance(listed, list)
        or not all(isinstance(one, Mapping) and _is_list_of_bids(one.get("bids")) for one in listed)
    ):
        raise EvidenceInvalid("live bids are published round by round")
    return listed


def _is_list_of_bids(bids: object) -> bool:
    return isinstance(bids, list) and all(isinstance(one, Mapping) for one in bids)


def _moment(members: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(members[name])
    except (KeyError, TypeError, ValueError) as error:
        raise EvidenceInvalid(f"{name} is no moment") from error
    if moment.tzinfo is None:
        raise EvidenceInvalid(f"{name} names no time zone")
    return moment


METHOD = Method(
    code=CODE,
    name=N_("Multi-round bidding"),
    sentence=sentence,
    checkable=N_(
        "Each live bid is in the register from its second on, sealed by a salted hash; all are published with the result, with the salts. The reserve prices open with the beacon round after the last round, so nobody could know one while bidding."
    ),
    needs=frozenset({Need.CEILING, Need.FLOOR}),
    entry=EntryKind.SEALED_BID,
    opens=Opens.AT_ROUND,
    decide=decide,
    figures=("live_bidders", "reserve_prices", "valid_bids", "lowest_price", "equal_bids"),
    purposes=("tie",),
    entries_from=entries_from,
    live=True,
)
