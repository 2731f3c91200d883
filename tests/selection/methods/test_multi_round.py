"""Multi-round bidding: a worked example, and what holds whatever is bid."""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.i18n import speaking
from market.web.display import say
from projects.selection.draw import draw
from projects.selection.methods.decision import Decision, Failure, Fault, Note
from projects.selection.methods.multi_round import METHOD, best_of, better, decide, entries_from
from projects.selection.methods.offers import EntriesInvalid, judge
from projects.selection.methods.published import EvidenceInvalid, Handed, Published
from projects.selection.methods.terms import (
    BiddingTerms,
    Entry,
    Limits,
    Numbers,
    Quote,
    Terms,
    TermsInvalid,
    plain_entry,
)

CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
NUMBERS = Numbers((9500,), drop_highest=1, drop_lowest=1, drop_from=6, decimals=2, keep=3)
PRICES = Limits(ceiling_fen=100_00, floor_fen=50_00)
DISCOUNTS = Limits(ceiling_fen=100_00, smallest_discount=100, largest_discount=3000)
FROZEN = datetime(2026, 6, 22, 9, 0, tzinfo=UTC)
START = datetime(2026, 6, 23, 2, 0, tzinfo=UTC)
ENDS = START + timedelta(minutes=9)


def terms(**changes: Any) -> Terms:
    base = Terms("DEMO-0001", CHAIN, 1000, 1, NUMBERS, limits=PRICES, bidding=BiddingTerms(3, 3))
    return replace(base, **changes)


def chance(number: int = 0) -> bytes:
    return hmac.digest(b"test beacon", number.to_bytes(8, "big"), "sha256")


def found_of(*entries: Entry, number: int = 0, **changes: Any) -> Decision:
    return METHOD.run(terms(**changes), entries, chance(number))


def values(found: Decision) -> dict[str, int]:
    return {figure.name: figure.value for figure in found.figures}


# The worked example of the documentation: four agencies, three rounds, one of them never online.
EXAMPLE = (
    Entry("a", live=(9500, 9200, 8800)),
    Entry("b", live=(9300, 9000), reserve=8700),
    Entry("c", reserve=8650),
    Entry("d", live=(8900, 8750), reserve=9900),
)


def test_the_worked_example() -> None:
    found = found_of(*EXAMPLE)
    assert [(line.code, line.quoted, line.note) for line in found.lines] == [
        ("c", 8650, Note.COUNTED), ("b", 8700, Note.COUNTED), ("d", 8750, Note.COUNTED), ("a", 8800, Note.COUNTED),
    ]  # fmt: skip
    assert values(found) == {
        "live_bidders": 3, "reserve_prices": 3, "valid_bids": 4, "lowest_price": 8650, "equal_bids": 1,
    }  # fmt: skip
    assert (found.winner, found.price_fen, found.lots, found.rejected) == ("c", 8650, (), ())


def test_discounts_turn_it_round() -> None:
    found = found_of(
        Entry("a", live=(500, 1200)), Entry("b", live=(800,), reserve=1300), Entry("c", reserve=700),
        quote=Quote.DISCOUNT, limits=DISCOUNTS,
    )  # fmt: skip
    assert [(line.code, line.quoted, line.price_fen) for line in found.lines] == [
        ("b", 1300, 8700), ("a", 1200, 8800), ("c", 700, 9300),
    ]  # fmt: skip
    assert (found.winner, found.price_fen) == ("b", 8700)


def test_equal_final_prices_are_drawn() -> None:
    winners = set()
    for number in range(40):
        found = found_of(
            Entry("a", live=(9000, 8000)), Entry("b", reserve=8000), Entry("c", live=(8100,)), number=number
        )
        (tie,) = found.lots
        assert tie.given.purpose == "tie"
        assert [one.code for one in tie.given.entrants] == ["a", "b"]
        assert tie.outcome == draw(tie.given, chance(number))
        assert found.figure("equal_bids") == 2
        winners.add(found.winner)
    assert winners == {"a", "b"}


def test_an_invalid_reserve_price_leaves_the_live_bids_standing() -> None:
    found = found_of(Entry("a", live=(9000,), reserve=4000), Entry("b", live=(9100,), reserve=20_000))
    assert [(line.code, line.quoted, line.note) for line in found.lines] == [
        ("a", 9000, Note.RESERVE_INVALID), ("b", 9100, Note.RESERVE_INVALID),
    ]  # fmt: skip
    assert (found.winner, found.rejected) == ("a", ())


def test_an_invalid_reserve_price_alone_is_no_entry() -> None:
    found = found_of(Entry("a", reserve=4999), Entry("b", reserve=10_001), Entry("c"), Entry("d", live=(9900,)))
    assert {(out.code, out.quoted, out.fault) for out in found.rejected} == {
        ("a", 4999, Fault.BELOW_FLOOR), ("b", 10_001, Fault.ABOVE_CEILING), ("c", None, Fault.NO_AMOUNT),
    }  # fmt: skip
    assert (found.winner, found.price_fen) == ("d", 9900)


def test_nobody_bid() -> None:
    for pool in ((), (Entry("a"), Entry("b"))):
        found = found_of(*pool)
        assert (found.winner, found.price_fen, found.failure) == (None, None, Failure.TOO_FEW)
        assert len(found.rejected) == len(pool)


def test_an_agency_twice_never_reaches_a_decision() -> None:
    with pytest.raises(EntriesInvalid):
        found_of(Entry("a", live=(9000,)), Entry("a", reserve=8000))


def test_the_sentence_says_how_long() -> None:
    with speaking("en"):
        assert "3 rounds of 3 minutes" in say(METHOD.sentence(terms()))
        assert "short rounds" in say(METHOD.sentence(terms(bidding=None)))


@pytest.mark.parametrize(("rounds", "minutes"), [(0, 3), (3, 0), (-1, 3)])
def test_bidding_lasts(rounds: int, minutes: int) -> None:
    with pytest.raises(TermsInvalid):
        BiddingTerms(rounds, minutes)


# What holds whatever is bid.
codes = st.text("ABCXYZ0123456789", min_size=1, max_size=4)
falling = st.lists(st.integers(5000, 10_000), max_size=3, unique=True).map(lambda prices: tuple(sorted(prices)[::-1]))
reserves = st.none() | st.integers(4_900, 10_100) | st.sampled_from([5000, 10_000, 0, -3])
pools = st.dictionaries(codes, st.tuples(falling, reserves), max_size=8)


def entered(pool: dict[str, tuple[tuple[int, ...], int | None]]) -> list[Entry]:
    return [Entry(code, live=live, reserve=reserve) for code, (live, reserve) in pool.items()]


@given(pools, st.integers(0, 999), st.integers(0, 4), st.randoms())
def test_the_order_of_arrival_is_irrelevant(
    pool: dict[str, Any], number: int, minimum: int, shuffle: random.Random
) -> None:
    arrived = entered(pool)
    first = decide(terms(minimum=minimum), arrived, chance(number))
    shuffle.shuffle(arrived)
    assert decide(terms(minimum=minimum), iter(arrived), chance(number)) == first


@given(pools, st.integers(0, 999), st.integers(0, 4))
def test_the_lowest_word_wins_and_nobody_is_lost(pool: dict[str, Any], number: int, minimum: int) -> None:
    found = decide(terms(minimum=minimum), entered(pool), chance(number))
    accounted = [line.code for line in found.lines] + [out.code for out in found.rejected]
    assert sorted(accounted) == sorted(pool)
    finals = {
        code: min(words)
        for code, (live, reserve) in pool.items()
        if (words := [*live, *([reserve] if reserve is not None and 5000 <= reserve <= 10_000 else [])])
    }
    assert {line.code: line.price_fen for line in found.lines} == finals
    assert (found.winner is None) == (len(finals) < max(minimum, 1))
    if found.winner is not None:
        assert found.price_fen == finals[found.winner] == min(finals.values())


@given(pools, st.integers(0, 999))
def test_a_reserve_price_only_ever_helps_its_own_agency(pool: dict[str, Any], number: int) -> None:
    with_them = decide(terms(), entered(pool), chance(number))
    without = decide(terms(), entered({code: (live, None) for code, (live, _) in pool.items()}), chance(number))
    before = {line.code: line.price_fen for line in without.lines}
    after = {line.code: line.price_fen for line in with_them.lines}
    assert before.keys() <= after.keys()
    assert all(after[code] <= price for code, price in before.items())


@given(pools, st.integers(0, 999))
def test_discounts_decide_as_the_prices_they_leave(pool: dict[str, Any], number: int) -> None:
    """The ceiling is 100 yuan, so that a discount of one basis point takes off one fen."""
    turned = {
        code: (tuple(10_000 - one for one in live), None if reserve is None else 10_000 - reserve)
        for code, (live, reserve) in pool.items()
    }
    limits = Limits(ceiling_fen=100_00, floor_fen=50_00, largest_discount=9_999)
    prices = decide(terms(limits=limits), entered(pool), chance(number))
    discounts = decide(terms(limits=limits, quote=Quote.DISCOUNT), entered(turned), chance(number))
    assert (discounts.winner, discounts.price_fen) == (prices.winner, prices.price_fen)
    assert [line.code for line in discounts.lines] == [line.code for line in prices.lines]


# From what is published to entries.
def bid(code: str, quoted: int, seconds: int) -> dict[str, Any]:
    at = START + timedelta(seconds=seconds)
    return {"code": code, "quoted": quoted, "at": at.isoformat().replace("+00:00", "Z"), "entry": "…", "salt": "…"}


def evidence(*rounds: list[dict[str, Any]], starts_at: datetime = START, minutes: int = 3) -> dict[str, Any]:
    length = timedelta(minutes=minutes)
    return {
        "rounds": [
            {"no": no, "starts_at": (starts_at + (no - 1) * length).isoformat(),
             "ends_at": (starts_at + no * length).isoformat(), "bids": bids}
            for no, bids in enumerate(rounds, start=1)
        ]
    }  # fmt: skip


def bidding() -> dict[str, Any]:
    return evidence([bid("a", 9500, 5), bid("b", 9300, 5), bid("a", 9200, 60)], [], [bid("a", 9000, 370)])


def published(members: dict[str, Any] | None = None, **changes: Any) -> Published:
    pool = (Handed("a", sealed=True, quoted=8900), Handed("b", sealed=True, fault="other_agency"), Handed("c"))
    facts = Published(
        terms(),
        pool,
        bidding() if members is None else members,
        chance(),
        None,
        FROZEN,
        ENDS,
        ENDS + timedelta(seconds=9),
    )
    return replace(facts, **changes)


def test_entries_follow_from_the_evidence_and_the_opened_reserve_prices() -> None:
    assert list(entries_from(published())) == [
        Entry("a", live=(9200, 9000), reserve=8900), Entry("b", live=(9300,)), Entry("c"),
    ]  # fmt: skip
    through_json = json.loads(json.dumps([plain_entry(one) for one in entries_from(published())]))
    assert [Entry(**one) for one in through_json] == list(entries_from(published()))


def bent(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    members = bidding()
    change(members)
    return members


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["rounds"].pop(),
        lambda it: it["rounds"].append(it["rounds"][0]),
        lambda it: it["rounds"].reverse(),
        lambda it: it["rounds"][0].update(no=2),
        lambda it: it["rounds"][1].update(starts_at=(START + timedelta(minutes=4)).isoformat()),
        lambda it: it["rounds"][2].update(ends_at=(ENDS + timedelta(seconds=1)).isoformat()),
        lambda it: it["rounds"][0].pop("bids"),
        lambda it: it["rounds"][0].update(bids="a"),
        lambda it: it["rounds"][0]["bids"].append("a"),
        lambda it: it["rounds"][0]["bids"].append(bid("z", 9000, 100)),  # a stranger
        lambda it: it["rounds"][0]["bids"].append(bid("a", 9200, 100)),  # no better than its last
        lambda it: it["rounds"][2]["bids"].append(bid("b", 9400, 400)),  # worse than in an earlier round
        lambda it: it["rounds"][0]["bids"].append(bid("a", 9100, 30)),  # not in the order of arrival
        lambda it: it["rounds"][0]["bids"].append(bid("a", 9100, 180)),  # at the closing instant
        lambda it: it["rounds"][1]["bids"].append(bid("a", 9100, 179)),  # before its round
        lambda it: it["rounds"][0]["bids"].append(bid("a", 4999, 100)),
        lambda it: it["rounds"][0]["bids"].append({**bid("a", 9100, 100), "quoted": "9100"}),
        lambda it: it["rounds"][0]["bids"].append({**bid("a", 9100, 100), "at": "10:01"}),
        lambda it: it["rounds"][0]["bids"].append({**bid("a", 9100, 100), "at": "2026-06-23T02:01:40"}),
        lambda it: it["rounds"][0]["bids"].append({**bid("a", 9100, 100), "at": None}),
        lambda it: it.update(note="added"),
        lambda it: it.update(rounds={}),
    ],
)
def test_bent_evidence_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(EvidenceInvalid):
        entries_from(published(bent(change)))


def test_evidence_belongs_to_the_time_between_freeze_and_deadline() -> None:
    for changes in ({"evidence": None}, {"deadline": ENDS + timedelta(minutes=1)}, {"deadline": None},
                    {"frozen_at": START + timedelta(seconds=1)}):  # fmt: skip
        with pytest.raises(EvidenceInvalid):
            entries_from(published(**changes))
    with pytest.raises(EvidenceInvalid):
        entries_from(published(terms=terms(bidding=BiddingTerms(3, 2))))
    further = published(terms=terms(no=2), frozen_at=ENDS + timedelta(days=2), deadline=ENDS + timedelta(days=2))
    assert list(entries_from(further)) == list(entries_from(published()))
    with pytest.raises(EvidenceInvalid):
        entries_from(replace(further, deadline=ENDS - timedelta(seconds=1)))
    with pytest.raises(TermsInvalid):
        entries_from(published(terms=terms(bidding=None)))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(4_900, 10_100), st.integers(0, 539)), max_size=25))
def test_bids_taken_by_the_rules_make_evidence_that_holds(tried: list[tuple[str, int, int]]) -> None:
    """Whatever is tried: what the rules of bidding let through is what entries follow from."""
    taken: list[list[dict[str, Any]]] = [[], [], []]
    best: dict[str, int] = {}
    for code, quoted, second in sorted(tried, key=lambda one: one[2]):
        fits = not judge(terms(), [Entry(code, quoted)])[1]
        if fits and (code not in best or better(Quote.PRICE, quoted, best[code])):
            best[code] = quoted
            taken[second // 180].append(bid(code, quoted, second))
    entries = {one.code: one for one in entries_from(published(evidence(*taken)))}
    assert {code: best_of(Quote.PRICE, one.live) for code, one in entries.items() if one.live} == best
