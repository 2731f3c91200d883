"""The beacon's arithmetic and signatures, against published and known answers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.beacon import bls, rules

SECRET = int("031b0d0f93d8788a72d5c1f8f4702b26fc23a098e028ddbc0ad06a989db1ba9c", 16)
CHAIN = rules.Chain(
    public_key=bytes.fromhex(
        "a475726642ad0bbe28df2b0100e8211ac026882a52f6a1efad8c5b0d31ca33ea"
        "c30c15ba4fd111bf525c9f74f8a29449107e5511a110417be67f129fe2dde7ed"
        "2ba88c51a2dc5ee3427383ef16ec3ff5f543b5d65392c94232ef8dfe1f74892b"
    ),
    period=3,
    genesis=1700000000,
    group_hash=bytes.fromhex("db61e095e9d539882eadd06a1b27231a0e629f6d78e3c3ae85e48dd763043c19"),
    beacon_id="local",
)
SIGNATURE_1000 = bytes.fromhex(
    "a7edd3483c2c5b271bc9ee190a31778a7154a21b8e1ce6273333af46ae26e3210279f162f9f329971a1a7cac5f071930"
)
moments = st.datetimes(datetime(2015, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_quicknet_parameters_give_its_pinned_hash() -> None:
    assert rules.QUICKNET.hash == rules.QUICKNET_HASH


def test_chain_hash_of_the_test_chain() -> None:
    assert CHAIN.hash == "5d05cfc590ddeb8f23126620898f2257ee4a37ef3b8991d157189e7d63019651"


def test_default_beacon_id_is_left_out_of_the_hash() -> None:
    from dataclasses import replace

    assert replace(CHAIN, beacon_id="default").hash == replace(CHAIN, beacon_id="").hash != CHAIN.hash


def test_round_message_and_point_of_round_1000() -> None:
    assert rules.round_message(1000).hex() == "f652498d092acd949bad74e40683bf3824fb817980504a0c7e6722cfc5a9c0a3"
    assert bytes(bls.round_point(1000).to_compressed_bytes()).hex() == (
        "8f5a32d53837b00fbc0ee31ce9966435a41c5188a80ce9934d3c80588b6ad6f643ebda1b83ef89e44da9ced6205cdecf"
    )


def test_key_signature_and_randomness_of_round_1000() -> None:
    assert bls.public_key_of(SECRET) == CHAIN.public_key
    assert bls.sign_round(SECRET, 1000) == SIGNATURE_1000
    assert rules.Round(1000, SIGNATURE_1000).randomness.hex() == (
        "36e87b4d3e31ae948ef0f0d032cfe5a241162dcfdf6a3ef8ffd1a9432c009c48"
    )


def test_signature_holds_for_its_round_and_key_only() -> None:
    assert bls.signature_is_valid(CHAIN.public_key, 1000, SIGNATURE_1000)
    assert not bls.signature_is_valid(CHAIN.public_key, 1001, SIGNATURE_1000)
    assert not bls.signature_is_valid(rules.QUICKNET.public_key, 1000, SIGNATURE_1000)


@given(st.integers(0, 48 * 8 - 1))
def test_no_flipped_bit_of_a_signature_passes(bit: int) -> None:
    altered = bytearray(SIGNATURE_1000)
    altered[bit // 8] ^= 1 << bit % 8
    assert not bls.signature_is_valid(CHAIN.public_key, 1000, bytes(altered))


def test_infinity_is_no_signature_and_no_key() -> None:
    """With the key at infinity the signature at infinity would satisfy the pairing of every round."""
    no_signature, no_key = b"\xc0" + bytes(47), b"\xc0" + bytes(95)
    assert not bls.signature_is_valid(no_key, 1000, no_signature)
    assert not bls.signature_is_valid(CHAIN.public_key, 1000, no_signature)
    with pytest.raises(rules.BeaconInvalid, match="canonical"):
        bls.key_point(no_key)


@pytest.mark.parametrize("length", [0, 47, 49, 96])
def test_wrong_lengths_are_no_signature(length: int) -> None:
    assert not bls.signature_is_valid(CHAIN.public_key, 1000, bytes(length))


@pytest.mark.parametrize("secret", [0, -1, bls.GROUP_ORDER])
def test_secrets_outside_the_group_are_refused(secret: int) -> None:
    with pytest.raises(rules.BeaconInvalid):
        bls.sign_round(secret, 1)


@given(moments)
def test_first_round_is_the_first(moment: datetime) -> None:
    number = rules.first_round_at_or_after(CHAIN, moment)
    assert rules.round_time(CHAIN, number) >= moment
    assert number == 1 or rules.round_time(CHAIN, number - 1) < moment


@given(moments, st.integers(0, 10))
def test_commitment_is_the_first_round_after_the_safety_periods(deadline: datetime, periods: int) -> None:
    number = rules.commit_round(CHAIN, deadline, periods)
    earliest = deadline + timedelta(seconds=3 * periods)
    assert rules.round_time(CHAIN, number) >= earliest
    assert number == 1 or rules.round_time(CHAIN, number - 1) < earliest


@given(moments)
def test_latest_round_is_public_and_the_next_is_not(now: datetime) -> None:
    latest = rules.latest_round(CHAIN, now)
    if latest is None:
        assert now < rules.round_time(CHAIN, 1)
    else:
        assert rules.is_public(CHAIN, latest, now)
        assert not rules.is_public(CHAIN, latest + 1, now)


def test_quicknet_round_1000_appeared_at_its_known_second() -> None:
    assert rules.round_time(rules.QUICKNET, 1000).timestamp() == 1692803367 + 999 * 3


@pytest.mark.parametrize("number", [0, -5, 2**53, 2**53 - 1])
def test_rounds_that_cannot_be(number: int) -> None:
    with pytest.raises(rules.BeaconInvalid):
        rules.round_time(CHAIN, number)


@pytest.mark.parametrize(
    "change",
    [
        {"scheme": "pedersen-bls-chained"},
        {"period": 0},
        {"period": 2**32},
        {"genesis": -1},
        {"public_key": b""},
        {"group_hash": bytes(31)},
        {"beacon_id": "本地"},
    ],
)
def test_impossible_chains_are_refused(change: dict[str, object]) -> None:
    parameters: dict[str, object] = {
        "public_key": CHAIN.public_key,
        "period": 3,
        "genesis": 1,
        "group_hash": CHAIN.group_hash,
        "beacon_id": "x",
    }
    with pytest.raises(rules.BeaconInvalid):
        rules.Chain(**{**parameters, **change})  # type: ignore[arg-type]
