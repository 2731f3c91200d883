"""The dossier of a selection verifies as published and in no other form, whatever the method."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from market.beacon import bls
from market.beacon.rules import QUICKNET, Round, commit_round, round_time
from projects.selection.dossiers.draw_dossier import DossierInvalid, Exclusion
from projects.selection.dossiers.draw_format import digest_of
from projects.selection.dossiers.report import Status
from projects.selection.dossiers.selection_dossier import SelectionFacts, build, parse, pool_hash
from projects.selection.dossiers.verification import read, verify
from projects.selection.methods import METHODS
from projects.selection.methods.terms import BiddingTerms, Quote
from tests.selection.conftest import CHAIN, DEADLINE, SECRET
from tests.selection.dossiers.tampering import (
    RESPELLINGS,
    Members,
    altered_at,
    another,
    every_object,
    failed,
    leaves,
    resealed,
    run,
)
from tests.selection.selections import (
    CODES,
    NUMBER,
    ROUND,
    facts,
    live_evidence,
    member,
    merit_evidence,
    merit_terms,
    nonce_of,
    sealed_bid,
    some_amounts,
    some_terms,
    terms,
)

QUOTED = {CODES[0]: 8000, CODES[1]: 8500, CODES[2]: 8500, CODES[3]: 8800}
PRICED = ["lowest_price", "best_price", "average_price", "price_then_draw"]


def without_round(method: str) -> SelectionFacts:
    evidence = {
        "direct": {"reason": "续做上一阶段的测绘成果"},
        "outside_tender": {"notice_number": "ZB-2026-17", "platform": "青岛市公共资源交易网", "files": ["ab" * 32]},
    }
    given_terms = terms(chain="", round=0, minimum=1, limits=None, price_fen=90_00)
    return facts(
        method, {}, given_terms, entrants=[member(CODES[0], None)], evidence=evidence[method], committed_at=None,
        deadline=None, chain=None, beacon_round=None, frozen_at=DEADLINE, decided_at=DEADLINE,
    )  # fmt: skip


@cache
def facts_of(method: str) -> SelectionFacts:
    chance = random.Random(7)
    if method == "merit":
        given_terms = merit_terms(terms(), [5000, 1000], 3000)
        return facts(method, QUOTED, given_terms, evidence=merit_evidence(chance, given_terms, QUOTED))
    if method == "multi_round":
        given_terms = terms(bidding=BiddingTerms(3, 3))
        found = facts(method, {CODES[1]: 8500}, given_terms, frozen_at=DEADLINE - timedelta(hours=1))
        online = [CODES[0], CODES[2], CODES[3]]
        entrants = [*found.entrants, *(member(code, None) for code in online)]
        return replace(found, entrants=entrants, evidence=live_evidence(chance, given_terms, online))
    return facts(method, QUOTED) if method in PRICED else without_round(method)


ALL = [*PRICED, "merit", "multi_round", "direct", "outside_tender"]


@cache
def published(method: str = "best_price") -> bytes:
    return build(facts_of(method))


def members(method: str = "best_price") -> Members:
    found: Members = json.loads(published(method))
    return found


def test_every_method_but_the_draw_has_this_dossier() -> None:
    assert {*ALL, "draw"} == set(METHODS)


@pytest.mark.parametrize("method", ALL)
def test_published_dossier_holds(method: str) -> None:
    report = verify(published(method))
    assert report.ok, report.failures
    cautions = {check.name for check in report.checks if check.status is Status.CAUTION}
    assert cautions == ({"beacon"} if METHODS[method].beacon else set())
    found = parse(published(method))
    assert found == read(published(method))
    assert found.winners == [found.decision["winner"]]
    assert found.pool.hash == pool_hash(facts_of(method).terms, facts_of(method).entrants, "5a" * 16)


@pytest.mark.parametrize("method", ALL)
def test_building_twice_gives_the_same_bytes_in_whatever_order_bids_came(method: str) -> None:
    shuffled = facts_of(method)
    turned = replace(shuffled, bids=shuffled.bids[::-1], entrants=shuffled.entrants[::-1])
    assert build(turned) == published(method)


def test_naming_the_chain_removes_the_reservation() -> None:
    assert all(check.status is Status.OK for check in verify(published(), expected_chain=CHAIN.hash).checks)
    assert failed(verify(published(), expected_chain=QUICKNET.hash)) == {"beacon"}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(PRICED))
def test_whatever_is_bid_can_be_verified(seed: int, method: str) -> None:
    chance = random.Random(seed)
    given_terms = some_terms(chance)
    data = build(facts(method, some_amounts(chance, given_terms, most=5), given_terms))
    assert rfc8785.dumps(json.loads(data)) == data
    assert verify(data, expected_chain=CHAIN.hash).ok


@pytest.mark.parametrize("method", ALL)
def test_no_altered_byte_passes(method: str) -> None:
    chance, original = random.Random(3), published(method)
    for place in [0, len(original) - 1, *chance.sample(range(len(original)), 60)]:
        altered = bytearray(original)
        altered[place] ^= chance.randint(1, 255)
        assert not verify(bytes(altered)).ok, place


@pytest.mark.parametrize("method", ["best_price", "direct"])
def test_no_removed_or_added_byte_passes(method: str) -> None:
    chance, original = random.Random(4), published(method)
    for place in chance.sample(range(len(original)), 60):
        assert not verify(original[:place] + original[place + chance.randint(1, 4) :]).ok
        assert not verify(original[:place] + chance.randbytes(chance.randint(1, 3)) + original[place:]).ok


def changed_at(method: str, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Members:
    return altered_at(members(method), path, change)


# What only the register binds (by the file's digest): names, reasons, limits of the notice that nobody came near, the
# texts of evidence, and times that stay in their lawful order.
FREE = {
    "pool.entrants.name", "pool.excluded.name", "pool.excluded.reason", "pool.excluded.code",
    "commitment.committed_at", "pool.frozen_at", "decided_at",
    "terms.minimum", "terms.numbers.drop_highest", "terms.numbers.drop_lowest", "terms.numbers.drop_from",
    "terms.numbers.decimals", "terms.numbers.keep", "terms.numbers.base_shares", "terms.price_fen",
    "terms.limits.ceiling_fen", "terms.limits.floor_fen", "terms.limits.smallest_discount",
    "terms.limits.largest_discount", "terms.merit.criteria.name", "terms.merit.credit_full", "terms.merit.credit_neutral",
    "evidence.reason", "evidence.notice_number", "evidence.platform", "evidence.files", "evidence.marks.reason",
    "evidence.panel.members.reason", "evidence.panel.members.end", "evidence.rounds.bids.entry",
    "evidence.rounds.bids.quoted", "evidence.rounds.bids.at", "evidence.credit.91000000MA0DEM00B",
}  # fmt: skip


@pytest.mark.parametrize("method", ALL)
def test_no_altered_member_passes_even_under_a_fitting_digest(method: str) -> None:
    passed = set()
    for path in leaves(members(method)):
        altered = changed_at(method, path, another)
        assert digest_of(altered) != altered["digest"]
        if path != ("digest",) and verify(resealed(altered)).ok:
            passed.add(".".join(step for step in path if isinstance(step, str)))
    assert passed <= FREE
    assert failed(verify(rfc8785.dumps({**members(method), "digest": "0" * 64}))) == {"digest"}


@pytest.mark.parametrize("method", ["best_price", "outside_tender"])
def test_no_extra_or_missing_member_passes(method: str) -> None:
    for place in range(len(list(every_object(members(method))))):
        altered = members(method)
        list(every_object(altered))[place]["extra"] = 1
        assert failed(verify(resealed(altered)))
        for name in {*list(every_object(members(method)))[place]} - {"digest"}:
            altered = members(method)
            del list(every_object(altered))[place][name]
            assert not verify(resealed(altered)).ok, (place, name)


@pytest.mark.parametrize(
    "respell",
    [
        *RESPELLINGS,
        lambda text: text.replace('"no":1,', '"no":1.0,', 1),
        lambda text: text.replace('"no":1,', '"no":1.5,', 1),
        lambda text: text.replace('"fault":null', '"fault":false', 1),
        lambda text: text.replace("mingxuan-dossier/2", "mingxuan-dossier/1", 1),
        lambda text: text.replace("mingxuan-dossier/2", "mingxuan-dossier/3", 1),
    ],
)
def test_no_second_spelling_passes(respell: Callable[[str], str]) -> None:
    altered = respell(published().decode()).encode()
    assert altered != published()
    assert failed(verify(altered)) == {"form"}


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (lambda d: d["decision"].update(winner=CODES[0]), {"decision", "winner"}),
        (lambda d: d["decision"].update(price_fen=1), {"decision"}),
        (lambda d: d["bids"][0].update(quoted=1), {"opened", "entries", "decision"}),
        (lambda d: d["bids"][0].update(quoted=None, fault="altered"), {"opened", "entries", "decision"}),
        (lambda d: d["entries"].pop(), {"entries"}),
        (lambda d: d["bids"].pop(), {"sealed", "entries", "decision"}),
        (lambda d: d["pool"].update(hash="00" * 32), {"pool-hash"}),
        (lambda d: d["pool"]["entrants"][0].update(nonce=None), {"pool-hash", "pool", "opened"}),
        (lambda d: d["terms"].update(project="DEMO-0002"), {"terms", "decision", "winner"}),
        (lambda d: d.update(purpose="award-2"), {"terms", "pool-hash"}),
        (lambda d: d.update(method="draw"), {"method"}),
        (lambda d: d.update(method="nonsense"), {"method"}),
        (lambda d: d.update(method="direct"), {"method"}),
        (lambda d: d.update(evidence={}), {"entries"}),
        (lambda d: d["terms"].pop("no"), {"terms"}),
        (lambda d: d["terms"].update(no=True), {"terms"}),
        (lambda d: d.update(beacon=None), {"method", "signature"}),
        (lambda d: d.update(commitment=None, beacon=None), {"method", "no-beacon"}),
        (lambda d: d.update(opening={"round": NUMBER - 1, "signature": "00" * 48}), {"opened"}),
        (lambda d: d["beacon"].update(signature="00" * 48), {"signature", "randomness", "opened"}),
    ],
)
def test_what_is_false_is_named(change: Callable[[Any], object], failing: set[str]) -> None:
    altered = members()
    change(altered)
    assert failing <= failed(verify(resealed(altered)))


def signed(number: int) -> Round:
    return Round(number, bls.sign_round(SECRET, number))


@pytest.mark.parametrize("later", [-1, 1])
def test_only_the_committed_round_counts(later: int) -> None:
    """A genuine signature of another round is no substitute, whatever it is used for."""
    found = facts_of("best_price")
    other = NUMBER + later
    moved = replace(
        found, terms=replace(found.terms, round=other), beacon_round=signed(other), opened_by=ROUND,
        decided_at=found.decided_at + timedelta(hours=1),
    )  # fmt: skip
    with pytest.raises(DossierInvalid, match="round: the notice commits"):
        build(moved)


def test_a_further_selection_uses_bids_that_are_open_already() -> None:
    """The second selection of a project: a new round for its lots, the old one for its bids."""
    deadline = DEADLINE + timedelta(days=9)
    number = commit_round(CHAIN, deadline)
    first = facts_of("price_then_draw")
    again = replace(
        first, terms=replace(first.terms, no=2, round=number), beacon_round=signed(number), opened_by=ROUND,
        committed_at=deadline, deadline=deadline, frozen_at=deadline,
        decided_at=round_time(CHAIN, number), entrants=first.entrants[1:], bids=first.bids[1:],
        excluded=[Exclusion(CODES[0], "机构", "质疑成立")],
    )  # fmt: skip
    data = build(again)
    found = parse(data)
    assert (found.purpose, found.opening and found.opening.round) == ("award-2", NUMBER)
    assert {lot["input"]["purpose"] for lot in found.decision["lots"]} >= {"award-2"}
    altered = json.loads(data)
    altered["opening"] = None
    assert "opened" in failed(verify(resealed(altered)))


def test_too_few_valid_bids_are_published_too() -> None:
    data = build(facts("lowest_price", {CODES[0]: 8000, CODES[1]: 9_999_00}))
    found = parse(data)
    assert (found.winners, found.decision["failure"]) == ([], "too_few")
    assert found.decision["rejected"] == [{"code": CODES[1], "quoted": 9_999_00, "fault": "above_ceiling"}]
    code, output = run("-", stdin=data)
    assert code == 0
    assert "nobody was selected" in output


def test_discounts_are_opened_as_discounts() -> None:
    given_terms = terms(quote=Quote.DISCOUNT)
    found = parse(build(facts("lowest_price", dict.fromkeys(CODES[:3], 500), given_terms)))
    assert [bid.quoted for bid in found.bids] == [500, 500, 500]
    prices = parse(build(facts("lowest_price", {}, given_terms, bids=[sealed_bid(terms(), CODES[0], 500)])))
    assert [bid.fault for bid in prices.bids] == ["other_form"]


@pytest.mark.parametrize(
    "times",
    [
        {"committed_at": DEADLINE + timedelta(seconds=1)},
        {"frozen_at": DEADLINE - timedelta(microseconds=1)},
        {"frozen_at": DEADLINE + timedelta(days=1)},
        {"decided_at": DEADLINE + timedelta(seconds=2)},
    ],
)
def test_acts_out_of_order_are_refused(times: dict[str, Any]) -> None:
    with pytest.raises(DossierInvalid, match="times"):
        build(replace(facts_of("best_price"), **times))


def test_two_bids_never_share_a_nonce() -> None:
    twin = [replace(one, nonce=nonce_of("x")) for one in facts_of("best_price").entrants]
    with pytest.raises(DossierInvalid, match="same nonce"):
        build(replace(facts_of("best_price"), entrants=twin))


plain_values = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text("ab/", max_size=4)


@given(st.recursive(plain_values, lambda inner: st.lists(inner, max_size=3)))
@settings(max_examples=40)
def test_anything_else_is_refused_not_crashed(value: Any) -> None:
    for name in ("terms", "decision", "evidence", "entries", "bids", "pool", "method", "beacon", "commitment"):
        if members()[name] != value:
            assert not verify(resealed({**members(), name: value})).ok


@pytest.mark.parametrize("evidence", [{}, {"rounds": 1}, {"rounds": [{}]}, {"panel": {}, "marks": [], "credit": {}}, {"x": [[]]}])  # fmt: skip
@pytest.mark.parametrize("method", ALL)
def test_evidence_of_any_shape_is_refused_not_crashed(method: str, evidence: Any) -> None:
    assert "entries" in failed(verify(resealed({**members(method), "evidence": evidence})))


@pytest.mark.parametrize("method", ALL)
def test_command_says_what_was_checked(method: str, tmp_path: Path) -> None:
    file = tmp_path / "dossier.json"
    file.write_bytes(published(method))
    code, output = run(str(file))
    assert code == 0
    assert output.count("✓") + output.count("\n! ") == len(verify(published(method)).checks)
    assert "VERIFIED: project DEMO-0001, award: 机构" in output


def test_command_writes_json_and_refuses_an_altered_file() -> None:
    code, output = run("-", "--json", "--chain", CHAIN.hash, stdin=published())
    report = json.loads(output)
    assert (code, report["ok"], report["winners"]) == (0, True, parse(published()).winners)
    code, output = run("-", stdin=resealed(changed_at("best_price", ("decision", "price_fen"), another)))
    assert code == 1
    assert "REFUSED: 1 of 18 checks failed" in output
