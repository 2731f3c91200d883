"""Opening sealed bids against one bare pairing each: the least that any opening could cost. Processor time."""

from __future__ import annotations

from time import process_time

from py_arkworks_bls12381 import GT, G1Point, G2Point

from market.beacon import age, bls, ibe
from market.beacon.rules import Chain, Round
from market.beacon.timelock import Opening, seal
from market.cli.bench.harness import Contest, Measurement, compare
from market.cli.bench.progress import Progress
from projects.selection.bids.text import Belonging, read, write
from projects.selection.methods.terms import Quote

BIDS = 500
AIM = 0.5  # at most two pairings a bid
SECRET = 20_261_121
CHAIN = Chain(bls.public_key_of(SECRET), 3, 1_700_000_000, bytes(32), "bench")
ROUND = Round(1_000_000, bls.sign_round(SECRET, 1_000_000))


def belonging(number: int) -> Belonging:
    return Belonging(
        "MX-2026-000001", f"91370200MA{number:08d}", ROUND.number, CHAIN.hash, f"{number:032x}", Quote.PRICE
    )


def sealed_bids(count: int) -> list[tuple[Belonging, str]]:
    """Bids of all sorts of prices, each with where it belongs, as the market keeps them until the round."""
    owners = [belonging(number) for number in range(count)]
    return [
        (owner, seal(CHAIN, ROUND.number, write(owner, 80_000_00 + 1_000 * number)))
        for number, owner in enumerate(owners)
    ]


def open_all(bids: list[tuple[Belonging, str]]) -> float:
    """All of it: verify the signature, check, open and read every bid. Bids a second."""
    started = process_time()
    opening = Opening(CHAIN, ROUND)
    for owner, sealed in bids:
        read(opening.open(sealed), owner)
    return len(bids) / (process_time() - started)


def points_of(bids: list[tuple[Belonging, str]]) -> list[G2Point]:
    return [bls.key_point(ibe.parts(age.decode(age.unarmor(sealed)).body)[0]) for _, sealed in bids]


def bare_pairings(signature: G1Point, points: list[G2Point]) -> float:
    """One pairing a bid, its points parsed beforehand. Pairings a second."""
    started = process_time()
    for point in points:
        GT.pairing(signature, point)
    return len(points) / (process_time() - started)


async def measure(runs: int, progress: Progress) -> Measurement:
    bids = sealed_bids(BIDS)
    points, signature = points_of(bids), bls.signature_point(ROUND.signature)

    async def product() -> float:
        return open_all(bids)

    async def floor() -> float:
        return bare_pairings(signature, points)

    with progress.counting("opening", runs + 1) as step:
        parts = await compare([Contest("opening", product, floor)], runs=runs, step=step)
    return Measurement("opening", "bids/s", AIM, runs, parts)
