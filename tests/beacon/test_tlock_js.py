"""What tlock-js seals opens here, and what is sealed here opens there: two implementations, one format.

Runs the npm package under Node without a network. Missing, it is a loud skip here and a failure in CI.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from market.beacon import bls
from market.beacon.rules import Chain, Round
from market.beacon.timelock import Opening, check, seal

from .test_beacon_rules import CHAIN, SECRET
from .test_timelock import PLAINTEXT, SEALED, with_body

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "frontend" / "package.json"
# Beside Python first: there the front end's build finds the packaged one where the machine's is missing or too old.
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
READY = NODE is not None and (PACKAGE.parent / "node_modules" / "tlock-js").is_dir()
pytestmark = pytest.mark.skipif(
    not READY and not os.environ.get("CI"), reason="NO INTEROPERABILITY TEST: needs Node and `npm ci --prefix frontend`"
)
TEXTS = ["x", PLAINTEXT.decode(), '{"amount":"1250.00","名称":"测绘"}' + " " * 2000]


def tlock(chain: Chain, jobs: list[dict[str, Any]]) -> list[Any]:
    """What tlock-js answers to each job; nothing but the process's own standard input reaches it."""
    assert NODE is not None, "in CI a missing Node is a failure"
    info = {
        "public_key": chain.public_key.hex(),
        "period": chain.period,
        "genesis_time": chain.genesis,
        "hash": chain.hash,
        "groupHash": chain.group_hash.hex(),
        "schemeID": chain.scheme,
        "metadata": {"beaconID": chain.beacon_id},
    }
    command = [NODE, str(Path(__file__).with_name("tlock.mjs")), str(PACKAGE)]
    given = json.dumps({"info": info, "jobs": jobs})
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def beacon(number: int) -> dict[str, Any]:
    published = Round(number, bls.sign_round(SECRET, number))
    return {"round": number, "randomness": published.randomness.hex(), "signature": published.signature.hex()}


def opens(text: str, number: int) -> dict[str, Any]:
    return {"open": text, "beacon": beacon(number)}


def test_what_tlock_js_seals_opens_here() -> None:
    jobs: list[dict[str, Any]] = [{"seal": text, "round": 1000 + place} for place, text in enumerate(TEXTS * 8)]
    for job, sealed in zip(jobs, tlock(CHAIN, jobs), strict=True):
        number = job["round"]
        check(sealed, CHAIN, number)
        opened = Opening(CHAIN, Round(number, bls.sign_round(SECRET, number))).open(sealed)
        assert opened.decode() == job["seal"]


def test_what_is_sealed_here_opens_in_tlock_js() -> None:
    rounds = range(2000, 2000 + len(TEXTS) * 8)
    jobs = [opens(seal(CHAIN, number, text.encode()), number) for number, text in zip(rounds, TEXTS * 8, strict=True)]
    assert tlock(CHAIN, jobs) == TEXTS * 8


def test_tlock_js_opens_the_known_answer() -> None:
    assert tlock(CHAIN, [opens(SEALED, 1000)]) == [PLAINTEXT.decode()]


def test_both_refuse_what_was_altered() -> None:
    altered = SEALED.replace(SEALED[-50:-45], "AAAAA")
    assert altered != SEALED
    noise = with_body(bytes(128))
    found = tlock(CHAIN, [opens(altered, 1000), opens(noise, 1000), opens(SEALED, 999)])
    assert all("refused" in answer for answer in found)
