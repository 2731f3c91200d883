"""Merit: a worked example with every number, what holds whatever the marks, and entries from published evidence."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.experts.panel import candidates_hash, order_of, panel_draw
from projects.selection.methods import METHODS
from projects.selection.methods.decision import Decision, Failure
from projects.selection.methods.merit import entries_from, reckon
from projects.selection.methods.offers import EntriesInvalid
from projects.selection.methods.published import EvidenceInvalid, Handed, Published
from projects.selection.methods.terms import (
    Entry,
    Limits,
    MeritCriterion,
    MeritTerms,
    Numbers,
    Terms,
    TermsInvalid,
    plain_terms,
    terms_from,
)

CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
NUMBERS = Numbers((9500,), drop_highest=1, drop_lowest=1, drop_from=6, decimals=2, keep=3)
MERIT = MeritTerms(
    (MeritCriterion(1, "技术方案", 4000), MeritCriterion(2, "项目团队", 2000)), price_weight=3000, credit_weight=1000,
    credit_full=120, credit_neutral=100, panel_size=3,
)  # fmt: skip
TERMS = Terms("DEMO-0001", CHAIN, 1000, 2, NUMBERS, limits=Limits(100_00, 1_00), merit=MERIT)
EXAMPLE = (
    Entry("a", 8000, marks=((80, 70), (85, 75), (90, 80)), credit=108),
    Entry("b", 6000, marks=((70, 60), (75, 65), (60, 60)), credit=None),
    Entry("c", 9000, marks=((95, 90), (88, 92), (91, 85)), credit=130),
)


def chance(number: int) -> bytes:
    return hmac.digest(b"merit", number.to_bytes(8, "big"), "sha256")


def decide(entries: tuple[Entry, ...] | list[Entry], terms: Terms = TERMS, number: int = 0) -> Decision:
    return METHODS["merit"].run(terms, entries, chance(number))


def test_worked_example() -> None:
    found = decide(EXAMPLE)
    earned = {line.code: line.points for line in found.lines}
    # a: 4000 × 255 ÷ 3 + 2000 × 225 ÷ 3 = 490000; 3000 × 100 × 6000 ÷ 8000 = 225000; 1000 × 100 × 108 ÷ 120 = 90000.
    assert earned["a"] is not None
    assert (earned["a"].criteria, earned["a"].price, earned["a"].credit, earned["a"].total) == (
        490_000, 225_000, 90_000, 805_000,
    )  # fmt: skip
    # b: 4000 × 205 ÷ 3 + 2000 × 185 ÷ 3 = 396666.67; lowest price, so all of 300000; no score counts as 100 of 120.
    assert earned["b"] is not None
    assert (earned["b"].criteria, earned["b"].price, earned["b"].credit, earned["b"].total) == (
        396_667, 300_000, 83_333, 780_000,
    )  # fmt: skip
    # c: a score above the full one earns no more than the full one.
    assert earned["c"] is not None
    assert (earned["c"].criteria, earned["c"].price, earned["c"].credit, earned["c"].total) == (
        543_333, 200_000, 100_000, 843_333,
    )  # fmt: skip
    assert [line.code for line in found.lines] == ["c", "a", "b"]
    assert (found.winner, found.price_fen, found.lots) == ("c", 9000, ())
    assert (found.figure("experts"), found.figure("lowest_price")) == (3, 6000)
    assert found.members()["entries"][0]["points"]["total"] == 843_333


def test_equal_totals_go_to_the_lower_price_and_then_to_the_lot() -> None:
    cheap = replace(MERIT, criteria=(MeritCriterion(1, "方案", 9000),), price_weight=1000, credit_weight=0)
    terms = replace(TERMS, merit=cheap)
    # 9000 × 80 + 100000 = 820000 for 50 yuan, 9000 × 240 ÷ 3 is less by half the price part and more by the mark.
    equal = [Entry("a", 5000, marks=((80,), (80,), (80,))), Entry("b", 5000, marks=((79,), (80,), (81,)))]
    drawn = {decide(equal, terms, number).winner for number in range(40)}
    assert drawn == {"a", "b"}
    assert [lot.given.purpose for lot in decide(equal, terms).lots] == ["tie"]
    dearer = Entry("z", 10000, marks=((85,), (85,), (86,)))  # 9000 × 256 ÷ 3 + 50000 = 818000: less
    assert decide([*equal, dearer], terms).winner in {"a", "b"}
    # 9000 × 80 + 1000 × 100 = 820000 = 9000 × (256 + 2 ÷ 3) ÷ 3 + 50000 has no whole marks; with two criteria it has.
    even = replace(MERIT, criteria=(MeritCriterion(1, "方案", 8000),), price_weight=2000, credit_weight=0)
    pair = [Entry("dear", 10000, marks=((92,), (93,), (94,))), Entry("low", 8000, marks=((87,), (88,), (89,)))]
    found = decide(pair, replace(TERMS, merit=even))
    # dear: 8000 × 93 + 2000 × 80 = 904000; low: 8000 × 88 + 200000 = 904000.
    assert {line.points.total for line in found.lines if line.points} == {904_000}
    assert (found.winner, found.lots) == ("low", ())


def test_too_few_valid_bids_need_no_marks() -> None:
    found = decide([Entry("a", 8000), Entry("b", 10_001)])
    assert (found.winner, found.failure) == (None, Failure.TOO_FEW)
    assert [line.points for line in found.lines] == [None]


@pytest.mark.parametrize("marks", [
    (), ((80, 70), (85, 75)), ((80, 70), (85, 75), (90,)), ((80, 70), (85, 75), (90, 101)), ((80, 70), (85, 75), (90, -1)),
    ((80, 70), (85, 75), (90, True)), ((80, 70), (85, 75), (90, "80")),
])  # fmt: skip
def test_an_entry_that_is_not_marked_throughout_never_reaches_a_decision(marks: Any) -> None:
    with pytest.raises(EntriesInvalid):
        decide([EXAMPLE[1], replace(EXAMPLE[0], marks=marks)])


@pytest.mark.parametrize("change", [
    {"price_weight": 2999}, {"criteria": ()}, {"criteria": (MeritCriterion(2, "方案", 6000),)}, {"panel_size": 4},
    {"panel_size": 0}, {"credit_neutral": 121}, {"credit_full": 0, "credit_neutral": 0},
    {"criteria": (MeritCriterion(1, "方案", 0), MeritCriterion(2, "团队", 6000))}, {"price_weight": 4100, "credit_weight": -100},
])  # fmt: skip
def test_weights_that_nobody_could_decide_by(change: dict[str, Any]) -> None:
    with pytest.raises(TermsInvalid):
        replace(MERIT, **change)


def test_terms_survive_json() -> None:
    assert terms_from(json.loads(json.dumps(plain_terms(TERMS)))) == TERMS


@st.composite
def fields(draw: Any) -> tuple[Terms, list[Entry]]:
    weights = draw(st.lists(st.integers(1, 3000), min_size=1, max_size=3))
    credit = draw(st.integers(0, 10_000 - sum(weights)))
    experts = draw(st.sampled_from([1, 3, 5]))
    merit = MeritTerms(
        tuple(MeritCriterion(no, "因素", weight) for no, weight in enumerate(weights, start=1)),
        price_weight=10_000 - sum(weights) - credit, credit_weight=credit, credit_full=120, credit_neutral=100,
        panel_size=experts,
    )  # fmt: skip
    row = st.tuples(*[st.integers(0, 100) for _ in weights])
    entry = st.builds(
        Entry, st.text("abcdef", min_size=1, max_size=4), st.integers(100, 10_000), st.just(1),
        st.tuples(*[row for _ in range(experts)]), st.none() | st.integers(0, 130),
    )  # fmt: skip
    entries = draw(st.lists(entry, min_size=1, max_size=6, unique_by=lambda one: one.code))
    return replace(TERMS, merit=merit, minimum=1), entries


def exact(terms: Terms, entry: Entry, low: int) -> Fraction:
    """The formula of the docstring, with fractions."""
    merit = terms.merit
    assert merit is not None
    assert entry.quoted is not None
    quality = sum(
        Fraction(one.weight * sum(row[place] for row in entry.marks), len(entry.marks))
        for place, one in enumerate(merit.criteria)
    )
    credit = 100 if entry.credit is None else min(entry.credit, 120)
    return (
        quality + Fraction(merit.price_weight * 100 * low, entry.quoted) + Fraction(merit.credit_weight * 100 * credit, 120)
    )  # fmt: skip


@given(fields(), st.randoms())
def test_the_winner_has_the_highest_total_whatever_the_order(field: tuple[Terms, list[Entry]], shuffle: Any) -> None:
    terms, entries = field
    found = decide(entries, terms)
    low = min(entry.quoted for entry in entries if entry.quoted is not None)
    for line in found.lines:
        entry = next(one for one in entries if one.code == line.code)
        assert line.points is not None
        rounded = (2 * exact(terms, entry, low) + 1) // 2
        assert line.points.total == rounded
        assert 0 <= line.points.total <= 1_000_000
    totals = {line.code: line.points.total for line in found.lines if line.points}
    assert found.winner is not None
    assert totals[found.winner] == max(totals.values())
    shuffle.shuffle(entries)
    assert decide(entries, terms) == found


@given(fields())
def test_a_better_mark_never_hurts(field: tuple[Terms, list[Entry]]) -> None:
    terms, entries = field
    merit, first = terms.merit, entries[0]
    assert merit is not None
    assert first.quoted is not None
    raised = tuple(tuple(min(mark + 1, 100) for mark in row) for row in first.marks)
    before = reckon(merit, first.marks, first.quoted, 100, first.credit)
    after = reckon(merit, raised, first.quoted, 100, first.credit)
    assert after.total >= before.total


# Entries from what is published.
CANDIDATES = [f"EX-{number:06d}" for number in range(1, 8)]
SALT = "5a" * 16


def evidence() -> dict[str, Any]:
    given_input = panel_draw("DEMO-0001", 1, CHAIN, 1000, CANDIDATES, 3)
    order = order_of(given_input, chance(0))
    members = [
        {"expert": code, "place": place, "end": None, "reason": ""} for place, code in enumerate(order[:4], start=1)
    ]
    members[1] |= {"end": "declined", "reason": "出差"}
    seated = sorted(code for place, code in enumerate(order[:4]) if place != 1)
    marks = [
        {"expert": expert, "agency": code, "criterion": no, "mark": 70 + row + no + len(code), "reason": ""}
        for row, expert in enumerate(seated) for code in ("a", "bb") for no in (1, 2)
    ]  # fmt: skip
    return {
        "panel": {
            "size": 3, "input": given_input.members(), "salt": SALT, "hash": candidates_hash(given_input, SALT),
            "order": order, "excluded": [], "members": members,
        },
        "marks": marks, "credit": {"a": 108, "bb": None},
    }  # fmt: skip


def published(**changes: Any) -> Published:
    values: dict[str, Any] = {
        "terms": TERMS, "pool": (Handed("a", sealed=True, quoted=8000), Handed("bb", sealed=True, quoted=9000),
                                 Handed("c", sealed=True, quoted=None, fault="unreadable")),
        "evidence": evidence(), "randomness": chance(0), "chain": None, "frozen_at": datetime(2026, 1, 1, tzinfo=UTC),
        "deadline": None, "decided_at": datetime(2026, 1, 2, tzinfo=UTC),
    }  # fmt: skip
    return Published(**{**values, **changes})


def test_entries_follow_from_the_evidence() -> None:
    entries = entries_from(published())
    assert [entry.code for entry in entries] == ["a", "bb", "c"]
    assert entries[0].marks == ((72, 73), (73, 74), (74, 75))
    assert (entries[0].credit, entries[1].credit, entries[2].marks) == (108, None, ())
    assert decide(list(entries)).winner == "a"


def changed(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(members: Any) -> None:
        for step in path[:-1]:
            members = members[step]
        members[path[-1]] = to

    return change


@pytest.mark.parametrize("change", [
    changed("panel", "order", 0, to="EX-000009"), changed("panel", "salt", to="00" * 16), changed("panel", "size", to=5),
    changed("panel", "hash", to="00" * 32), changed("panel", "input", "round", to=1001),
    changed("panel", "input", "project", to="DEMO-0002"), changed("panel", "input", "purpose", to="award"),
    changed("panel", "members", 1, "end", to=None), changed("panel", "members", 0, "end", to="tired"),
    changed("panel", "members", 0, "place", to=2), changed("marks", 0, "criterion", to=3),
    changed("marks", 0, "expert", to="EX-000009"), changed("marks", 0, "agency", to="c"),
    lambda members: members["panel"]["input"]["entrants"].pop(), lambda members: members["panel"]["members"].pop(),
    lambda members: members["marks"].pop(), lambda members: members["marks"].append(members["marks"][0]),
    lambda members: members["credit"].pop("bb"), lambda members: members.pop("credit"), lambda members: members.pop("panel"),
])  # fmt: skip
def test_changed_evidence_is_refused(change: Callable[[Any], object]) -> None:
    members = evidence()
    entries_from(published(evidence=members))
    change(members)
    with pytest.raises(EvidenceInvalid):
        entries_from(published(evidence=members))


def test_another_round_gives_another_panel() -> None:
    with pytest.raises(EvidenceInvalid):
        entries_from(published(randomness=chance(1)))


def test_where_too_few_bids_are_valid_nobody_scores() -> None:
    pool = (Handed("a", sealed=True, quoted=8000), Handed("c", sealed=True))
    assert [entry.marks for entry in entries_from(published(pool=pool, evidence=None))] == [(), ()]
    with pytest.raises(EvidenceInvalid):
        entries_from(published(pool=pool))
    with pytest.raises(EvidenceInvalid):
        entries_from(published(evidence=None))
