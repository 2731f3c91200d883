"""Encrypted proposals, and what a sealed bid says of them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.experts.proposals import Proposal, ProposalInvalid, ProposalSeal, decrypt_proposal, encrypt_proposal
from projects.selection.bids.text import Belonging, BidFault, BidInvalid, read, read_with_proposal, write
from projects.selection.methods.terms import Quote

HERE = Belonging("MX-2026-000001", "91000000MA0DEM00AB", 1000, "ab" * 32, "cd" * 16, Quote.PRICE)
SEAL = ProposalSeal("01" * 32, "23" * 32)


@given(st.text(min_size=1, max_size=120), st.binary(min_size=1, max_size=2000))
def test_a_proposal_comes_back_as_it_was(name: str, content: bytes) -> None:
    name = name.encode(errors="ignore").decode() or "x"
    file, seal = encrypt_proposal(Proposal(name, content))
    assert content not in file or len(content) < 8
    assert decrypt_proposal(file, seal) == Proposal(name, content)


def test_two_encryptions_share_nothing() -> None:
    one, two = (encrypt_proposal(Proposal("方案.pdf", b"%PDF-1.4")) for _ in range(2))
    assert one[1].key != two[1].key
    assert one[0] != two[0]


@pytest.mark.parametrize("place", [0, 4, 15, 16, 40, -1])
def test_a_changed_file_is_found_out(place: int) -> None:
    file, seal = encrypt_proposal(Proposal("方案.pdf", b"%PDF-1.4" * 10))
    bent = bytearray(file)
    bent[place] ^= 1
    with pytest.raises(ProposalInvalid):
        decrypt_proposal(bytes(bent), seal)
    forged = ProposalSeal(seal.key, hashlib.sha256(bent).hexdigest())
    with pytest.raises(ProposalInvalid):
        decrypt_proposal(bytes(bent), forged)


def test_another_key_opens_nothing() -> None:
    file, seal = encrypt_proposal(Proposal("方案.pdf", b"%PDF-1.4"))
    with pytest.raises(ProposalInvalid):
        decrypt_proposal(file, ProposalSeal("00" * 32, seal.sha256))


@pytest.mark.parametrize("file", [b"", b"MXP1", b"MXP1" + b"0" * 30, b"%PDF-1.4" + b"0" * 100])
def test_what_is_no_encrypted_proposal(file: bytes) -> None:
    with pytest.raises(ProposalInvalid):
        decrypt_proposal(file, ProposalSeal("00" * 32, hashlib.sha256(file).hexdigest()))


def test_the_seal_travels_inside_the_bid() -> None:
    text = write(HERE, 8_000_000, SEAL)
    assert len(text) == 2048
    assert read_with_proposal(text, HERE) == (8_000_000, SEAL)


def test_each_form_is_read_as_itself_only() -> None:
    with pytest.raises(BidInvalid) as without:
        read_with_proposal(write(HERE, 8_000_000), HERE)
    assert without.value.fault is BidFault.OTHER_FORM
    with pytest.raises(BidInvalid) as with_one:
        read(write(HERE, 8_000_000, SEAL), HERE)
    assert with_one.value.fault is BidFault.OTHER_FORM


@pytest.mark.parametrize("bent", [("01" * 32, "0G" * 32), ("23" * 32, "23" * 31 + "AA")])
def test_a_seal_that_is_none_makes_the_bid_invalid(bent: tuple[str, str]) -> None:
    text = write(HERE, 8_000_000, SEAL).replace(bent[0].encode(), bent[1].encode())
    with pytest.raises(BidInvalid) as found:
        read_with_proposal(text, HERE)
    assert found.value.fault is BidFault.NO_PROPOSAL
