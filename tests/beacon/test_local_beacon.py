"""The local beacon keeps its secret, its identity and its hours."""

import asyncio
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from market.beacon import bls, rules
from market.beacon.local import GENESIS, KeyFileUnsafe, LocalBeacon
from market.beacon.source import beacon_in_force, open_beacon, put_in_force
from market.kernel.clock import FixedClock
from market.kernel.settings import Settings

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def test_key_is_made_once_and_survives_a_restart(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "var" / "beacon-key.json"
    first = LocalBeacon.from_key_file(path, clock)
    assert LocalBeacon.from_key_file(path, clock).chain == first.chain
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_key_is_private_whatever_the_umask(tmp_path: Path, clock: FixedClock) -> None:
    before = os.umask(0)
    try:
        LocalBeacon.from_key_file(tmp_path / "key.json", clock)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key.json").stat().st_mode) == 0o600


def test_installations_have_different_keys(tmp_path: Path, clock: FixedClock) -> None:
    one, other = (LocalBeacon.from_key_file(tmp_path / name, clock) for name in ("a", "b"))
    assert one.chain.hash != other.chain.hash


def test_processes_that_start_together_agree(tmp_path: Path, clock: FixedClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        beacons = list(pool.map(lambda _: LocalBeacon.from_key_file(tmp_path / "key.json", clock), range(8)))
    assert len({beacon.chain.hash for beacon in beacons}) == 1


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "key.json"
    LocalBeacon.from_key_file(path, clock)
    path.chmod(0o640)
    with pytest.raises(KeyFileUnsafe, match="owner only"):
        LocalBeacon.from_key_file(path, clock)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"secret":"xyz"}', '{"secret":5}', '{"secret":"' + "f" * 64 + '"}'])
def test_a_damaged_key_file_is_not_replaced(tmp_path: Path, clock: FixedClock, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileUnsafe, match="no key"):
        LocalBeacon.from_key_file(path, clock)
    assert path.read_text() == text


def test_a_seed_names_one_beacon(clock: FixedClock) -> None:
    assert LocalBeacon.from_seed("x", clock).chain == LocalBeacon.from_seed("x", clock).chain
    assert LocalBeacon.from_seed("x", clock).chain != LocalBeacon.from_seed("y", clock).chain


def test_secret_does_not_show(clock: FixedClock) -> None:
    beacon = LocalBeacon.from_seed("x", clock)
    assert str(beacon._key.secret) not in repr(beacon._key) + repr(beacon)
    assert beacon.demonstration


def test_rounds_verify(clock: FixedClock) -> None:
    beacon = LocalBeacon.from_seed("x", clock)
    found = asyncio.run(beacon.round(12345))
    assert found is not None
    assert bls.signature_is_valid(beacon.chain.public_key, 12345, found.signature)


def test_future_rounds_are_refused_to_the_instant(clock: FixedClock) -> None:
    beacon = LocalBeacon.from_seed("x", clock)
    number = rules.commit_round(beacon.chain, NOW)
    clock.set(rules.round_time(beacon.chain, number) - timedelta(microseconds=1))
    assert asyncio.run(beacon.round(number)) is None
    clock.advance(microseconds=1)
    assert asyncio.run(beacon.round(number)) is not None


@pytest.mark.parametrize("number", [0, -1, 2**53, 2**64])
def test_there_are_no_other_rounds(clock: FixedClock, number: int) -> None:
    assert asyncio.run(LocalBeacon.from_seed("x", clock).round(number)) is None


def test_nothing_is_public_before_the_first_round() -> None:
    clock = FixedClock(datetime.fromtimestamp(GENESIS, UTC) - timedelta(seconds=1))
    assert asyncio.run(LocalBeacon.from_seed("x", clock).round(1)) is None


def test_settings_choose_the_beacon(tmp_path: Path, clock: FixedClock) -> None:
    settings = Settings(data_dir=tmp_path)
    local = open_beacon(settings, clock)
    assert local.demonstration
    assert beacon_in_force() is local
    public = open_beacon(replace(settings, beacon="drand"), clock)
    assert public.chain == rules.QUICKNET
    assert not public.demonstration
    assert beacon_in_force() is public


def test_drand_does_not_run_faster(tmp_path: Path, clock: FixedClock) -> None:
    with pytest.raises(ValueError, match="real time"):
        open_beacon(Settings(data_dir=tmp_path, beacon="drand", clock_speed=60), clock)


@pytest.fixture(autouse=True)
def _leave_no_beacon_behind() -> object:
    yield
    put_in_force(None)  # type: ignore[arg-type]
