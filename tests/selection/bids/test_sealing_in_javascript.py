"""What the bidding page writes and seals is what Python writes and opens: one format, two implementations."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.beacon import bls
from market.beacon.rules import QUICKNET, QUICKNET_HASH, Chain, Round
from market.beacon.timelock import Opening, check
from market.kernel.money import Money
from market.web.forms import percent_of
from projects.experts.proposals import ProposalSeal
from projects.selection.bids.text import Belonging, read, write
from projects.selection.methods.terms import Quote
from tests.beacon.test_tlock_js import NODE, READY
from tests.selection.conftest import CHAIN, SECRET

pytestmark = pytest.mark.skipif(
    not READY and not os.environ.get("CI"), reason="NO SEALING TEST: needs Node and `npm ci --prefix frontend`"
)
NONCE = "00112233445566778899aabbccddeeff"
BELONGING = Belonging("MX-2026-000001", "91370200MA00000001", 12_345, CHAIN.hash, NONCE, Quote.PRICE)
TYPED = [
    "12300", "12,300.50", "12300.5", " 80000 ", "0.01", "1,2", "1,23,456", "1,2345", "NaN", "1e5", "1E5", "-5", "+5", "", ".5",
    "5.", "1.234", "١٢", "12 300", "0x10", "Infinity", "12300.50元", "1,234,567.89", "12345678901234", "12345678901234.00", "00012",
    "１２３", "12\n", "1_000",
]  # fmt: skip


def ask(jobs: list[dict[str, Any]]) -> list[Any]:
    assert NODE is not None, "in CI a missing Node is a failure"
    command = [NODE, str(Path(__file__).with_name("sealing.mjs"))]
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def members(belonging: Belonging) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Quote) else value for name, value in vars(belonging).items()}


def plain(chain: Chain) -> dict[str, Any]:
    return {
        "publicKey": chain.public_key.hex(), "period": chain.period, "genesis": chain.genesis,
        "groupHash": chain.group_hash.hex(), "beaconId": chain.beacon_id, "scheme": chain.scheme,
    }  # fmt: skip


def fen(typed: str) -> str | None:
    try:
        return str(Money.parse(typed).fen)
    except ValueError:
        return None


def basis_points(typed: str) -> str | None:
    found = percent_of(typed)
    return None if found is None else str(found)


def test_both_read_the_same_amounts() -> None:
    found = ask([{"ask": "read", "typed": typed, "quote": "price"} for typed in TYPED])
    assert dict(zip(TYPED, found, strict=True)) == {typed: fen(typed) for typed in TYPED}


def test_both_read_the_same_percentages() -> None:
    typed = ["12.5", "12.5%", "12,5", "0", "99.99", "100", "5.005", "-1", "1e1", "NaN", "", "7 %"]
    found = ask([{"ask": "read", "typed": one, "quote": "discount"} for one in typed])
    assert dict(zip(typed, found, strict=True)) == {one: basis_points(one) for one in typed}


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text("0123456789.,-e %", max_size=12), min_size=50, max_size=50))
def test_neither_reads_what_the_other_does_not(typed: list[str]) -> None:
    prices = ask([{"ask": "read", "typed": one, "quote": "price"} for one in typed])
    assert prices == [fen(one) for one in typed]


def test_both_write_the_same_bytes() -> None:
    amounts = [0, 1, 99, 100, 100_000_00, 12_300_50, 9_999_999_999_999_99]
    jobs = [{"ask": "text", "belonging": members(BELONGING), "quoted": str(amount)} for amount in amounts]
    assert [text.encode() for text in ask(jobs)] == [write(BELONGING, amount) for amount in amounts]


def test_both_name_a_proposal_in_the_same_way() -> None:
    seal = ProposalSeal("ab" * 32, "cd" * 32)
    job = {"ask": "text_with_proposal", "belonging": members(BELONGING), "quoted": "8000000", "proposal": vars(seal)}
    assert ask([job])[0].encode() == write(BELONGING, 80_000_00, seal)


def test_what_the_page_seals_opens_here() -> None:
    text = write(BELONGING, 88_123_45).decode()
    [made] = ask([{"ask": "seal", "text": text, "chain": plain(CHAIN), "round": BELONGING.round}])
    check(made["file"], CHAIN, BELONGING.round)
    opened = Opening(CHAIN, Round(BELONGING.round, bls.sign_round(SECRET, BELONGING.round))).open(made["file"])
    assert read(opened, BELONGING) == 88_123_45
    assert made["sha256"] == hashlib.sha256(made["file"].encode()).hexdigest()
    assert 2_000 < len(made["file"]) < 4_096


def test_the_page_knows_the_public_network_by_itself() -> None:
    assert ask([{"ask": "pinned"}]) == [plain(QUICKNET) | {"hash": QUICKNET_HASH}]
    other = plain(QUICKNET) | {"genesis": QUICKNET.genesis + 1}
    jobs: list[dict[str, Any]] = [
        {"ask": "hash", "chain": plain(CHAIN)},
        {"ask": "holds", "chain": plain(QUICKNET), "hash": QUICKNET_HASH, "demonstration": False},
        {"ask": "holds", "chain": plain(CHAIN), "hash": CHAIN.hash, "demonstration": True},
        # A server that hands out a key of its own as if it were the public one.
        {"ask": "holds", "chain": plain(CHAIN), "hash": CHAIN.hash, "demonstration": False},
        {"ask": "holds", "chain": other, "hash": QUICKNET_HASH, "demonstration": False},
        {"ask": "holds", "chain": plain(CHAIN), "hash": QUICKNET_HASH, "demonstration": True},
        {"ask": "holds", "chain": plain(CHAIN) | {"scheme": "other"}, "hash": CHAIN.hash, "demonstration": True},
    ]
    assert ask(jobs) == [CHAIN.hash, True, True, False, False, False, False]


def test_no_two_submissions_share_their_nonce() -> None:
    nonces = ask([{"ask": "nonce"}] * 20)
    assert len(set(nonces)) == 20
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in nonces)
