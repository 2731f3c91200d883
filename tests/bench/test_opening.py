"""The bench of openings does the whole work on real bids."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from market.beacon import bls
from market.beacon.timelock import Opening, check
from market.cli.bench import bench, opening
from market.cli.bench.opening import CHAIN, ROUND, bare_pairings, open_all, points_of, sealed_bids
from projects.selection.bids.text import read


def test_its_bids_are_bids() -> None:
    bids = sealed_bids(5)
    amounts = []
    for owner, sealed in bids:
        check(sealed, CHAIN, ROUND.number)
        amounts.append(read(Opening(CHAIN, ROUND).open(sealed), owner))
    assert amounts == [80_000_00, 80_010_00, 80_020_00, 80_030_00, 80_040_00]
    assert open_all(bids) > 0
    assert bare_pairings(bls.signature_point(ROUND.signature), points_of(bids)) > 0


def test_it_is_one_of_the_benches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BIDS", 10)
    told = json.loads(CliRunner().invoke(bench, ["opening", "--json", "--runs", "1"]).stdout)
    assert (told["name"], told["unit"], told["aim"]) == ("opening", "bids/s", 0.5)
