"""Bids that do not count: each of them is named alike by the market, by whoever verifies, and by the browser."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from py_arkworks_bls12381 import G2Point

from market.beacon import age, bls
from market.beacon.rules import BeaconInvalid, Round
from projects.selection.bids.opening import SealedEntry, open_bids
from projects.selection.bids.text import PADDED_BYTES, write
from projects.selection.dossiers.selection_dossier import build, parse
from projects.selection.dossiers.verification import verify
from projects.selection.methods.terms import Quote
from tests.selection.browser_modules import READY, recompute_selections
from tests.selection.conftest import CHAIN, SECRET
from tests.selection.selections import CODES, NUMBER, ROUND, belonging, facts, nonce_of, sealed_bid, sealed_text, terms

MINE, RIVAL = CODES[0], CODES[1]
TERMS = terms()
GOOD = sealed_bid(TERMS, MINE, 8000).ciphertext


def file_of(text: str) -> age.SealedFile:
    return age.decode(age.unarmor(text))


def with_header(number: int, chain_hash: str) -> str:
    """The same sealed key under another label; the header's code does not fit any more, but labels are read first."""
    file = file_of(GOOD)
    return age.armor(age.SealedFile(number, chain_hash, file.body, file.mac, file.payload).encode())


def with_body(body: bytes) -> str:
    file = file_of(GOOD)
    return age.armor(age.SealedFile(file.number, file.chain_hash, body, file.mac, file.payload).encode())


def with_payload(payload: bytes) -> str:
    file = file_of(GOOD)
    return age.armor(age.SealedFile(file.number, file.chain_hash, file.body, file.mac, payload).encode())


def point_outside_the_group() -> bytes:
    for x in range(1, 200):
        data = b"\x80" + bytes(94) + bytes([x])
        try:
            if not G2Point.from_compressed_bytes_unchecked(data).is_in_subgroup():
                return data
        except ValueError:
            continue
    raise AssertionError("unreachable: half of all x belong to points of the curve")


def second_spelling(body: bytes) -> bytes:
    """The same point with its first coordinate written as x + p, which some libraries read."""
    modulus = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
    marks, first = body[0] & 0xE0, int.from_bytes(bytes([body[0] & 0x1F]) + body[1:48], "big")
    spelt = (first + modulus).to_bytes(48, "big")
    return bytes([spelt[0] | marks]) + spelt[1:] + body[48:]


def text_of(**changes: Any) -> bytes:
    members: dict[str, Any] = {
        "v": 1, "project": TERMS.project, "agency": MINE, "round": NUMBER, "chain": CHAIN.hash, "nonce": nonce_of(MINE),
        "quote": "price", "amount": "80.00",
    }  # fmt: skip
    return rfc8785.dumps({**members, **changes}).ljust(PADDED_BYTES, b" ")


BODY = file_of(GOOD).body
PAYLOAD = file_of(GOOD).payload
FAULTY = {
    "nothing": ("", "not_age"),
    "no armor": ("8000", "not_age"),
    "too long": (GOOD + "x" * 8192, "too_long"),
    "another line end": (GOOD.replace("\n", "\r\n"), "not_age"),
    "a space more": (GOOD + " ", "not_age"),
    "no payload": (with_payload(PAYLOAD[:32]), "not_age"),
    "label of another round": (with_header(NUMBER + 1, CHAIN.hash), "other_round"),
    "label of another chain": (with_header(NUMBER, "ab" * 32), "other_chain"),
    "sealed to another round": (sealed_text(MINE, write(belonging(TERMS, MINE), 8000), NUMBER + 1), "other_round"),
    "another round under this label": (
        with_body(file_of(sealed_text(MINE, write(belonging(TERMS, MINE), 8000), NUMBER + 1)).body), "not_for_round",
    ),
    "a short key": (with_body(BODY[:127]), "sealed_key"),
    "infinity": (with_body(b"\xc0" + bytes(95) + BODY[96:]), "point"),
    "off the group": (with_body(point_outside_the_group() + BODY[96:]), "point"),
    "off the curve": (with_body(b"\x80" + bytes(94) + b"\x04" + BODY[96:]), None),
    "not compressed": (with_body(bytes([BODY[0] & 0x7F]) + BODY[1:]), "point"),
    "x + p": (with_body(second_spelling(BODY)), "point"),
    "another point": (with_body(CHAIN.public_key + BODY[96:]), "not_for_round"),
    "V altered": (with_body(BODY[:96] + bytes([BODY[96] ^ 1]) + BODY[97:]), "not_for_round"),
    "W altered": (with_body(BODY[:127] + bytes([BODY[127] ^ 1])), "not_for_round"),
    "payload altered": (with_payload(PAYLOAD[:-1] + bytes([PAYLOAD[-1] ^ 1])), "altered"),
    "payload cut": (with_payload(PAYLOAD[:-1]), "altered"),
    "no bid": (sealed_text(MINE, b"80.00"), "unreadable"),
    "not padded": (sealed_text(MINE, text_of().rstrip()), "unreadable"),
    "two spellings": (sealed_text(MINE, text_of().replace(b'":', b'" :', 1)[:PADDED_BYTES]), "unreadable"),
    "nested": (sealed_text(MINE, text_of(amount=[[[]]] * 60)), "unreadable"),
    "a number with a fraction": (sealed_text(MINE, text_of(amount=80.5)), "no_amount"),
    "a large number": (sealed_text(MINE, text_of(amount=1e21)), "no_amount"),
    "2^53": (sealed_text(MINE, text_of(amount=0).replace(b':0,"ch', b':9007199254740992,"ch')[:PADDED_BYTES]), "unreadable"),
    "a comma": (sealed_text(MINE, text_of(amount="8,000.00")), "no_amount"),
    "NaN": (sealed_text(MINE, text_of(amount="NaN")), "no_amount"),
    "1e5": (sealed_text(MINE, text_of(amount="1e5")), "no_amount"),
    "a wide digit": (sealed_text(MINE, text_of(amount="８0.00")), "no_amount"),
    "other project": (sealed_text(MINE, text_of(project="DEMO-0002")), "other_project"),
    "other round in the text": (sealed_text(MINE, text_of(round=NUMBER + 1)), "other_round"),
    "a round as text": (sealed_text(MINE, text_of(round=str(NUMBER))), "other_round"),
    "other chain in the text": (sealed_text(MINE, text_of(chain="ab" * 32)), "other_round"),
    "other nonce": (sealed_text(MINE, text_of(nonce="0" * 32)), "other_nonce"),
    "version two": (sealed_text(MINE, text_of(v=2)), "other_form"),
    "version true": (sealed_text(MINE, text_of(v=True)), "other_form"),
    "a discount": (sealed_text(MINE, text_of(quote="discount")), "other_form"),
    "one member more": (sealed_text(MINE, text_of(more=None)), "other_form"),
    "replay of a rival's bid": (sealed_bid(TERMS, RIVAL, 8000).ciphertext, "other_agency"),
    "replay with the rival's nonce": (
        sealed_bid(TERMS, RIVAL, 8000, nonce=nonce_of(MINE)).ciphertext, "other_agency",
    ),
}  # fmt: skip


def dossier_with(ciphertext: str) -> bytes:
    bids = [SealedEntry(MINE, nonce_of(MINE), ciphertext)]
    return build(facts("lowest_price", dict.fromkeys(CODES[2:5], 9000), bids=bids))


@pytest.mark.parametrize("name", FAULTY)
def test_one_bad_bid_is_named_and_stops_no_other(name: str) -> None:
    ciphertext, fault = FAULTY[name]
    found = parse(dossier_with(ciphertext))
    mine = found.bids[0]
    assert (mine.code, mine.quoted) == (MINE, None)
    assert mine.fault == fault or (fault is None and mine.fault in ("point", "not_for_round"))
    assert [bid.quoted for bid in found.bids[1:]] == [9000] * 3
    assert found.decision["rejected"] == [{"code": MINE, "quoted": None, "fault": "no_amount"}]
    assert found.winner in CODES[2:5]


@pytest.mark.skipif(not READY, reason="needs Node and the front end's packages, as its build does")
def test_the_browser_names_each_alike(tmp_path: Path) -> None:
    texts = [(dossier_with(ciphertext).decode(), True) for ciphertext, _ in FAULTY.values()]
    for name, (text, _), found in zip(FAULTY, texts, recompute_selections(texts, tmp_path), strict=True):
        mine = parse(text.encode()).bids[0]
        assert found["computed"]["bids"][0] == {"code": MINE, "quoted": None, "fault": mine.fault}, name
        assert all(found["claims"].values()), (name, found["claims"])


def test_nothing_is_judged_by_a_wrong_signature() -> None:
    """With it every honest bid would look invalid."""
    for signature in (bls.sign_round(SECRET, NUMBER + 1), bytes(48), b"\xc0" + bytes(47), b""):
        with pytest.raises(BeaconInvalid):
            open_bids(CHAIN, Round(NUMBER, signature), [], project=TERMS.project, quote=Quote.PRICE)


def test_a_bid_is_neither_accepted_nor_missing() -> None:
    """Whoever left a sealed bid is in the record, as a valid entry or with the reason why it is none."""
    found = parse(dossier_with(FAULTY["infinity"][0]))
    named = [line["code"] for line in found.decision["entries"]] + [out["code"] for out in found.decision["rejected"]]
    assert sorted(named) == [one.code for one in found.pool.entrants]
    assert verify(dossier_with(GOOD)).ok


def test_what_opens_is_what_was_sealed() -> None:
    entries = [sealed_bid(TERMS, code, 8000 + place) for place, code in enumerate(CODES)]
    opened = open_bids(CHAIN, ROUND, entries[::-1], project=TERMS.project, quote=Quote.PRICE)
    assert [(bid.code, bid.quoted, bid.fault) for bid in opened] == [
        (code, 8000 + place, None) for place, code in enumerate(CODES)
    ]
    assert b64decode("".join(GOOD.splitlines()[1:-1])).startswith(b"age-encryption.org/v1\n")
