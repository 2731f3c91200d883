"""The text inside a sealed bid: one spelling, one place where it belongs, one form of amounts."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from market.beacon import bls
from market.beacon.rules import Round
from market.beacon.timelock import Opening, check, seal
from projects.selection.bids.text import PADDED_BYTES, Belonging, BidFault, BidInvalid, read, write
from projects.selection.methods.terms import Quote
from tests.selection.conftest import CHAIN, SECRET

MINE = Belonging("DEMO-0001", "91000000MA0DEM00AB", 1000, CHAIN.hash, "0" * 32, Quote.PRICE)


def altered(**changes: Any) -> bytes:
    members = {**json.loads(write(MINE, 8500)), **changes}
    return rfc8785.dumps({name: value for name, value in members.items() if value is not ...}).ljust(PADDED_BYTES)


def fault_of(text: bytes, belonging: Belonging = MINE) -> BidFault:
    with pytest.raises(BidInvalid) as caught:
        read(text, belonging)
    return caught.value.fault


@given(st.integers(0, 10**14), st.sampled_from(Quote))
def test_what_is_written_is_read_and_its_length_says_nothing(quoted: int, quote: Quote) -> None:
    belonging = replace(MINE, quote=quote)
    text = write(belonging, quoted)
    assert len(text) == PADDED_BYTES
    assert read(text, belonging) == quoted


def test_through_the_seal() -> None:
    sealed = seal(CHAIN, 1000, write(MINE, 8500))
    check(sealed, CHAIN, 1000)
    opened = Opening(CHAIN, Round(1000, bls.sign_round(SECRET, 1000))).open(sealed)
    assert read(opened, MINE) == 8500


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"project": "DEMO-0002"}, BidFault.OTHER_PROJECT),
        ({"agency": "91000000MA0DEM00BE"}, BidFault.OTHER_AGENCY),
        ({"round": 1001}, BidFault.OTHER_ROUND),
        ({"chain": "00" * 32}, BidFault.OTHER_ROUND),
        ({"nonce": "1" * 32}, BidFault.OTHER_NONCE),
    ],
)
def test_a_copied_bid_does_not_count_elsewhere(change: dict[str, Any], fault: BidFault) -> None:
    """Somebody who hands in a rival's sealed file as his own."""
    assert fault_of(write(replace(MINE, **change), 8500)) is fault


@pytest.mark.parametrize(
    "amount",
    ["NaN", "1e5", "1,250.00", "1250", "1250.0", "1250.000", "-1.00", "+1.00", " 1.00", "01.00", ".50", "１.00",
     "", "1.00\n", "10000000000000.00", 1250.0, 1250, None, [], True],
)  # fmt: skip
def test_only_one_form_of_amounts(amount: object) -> None:
    assert fault_of(altered(amount=amount)) is BidFault.NO_AMOUNT


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"v": ...}, {"amount": ...}, {"more": 1}, {"quote": "discount"}, {"quote": 1}, {"v": "1"}, {"v": True}],
)
def test_only_one_form_of_bids(change: dict[str, Any]) -> None:
    assert fault_of(altered(**change)) is BidFault.OTHER_FORM


@pytest.mark.parametrize("round_", ["1000", None, [1000]])
def test_a_round_is_a_number(round_: object) -> None:
    assert fault_of(altered(round=round_)) is BidFault.OTHER_ROUND


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null".ljust(PADDED_BYTES),
        b"[]".ljust(PADDED_BYTES),
        b"[" * 100_000,
        write(MINE, 8500).rstrip(),
        write(MINE, 8500) + b" ",
        b" " + write(MINE, 8500)[:-1],
        write(MINE, 8500).replace(b'":"', b'": "', 1)[:-1],
        write(MINE, 8500).replace(b'{"agency"', b'{"agency":"x","agency"', 1).rstrip().ljust(PADDED_BYTES),
        b"\xff" * PADDED_BYTES,
        b'{"v":NaN}'.ljust(PADDED_BYTES),
        b'{"v":1e999}'.ljust(PADDED_BYTES),
        (b'{"v":' + b"[" * 400 + b"]" * 400 + b"}").ljust(PADDED_BYTES),
    ],
)
def test_only_one_spelling(text: bytes) -> None:
    assert fault_of(text) is BidFault.UNREADABLE


@given(st.binary(max_size=300))
def test_no_bytes_crash_it(text: bytes) -> None:
    assert fault_of(text.ljust(PADDED_BYTES)) in BidFault


@given(st.integers(0, PADDED_BYTES * 8 - 1))
def test_no_flipped_bit_leaves_another_bid(bit: int) -> None:
    """The seal refuses changes; should a text change within it, at most its amount can still be read."""
    text = bytearray(write(MINE, 8500))
    text[bit // 8] ^= 1 << bit % 8
    with suppress(BidInvalid):
        assert read(bytes(text), MINE) != 8500


@pytest.mark.parametrize(
    ("belonging", "quoted"),
    [
        (MINE, -1),
        (replace(MINE, nonce="x"), 1),
        (replace(MINE, nonce="A" * 32), 1),
        (replace(MINE, project="项" * 700), 1),
    ],
)
def test_what_cannot_be_written(belonging: Belonging, quoted: int) -> None:
    with pytest.raises(ValueError):
        write(belonging, quoted)
