"""Sealing to a round: known answers byte for byte, and no byte of a sealed file can be another."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import GT, G1Point, G2Point

from market.beacon import age, bls, ibe
from market.beacon.rules import QUICKNET, BeaconInvalid, Round
from market.beacon.timelock import (
    MOST_CHARACTERS,
    Chance,
    Flaw,
    Malformed,
    Opening,
    SealInvalid,
    Unopenable,
    check,
    seal,
)

from .test_beacon_rules import CHAIN, SECRET, SIGNATURE_1000

CHANCE = Chance(bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48)))
PLAINTEXT = b'{"agency":"AG-042","amount":"1250.00","project":"PRJ-7","round":1000}'
BODY = bytes.fromhex(
    "a37c6a60888801883ee2224fb8e386a3f2c4a3252720da23266d1592f581ae8758e46809c5e61c49cdbf3cf2c9025ff9"
    "1552627ab8d4c47d6175ded5c8b1849bcee435e25e981fbfb0aa56d1fc7c81f69eed0270332a1447cccf23fe85c14308"
    "412a366fe65ab7d15856cd03c07837e44f66cd86b26b87a2c71964da8ab23462"
)
FILE = bytes.fromhex(
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e20746c6f636b20313030302035643035636663353930646465"
    "623866323331323636323038393866323235376565346133376566336238393931643135373138396537643633303139363"
    "5310a6f337871594969494159672b34694a50754f4f476f2f4c456f79556e494e6f6a4a6d30566b765742726f64593547"
    "674a786559635363322f50504c4a416c2f350a46564a6965726a557848316864643756794c47456d38376b4e654a656d42"
    "2b2f734b7057306678386766616537514a774d796f5552387a50492f364677554d490a51536f32622b5a61743946595673"
    "3044774867333545396d7a5961796134656978786c6b326f71794e47490a2d2d2d203962444937467973494976376c5232"
    "6d49554c4f6c62333453376b7350634c6e366e72726d5531334d63410a202122232425262728292a2b2c2d2e2f29a1a243"
    "4e0506cc6d3f270d14e3dc849378811c6397f06a164033dea01d83404ba2e0bff29c6e5ca70e93eedc523e87e56f8ce3c0"
    "e5c2e8e537073fd75fc538f379ebd94bb43574671f3b7505f22dd94e97c2133a"
)
SEALED = age.armor(FILE)
OPENING = Opening(CHAIN, Round(1000, SIGNATURE_1000))


def signed(number: int) -> Round:
    return Round(number, bls.sign_round(SECRET, number))


def flaw_of(text: str) -> Flaw:
    with pytest.raises(SealInvalid) as caught:
        OPENING.open(text)
    return caught.value.flaw


def test_known_answer_of_the_sealed_key() -> None:
    scalar = ibe.h3(CHANCE.sigma, CHANCE.file_key)
    assert bytes(scalar.to_be_bytes()).hex() == "666430e33f9d5bbf4d4c4aa5ce9d4d0a69b06373eba6e4f0ffa3e6f4c1a9ccce"
    shared = GT.pairing(bls.round_point(1000) * scalar, bls.key_point(CHAIN.public_key))
    assert ibe.h2(shared).hex() == "513b247cf24fa1c6404fd718dc6529fb"
    assert ibe.h4(CHANCE.sigma).hex() == "4f67cf85b66e81a5cf106ed186bf3a6d"
    assert ibe.seal_key(CHAIN.public_key, 1000, CHANCE.file_key, CHANCE.sigma) == BODY
    assert ibe.open_key(bls.signature_point(SIGNATURE_1000), BODY) == CHANCE.file_key


def test_known_digest_of_a_pairing() -> None:
    import hashlib

    scalar = ibe.h3(CHANCE.sigma, CHANCE.file_key)
    shared = GT.pairing(bls.round_point(1000) * scalar, bls.key_point(CHAIN.public_key))
    digest = hashlib.sha256(ibe.target_bytes(shared)).hexdigest()
    assert digest == "80f61797e7bc265c1418f916a000690be3a8d6fa1f1d97e7a59b9d7f495f5096"
    assert len(ibe.target_bytes(shared)) == 576


def test_known_answer_of_the_file() -> None:
    assert b64decode("".join(seal(CHAIN, 1000, PLAINTEXT, chance=CHANCE).splitlines()[1:-1])) == FILE
    assert seal(CHAIN, 1000, PLAINTEXT, chance=CHANCE) == SEALED
    check(SEALED, CHAIN, 1000)
    assert OPENING.open(SEALED) == PLAINTEXT


@given(st.binary(min_size=1, max_size=4096), st.integers(1, 2**53 - 1))
@settings(max_examples=60, deadline=None)
def test_whatever_is_sealed_opens(plaintext: bytes, number: int) -> None:
    text = seal(CHAIN, number, plaintext)
    check(text, CHAIN, number)
    assert Opening(CHAIN, signed(number)).open(text) == plaintext
    # 351 bytes of a file with a 64-digit chain hash do not depend on text or round.
    assert len(age.unarmor(text)) == len(plaintext) + 351 + len(str(number))


def test_size_of_a_padded_entry() -> None:
    assert len(seal(CHAIN, 1000, b" " * 2048)) < 3_400


def test_two_sealings_of_one_text_have_nothing_in_common() -> None:
    first, second = (age.decode(age.unarmor(seal(CHAIN, 1000, PLAINTEXT))) for _ in range(2))
    assert first.body != second.body
    assert first.payload != second.payload
    assert first.mac != second.mac


@given(st.integers(0, len(SEALED) - 1), st.integers(0, 127))
@settings(max_examples=400, deadline=None)
def test_every_other_character_of_the_armor_is_refused(place: int, code: int) -> None:
    altered = SEALED[:place] + chr(code) + SEALED[place + 1 :]
    if altered == SEALED:
        return
    with pytest.raises(SealInvalid):
        OPENING.open(altered)


@given(st.integers(0, len(FILE) * 8 - 1))
@settings(max_examples=400, deadline=None)
def test_every_flipped_bit_of_the_file_is_refused(bit: int) -> None:
    altered = bytearray(FILE)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealInvalid):
        OPENING.open(age.armor(bytes(altered)))


@given(st.integers(0, len(FILE)), st.binary(min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_every_insertion_and_every_cut_is_refused(place: int, added: bytes) -> None:
    for altered in (FILE[:place] + added + FILE[place:], FILE[:place] + FILE[place + len(added) :]):
        if altered != FILE:
            with pytest.raises(SealInvalid):
                OPENING.open(age.armor(altered))


@given(st.text(max_size=200))
def test_no_text_crashes_it(text: str) -> None:
    assert flaw_of(text) is Flaw.NOT_AGE


@given(st.binary(max_size=600))
def test_no_file_crashes_it(data: bytes) -> None:
    assert flaw_of(age.armor(data)) is Flaw.NOT_AGE


@pytest.mark.parametrize(
    "text",
    [
        SEALED.replace("\n", "\r\n"),
        SEALED + "\n",
        " " + SEALED,
        SEALED[:-1],
        SEALED.replace("\n", "\n\n", 1),
        SEALED.replace("=\n", "\n"),
        SEALED.replace("AGE", "age"),
        "",
        FILE.decode("latin-1"),
        SEALED + SEALED,
    ],
)
def test_only_one_spelling_of_the_armor(text: str) -> None:
    assert flaw_of(text) is Flaw.NOT_AGE


HEADER, PAYLOAD = FILE[:-101], FILE[-101:]


@pytest.mark.parametrize(
    "data",
    [
        FILE.replace(b" 1000 ", b" 01000 "),
        FILE.replace(b" 1000 ", b" +1000 "),
        FILE.replace(b" 1000 ", b"  1000 "),
        FILE.replace(CHAIN.hash.encode(), CHAIN.hash.upper().encode()),
        FILE.replace(b"-> tlock", b"-> X25519"),
        FILE.replace(b"/v1\n", b"/v2\n"),
        FILE.replace(b"\n", b"\r\n"),
        FILE.replace(b"\n--- ", b"\n-> grease\nAAAA\n--- "),
        FILE.replace(b"\n--- ", b"==\n--- "),
        FILE.replace(b"4eixxlk2oqyNGI\n", b"4eixxlk2oqyNGJ\n"),  # the same bytes, another last letter
        FILE.replace(b"U13McA\n", b"U13McB\n"),
    ],
)
def test_only_one_spelling_of_the_header(data: bytes) -> None:
    assert data != FILE
    assert flaw_of(age.armor(data)) is Flaw.NOT_AGE


def test_a_second_stanza_is_refused() -> None:
    start, end = FILE.index(b"-> tlock"), FILE.index(b"\n---")
    assert flaw_of(age.armor(FILE[: end + 1] + FILE[start : end + 1] + FILE[end + 1 :])) is Flaw.NOT_AGE


def test_an_empty_payload_is_refused_and_never_made() -> None:
    file = age.decode(FILE)
    for length in (0, 15, 16, 31, 32):
        cut = age.SealedFile(file.number, file.chain_hash, file.body, file.mac, file.payload[:length])
        assert flaw_of(age.armor(cut.encode())) is Flaw.NOT_AGE
    with pytest.raises(Malformed):
        seal(CHAIN, 1000, b"")


@pytest.mark.parametrize("size", [6_000, 65_535, 65_536, 1_000_000])
def test_too_long_is_neither_made_nor_read(size: int) -> None:
    with pytest.raises(Malformed) as caught:
        seal(CHAIN, 1000, bytes(size))
    assert caught.value.flaw is Flaw.TOO_LONG
    assert flaw_of(SEALED + "A" * MOST_CHARACTERS) is Flaw.TOO_LONG


def with_body(body: bytes) -> str:
    file = age.decode(FILE)
    return age.armor(age.SealedFile(file.number, file.chain_hash, body, file.mac, file.payload).encode())


P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB


def second_spelling_of_u() -> bytes:
    """U with x + p for the low half of its coordinate: the same point to a reader that reduces."""
    low = int.from_bytes(BODY[48:96], "big") + P
    return BODY[:48] + low.to_bytes(48, "big") + BODY[96:]


@pytest.mark.parametrize(
    "u",
    [
        bytes(96),
        b"\xff" * 96,
        b"\xc0" + bytes(95),  # infinity
        bytes([BODY[0] & 0x7F]) + BODY[1:96],  # not marked as compressed
        BODY[:95] + bytes([BODY[95] ^ 1]),
        second_spelling_of_u()[:96],
    ],
)
def test_u_is_a_point_in_its_only_encoding(u: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        check(with_body(u + BODY[96:]), CHAIN, 1000)
    assert caught.value.flaw is Flaw.POINT


def point_outside_the_group() -> bytes:
    """A point of the curve that is not of the group: most points of the curve are not."""
    for x in range(1, 200):
        data = b"\x80" + bytes(94) + bytes([x])
        try:
            point = G2Point.from_compressed_bytes_unchecked(data)
        except ValueError:
            continue
        if not point.is_in_subgroup():
            return data
    raise AssertionError("unreachable: half of all x belong to points of the curve")


def test_u_is_a_point_of_the_group() -> None:
    with pytest.raises(Malformed) as caught:
        check(with_body(point_outside_the_group() + BODY[96:]), CHAIN, 1000)
    assert caught.value.flaw is Flaw.POINT


@pytest.mark.parametrize("length", [0, 127, 129, 144, 192])
def test_the_sealed_key_has_one_length(length: int) -> None:
    assert flaw_of(with_body((BODY + BODY)[:length])) is Flaw.SEALED_KEY


def test_another_point_of_the_group_passes_on_arrival_and_fails_at_opening() -> None:
    text = with_body(bytes(G2Point().to_compressed_bytes()) + BODY[96:])
    check(text, CHAIN, 1000)
    assert flaw_of(text) is Flaw.NOT_FOR_ROUND


def test_a_false_label_passes_on_arrival_and_fails_at_opening() -> None:
    """The round in the header is a label: sealed to round 1001, labelled 1000."""
    body = ibe.seal_key(CHAIN.public_key, 1001, CHANCE.file_key, CHANCE.sigma)
    file = age.encrypt(CHANCE.file_key, CHANCE.nonce, 1000, CHAIN.hash, body, PLAINTEXT)
    text = age.armor(file.encode())
    check(text, CHAIN, 1000)
    with pytest.raises(Unopenable) as caught:
        OPENING.open(text)
    assert caught.value.flaw is Flaw.NOT_FOR_ROUND


def test_header_and_payload_of_two_files_do_not_mix() -> None:
    other = age.decode(age.unarmor(seal(CHAIN, 1000, PLAINTEXT)))
    mine = age.decode(FILE)
    for mixed in (
        age.SealedFile(1000, CHAIN.hash, mine.body, mine.mac, other.payload),
        age.SealedFile(1000, CHAIN.hash, mine.body, other.mac, mine.payload),
    ):
        assert flaw_of(age.armor(mixed.encode())) is Flaw.ALTERED


def test_other_chain_and_other_round_are_refused_on_arrival() -> None:
    with pytest.raises(Malformed) as chain:
        check(seal(QUICKNET, 1000, PLAINTEXT), CHAIN, 1000)
    with pytest.raises(Malformed) as number:
        check(seal(CHAIN, 1001, PLAINTEXT), CHAIN, 1000)
    assert (chain.value.flaw, number.value.flaw) == (Flaw.OTHER_CHAIN, Flaw.OTHER_ROUND)


def test_a_wrong_signature_is_the_beacons_fault_and_never_the_files() -> None:
    for wrong in (bls.sign_round(SECRET, 1001), bls.sign_round(SECRET + 1, 1000), bytes(48), b"\xc0" + bytes(47)):
        with pytest.raises(BeaconInvalid):
            Opening(CHAIN, Round(1000, wrong))


def test_the_next_rounds_signature_opens_nothing() -> None:
    with pytest.raises(ibe.ProofFailed):
        ibe.open_key(bls.signature_point(bls.sign_round(SECRET, 999)), BODY)
    with pytest.raises(ibe.ProofFailed):
        ibe.open_key(G1Point(), BODY)


@pytest.mark.parametrize("number", [0, -1, 2**53])
def test_there_is_no_such_round_to_seal_to(number: int) -> None:
    with pytest.raises(BeaconInvalid):
        seal(CHAIN, number, PLAINTEXT)


@pytest.mark.parametrize(("key", "sigma"), [(b"", CHANCE.sigma), (CHANCE.file_key, bytes(15)), (bytes(17), bytes(17))])
def test_a_key_has_sixteen_bytes(key: bytes, sigma: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        ibe.seal_key(CHAIN.public_key, 1000, key, sigma)
