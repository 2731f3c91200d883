"""Invented selections by every method that decides by price, with really sealed bids, for tests of dossiers."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from market.beacon import bls
from market.beacon.rules import Round, commit_round, moment_text, round_time
from market.beacon.timelock import Chance, seal
from projects.experts.panel import candidates_hash, order_of, panel_draw
from projects.selection.bids.opening import SealedEntry, ciphertext_hash
from projects.selection.bids.text import Belonging, ProposalSeal, write
from projects.selection.dossiers.draw_dossier import Exclusion
from projects.selection.dossiers.selection_dossier import PoolMember, SelectionFacts
from projects.selection.methods.multi_round import better
from projects.selection.methods.offers import judge
from projects.selection.methods.terms import (
    Entry,
    Limits,
    MeritCriterion,
    MeritTerms,
    Numbers,
    Quote,
    Terms,
)
from tests.selection.conftest import CHAIN, DEADLINE, SECRET

NUMBER = commit_round(CHAIN, DEADLINE)
ROUND = Round(NUMBER, bls.sign_round(SECRET, NUMBER))
NUMBERS = Numbers((9500, 9600, 9700, 9800), drop_highest=1, drop_lowest=1, drop_from=6, decimals=2, keep=3)
LIMITS = Limits(ceiling_fen=100_00, floor_fen=50_00)
CODES = [f"91000000MA0DEM00{letter}" for letter in "ABCDEFGHJK"]
EXCLUDED = (Exclusion("91000000MA0DEM00ZZ", "丁测绘", "信用限制名单:2026-11-01 起六个月"),)


def terms(**changes: Any) -> Terms:
    return replace(Terms("DEMO-0001", CHAIN.hash, NUMBER, 3, NUMBERS, limits=LIMITS), **changes)


def nonce_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:32]


def chance_of(*parts: object) -> Chance:
    """Known random bytes, so that a test's dossier is the same file every time."""
    digest = [hashlib.sha256(f"{parts} {number}".encode()).digest()[:16] for number in range(3)]
    return Chance(*digest)


def sealed_text(code: str, text: bytes, number: int = NUMBER) -> str:
    return seal(CHAIN, number, text, chance=chance_of(code, text, number))


def belonging(given: Terms, code: str, **changes: Any) -> Belonging:
    return replace(Belonging(given.project, code, NUMBER, CHAIN.hash, nonce_of(code), given.quote), **changes)


def sealed_bid(given: Terms, code: str, quoted: int, **changes: Any) -> SealedEntry:
    """A bid; `changes` alter where its text says that it belongs."""
    proposal = ProposalSeal("ab" * 32, "cd" * 32) if given.merit else None
    text = write(belonging(given, code, **changes), quoted, proposal)
    return SealedEntry(code, nonce_of(code), sealed_text(code, text))


def member(code: str, bid: SealedEntry | None, tickets: int = 1) -> PoolMember:
    if bid is None:
        return PoolMember(code, f"机构 {code[-2:]}", tickets)
    return PoolMember(code, f"机构 {code[-2:]}", tickets, bid.nonce, ciphertext_hash(bid.ciphertext))


def facts(
    method: str, quoted: Mapping[str, int], given: Terms | None = None, *, bids: list[SealedEntry] | None = None,
    **changes: Any,
) -> SelectionFacts:  # fmt: skip
    """A selection; `quoted`: the amounts by code, `bids` further sealed files."""
    stated = given or terms()
    sealed = [*(sealed_bid(stated, code, amount) for code, amount in quoted.items()), *(bids or [])]
    made = SelectionFacts(
        method=method,
        terms=stated,
        entrants=[member(bid.code, bid) for bid in sealed],
        excluded=EXCLUDED,
        salt="5a" * 16,
        frozen_at=DEADLINE + timedelta(seconds=1),
        decided_at=round_time(CHAIN, NUMBER) + timedelta(seconds=30),
        committed_at=DEADLINE - timedelta(days=3),
        deadline=DEADLINE,
        chain=CHAIN,
        beacon_round=ROUND,
        bids=sealed,
    )
    return replace(made, **changes)


def some_terms(chance: random.Random) -> Terms:
    """Terms of any kind: prices or discounts, narrow or wide limits, every rounding."""
    decimals, drop = chance.choice([0, 1, 2, 2]), chance.choice([0, 1, 2])
    numbers = Numbers(
        tuple(sorted(chance.sample(range(9000, 10001, 50), chance.randint(1, 6)))),
        drop_highest=drop, drop_lowest=chance.choice([drop, 1]), drop_from=chance.randint(5, 8), decimals=decimals,
        keep=chance.randint(1, 4),
    )  # fmt: skip
    ceiling = chance.choice([100_00, 87_654_321, 10**13 + 7])
    limits = Limits(ceiling, chance.choice([1, ceiling // 2]), chance.choice([0, 100]), chance.choice([3000, 9999]))
    project = "".join(chance.choices("DEMO-2026项目αé😀\\\"/'<&", k=chance.randint(1, 12)))
    return terms(
        project=project, minimum=chance.randint(0, 4), numbers=numbers, limits=limits,
        quote=chance.choice(list(Quote)), no=chance.choice([1, 1, 2]),
    )  # fmt: skip


def some_amounts(chance: random.Random, given: Terms, most: int = 10) -> dict[str, int]:
    """Few different amounts, so that equal bids are common, and some outside the limits."""
    ceiling = given.bounds.ceiling_fen if given.quote is Quote.PRICE else 3100
    values = [chance.randint(ceiling * 4 // 10, ceiling * 101 // 100) for _ in range(4)]
    return {code: chance.choice(values) for code in chance.sample(CODES, chance.randint(1, most))}


def merit_terms(given: Terms, weights: list[int], price_weight: int, seats: int = 3) -> Terms:
    criteria = tuple(MeritCriterion(no, f"标准{no}", weight) for no, weight in enumerate(weights, start=1))
    credit_weight = 10_000 - sum(weights) - price_weight
    return replace(given, merit=MeritTerms(criteria, price_weight, credit_weight, 120, 60, seats))


def merit_evidence(chance: random.Random, given: Terms, quoted: Mapping[str, int]) -> dict[str, Any] | None:
    """A panel in which some declined, with marks for every valid bid; None where too few bids are valid."""
    valid = [offer.code for offer in judge(given, [Entry(code, amount) for code, amount in quoted.items()])[0]]
    if len(valid) < given.needed or given.merit is None:
        return None
    seats, candidates = given.merit.panel_size, [f"EX-{number:06d}" for number in range(1, 10)]
    drawn = panel_draw(given.project, given.no, given.chain, given.round, candidates, seats)
    order = order_of(drawn, ROUND.randomness)
    ends: list[str | None] = [*["declined"] * chance.randint(0, 2), *["absent"] * chance.randint(0, 1), *[None] * seats]
    chance.shuffle(ends)
    further = further_order(given, 2) if chance.random() < 0.3 else None
    asked = list(order)
    if further is not None:  # everybody of the first order but one or two fell out
        ends = [*["declined"] * (len(order) - seats + 1), *[None] * seats]
        asked += further["order"]
    members = [
        {"expert": code, "place": place, "end": end, "reason": "出差" if end else ""}
        for place, (code, end) in enumerate(zip(asked, ends, strict=False), start=1)
    ]
    salt = "5a" * 16
    panel = {
        "size": seats, "input": drawn.members(), "salt": salt, "hash": candidates_hash(drawn, salt), "order": order,
        "excluded": [], "members": members, **({"further": [further]} if further else {}),
    }  # fmt: skip
    marks = [
        {"expert": one["expert"], "agency": code, "criterion": criterion.no, "mark": chance.choice([0, 60, 85, 86, 100]),
         "reason": ""}
        for one in members if one["end"] is None for code in valid for criterion in given.merit.criteria
    ]  # fmt: skip
    return {"panel": panel, "marks": marks, "credit": {code: chance.choice([None, 0, 77, 130]) for code in valid}}


def further_order(given: Terms, seats: int) -> dict[str, Any]:
    """A further order of experts, frozen when the first round had just come out; empty seats: at most a panel's."""
    assert given.merit is not None
    seats = min(seats, given.merit.panel_size)
    frozen_at = round_time(CHAIN, NUMBER)
    number = commit_round(CHAIN, frozen_at)
    found = Round(number, bls.sign_round(SECRET, number))
    candidates = [f"EX-{one:06d}" for one in range(21, 26)]
    drawn, salt = panel_draw(given.project, given.no, given.chain, number, candidates, seats, 2), "6b" * 16
    return {
        "no": 2, "cause": "order_used_up", "frozen_at": moment_text(frozen_at), "round": number,
        "signature": found.signature.hex(), "size": seats, "input": drawn.members(), "salt": salt,
        "hash": candidates_hash(drawn, salt), "order": order_of(drawn, found.randomness), "excluded": [],
    }  # fmt: skip


def live_evidence(chance: random.Random, given: Terms, codes: list[str]) -> dict[str, Any]:
    """Rounds of bidding up to the deadline, in which each betters its own last bid, as far as the limits allow."""
    assert given.bidding is not None
    length, last = timedelta(minutes=given.bidding.minutes), dict[str, int]()
    rounds = []
    for place in range(given.bidding.rounds):
        starts_at = DEADLINE - (given.bidding.rounds - place) * length
        bids = []
        for second, code in enumerate(chance.sample(codes, chance.randint(0, len(codes)))):
            quoted = _next_bid(chance, given, last.get(code))
            if quoted is not None:
                at = (starts_at + timedelta(seconds=second, microseconds=second)).isoformat()
                bids.append({"code": code, "quoted": quoted, "at": at, "entry": "00" * 16})
                last[code] = quoted
        ends_at = starts_at + length
        rounds.append(
            {"no": place + 1, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "bids": bids}
        )
    return {"rounds": rounds}


def _next_bid(chance: random.Random, given: Terms, last: int | None) -> int | None:
    limits = given.bounds
    if given.quote is Quote.PRICE:
        tried = limits.ceiling_fen - chance.randint(0, 20) * limits.ceiling_fen // 50
    else:
        tried = limits.smallest_discount + chance.randint(0, 20) * 100
    valid = not judge(given, [Entry("x", tried)])[1]
    return tried if valid and (last is None or better(given.quote, tried, last)) else None
