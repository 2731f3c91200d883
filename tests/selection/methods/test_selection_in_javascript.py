"""The browser's recomputation of selections agrees with ours, and refuses what we refuse.

A thousand random selections are decided twice. Sealing thousands of bids would take minutes, so most of them come with
stand-ins for the sealed files and only the rest of the reckoning is compared; a hundred have real ones, opened twice.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from projects.selection.bids.opening import OpenedBid, SealedEntry
from projects.selection.dossiers.selection_dossier import build, compose
from projects.selection.methods.terms import BiddingTerms
from tests.selection.browser_modules import READY, recompute_selections
from tests.selection.conftest import DEADLINE
from tests.selection.selections import (
    CODES,
    facts,
    live_evidence,
    member,
    merit_evidence,
    merit_terms,
    nonce_of,
    some_amounts,
    some_terms,
)

pytestmark = pytest.mark.skipif(not READY, reason="needs Node and the front end's packages, as its build does")
PRICED = ["lowest_price", "best_price", "average_price", "price_then_draw"]
WITH_ROUND = [*PRICED, "merit", "multi_round"]
THOUSAND, SEALED = 1_000, 100


def decided(chance: random.Random, method: str) -> str:
    """A selection whose files are stand-ins: everything but the opening can be worked out again."""
    given = some_terms(chance)
    if method == "merit":
        given = merit_terms(given, [chance.randint(1, 2000) for _ in range(chance.randint(1, 4))], 2000)
    if method == "multi_round":
        given = replace(given, bidding=BiddingTerms(chance.randint(1, 3), 3))
    opened = [OpenedBid(code, amount, None) for code, amount in sorted(some_amounts(chance, given).items())]
    for place in range(len(opened)):
        if chance.random() < 0.1:
            opened[place] = replace(opened[place], quoted=None, fault="not_for_round")
    bids = [SealedEntry(bid.code, nonce_of(bid.code), f"stand-in of {bid.code}") for bid in opened]
    entrants = [member(bid.code, bid) for bid in bids]
    found = facts(method, {}, given, entrants=entrants, bids=bids)
    if method == "merit":
        valid = {bid.code: bid.quoted for bid in opened if bid.quoted is not None}
        found = replace(found, evidence=merit_evidence(chance, given, valid))
    if method == "multi_round":
        # Some only bid live, some only left a reserve price.
        online = [one.code for one in entrants if chance.random() < 0.7] or [entrants[0].code]
        evidence = live_evidence(chance, given, [*online, CODES[-1] + "X"])
        found = replace(
            found, evidence=evidence, entrants=[*entrants, member(CODES[-1] + "X", None)],
            frozen_at=DEADLINE - timedelta(hours=1),
        )  # fmt: skip
    return compose(found, opened).decode()


def sealed(chance: random.Random, method: str) -> str:
    given = some_terms(chance)
    return build(facts(method, some_amounts(chance, given, most=4), given)).decode()


def differing(found: dict[str, Any]) -> set[str]:
    return {name for name, ok in found["claims"].items() if not ok}


def test_a_thousand_decisions_agree(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    texts = [(decided(chance, WITH_ROUND[number % len(WITH_ROUND)]), False) for number in range(THOUSAND)]
    winners = 0
    for (text, _), found in zip(texts, recompute_selections(texts, tmp_path), strict=True):
        published = json.loads(text)
        assert differing(found) == set(), published
        assert found["computed"]["decision"] == published["decision"]
        winners += published["decision"]["winner"] is not None
    assert winners > THOUSAND // 2


def test_a_hundred_openings_agree(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    texts = [(sealed(chance, PRICED[number % len(PRICED)]), True) for number in range(SEALED)]
    for (text, _), found in zip(texts, recompute_selections(texts, tmp_path), strict=True):
        assert differing(found) == set(), text
