"""What of sealed entries may be seen, and which methods ask for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from market.beacon.timelock import Flaw
from market.catalogue import files
from market.catalogue.rules import Rulebook
from market.kernel.errors import Refusal
from projects.rules import Stage
from projects.selection.bids.rules import (
    Bidding,
    bidding_of,
    check_abandon_sealed,
    check_asked,
    count_shown,
    malformed,
    sealed_methods,
)
from projects.selection.methods import METHODS

BOOK = files.read_rulebook(files.rulebook_files()[-1])
OPENED = datetime(2026, 6, 30, tzinfo=UTC)


def that_counts() -> Rulebook:
    """A later rulebook that lets the number of sealed entries be told."""
    key = "selection.sealed.show_count"
    return replace(BOOK, listed=tuple(replace(rule, value=True) if rule.key == key else rule for rule in BOOK.listed))


@pytest.mark.parametrize("method", METHODS)
def test_sealed_entries_are_counted_only_where_the_rulebook_says_so(method: str) -> None:
    sealed = bidding_of(method) is not Bidding.NONE
    for stage in (Stage.SIGN_UP, Stage.DRAWING):
        assert count_shown(method, stage, None, BOOK) is not sealed
        assert count_shown(method, stage, None, that_counts())
    assert count_shown(method, Stage.EVALUATION, OPENED, BOOK)
    assert count_shown(method, Stage.RESULT_NOTICE, OPENED, BOOK)


def test_which_methods_take_sealed_bids() -> None:
    asked = {method: bidding_of(method) for method in METHODS}
    assert asked["draw"] is asked["direct"] is Bidding.NONE
    assert asked["multi_round"] is Bidding.OPTIONAL
    for method in ("lowest_price", "best_price", "average_price", "price_then_draw", "merit"):
        assert asked[method] is Bidding.REQUIRED
    assert set(sealed_methods()) == {method for method, bids in asked.items() if bids is not Bidding.NONE}


def test_a_bid_only_where_one_is_asked_for() -> None:
    check_asked("multi_round", sealed=True)
    check_asked("multi_round", sealed=False)
    for method, sealed in (("draw", True), ("lowest_price", False)):
        with pytest.raises(Refusal):
            check_asked(method, sealed=sealed)


def test_a_sealed_place_cannot_be_given_up_before_the_result() -> None:
    check_abandon_sealed("draw", Stage.DRAWING)
    check_abandon_sealed("lowest_price", Stage.RESULT_NOTICE)
    for stage in (Stage.DRAWING, Stage.EVALUATION):
        with pytest.raises(Refusal):
            check_abandon_sealed("lowest_price", stage)


def test_every_flaw_of_form_has_its_words() -> None:
    found_on_arrival = [flaw for flaw in Flaw if flaw not in (Flaw.NOT_FOR_ROUND, Flaw.ALTERED)]
    assert len({malformed(flaw).message.text for flaw in found_on_arrival}) == len(found_on_arrival)
