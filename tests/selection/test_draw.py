"""The draw: its known answer, its fairness and its refusals."""

import hmac
import math
import random
import shutil
import subprocess
from collections import Counter

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from projects.selection.draw import (
    ALGORITHM,
    DrawInput,
    DrawInvalid,
    Entrant,
    draw,
    entrants_of,
)

CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
RANDOMNESS = bytes.fromhex("fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd")
A, B, C = "91000000MA0DEM00AB", "91000000MA0DEM00BE", "91000000MA0DEM00CH"
KNOWN = DrawInput(CHAIN, (Entrant(C), Entrant(A), Entrant(B, 2)), "DEMO-0001", "award", 1000)

codes = st.text(st.sampled_from("ABCXYZabc0123456789-._%+:,[]{}!~"), min_size=1, max_size=20)
entrants = st.dictionaries(codes, st.integers(1, 4), min_size=1, max_size=8).map(
    lambda weights: tuple(Entrant(code, tickets) for code, tickets in weights.items())
)
randomness = st.binary(min_size=32, max_size=32)


def test_known_answer_input() -> None:
    assert KNOWN.canonical().decode() == (
        '{"algorithm":"hmac-draw/1","chain":"52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",'
        '"entrants":[{"code":"91000000MA0DEM00AB","tickets":1},{"code":"91000000MA0DEM00BE","tickets":2},'
        '{"code":"91000000MA0DEM00CH","tickets":1}],"project":"DEMO-0001","purpose":"award","round":1000,"winners":1}'
    )


def test_known_answer_outcome() -> None:
    outcome = draw(KNOWN, RANDOMNESS)
    assert outcome.seed.hex() == "7ce50a65f238fe5bd791086575b3baafab7024839c032247a402a565af1bc52c"
    assert [(ticket.code, ticket.number, ticket.value.hex()) for ticket in outcome.tickets()] == [
        (A, 1, "ca3ab2c45159687640b1a34aa10cd9ced4a2c780aa73aae9914f8f5150154714"),
        (B, 1, "86fa5c9fd77047077493a0e16aa037f15c73bea2770f44fcb5a21c65c87e25d1"),
        (B, 2, "c9e124fa9d2f8ea78fbfe3a15d73bdf1bf801f85b8a5ba1a021c4e0aa304b7ed"),
        (C, 1, "e2907dbe7f0b46a385a4b24cff5369af639961924aca0f638e1f494afaa24d59"),
    ]
    assert outcome.order == [B, A, C]
    assert outcome.winners == [B]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_known_answer_with_openssl() -> None:
    seed = _openssl(RANDOMNESS.hex(), KNOWN.canonical())
    assert seed == draw(KNOWN, RANDOMNESS).seed.hex()
    assert _openssl(seed, f"{B}/1".encode()) == "86fa5c9fd77047077493a0e16aa037f15c73bea2770f44fcb5a21c65c87e25d1"


def _openssl(key: str, message: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}"]
    return subprocess.run(command, input=message, capture_output=True, check=True).stdout.decode().split()[-1]


@given(entrants, st.text(min_size=1, max_size=10).filter(str.isprintable), st.integers(1, 2**53 - 1))
def test_canonical_is_what_the_general_serialiser_writes(pool: tuple[Entrant, ...], project: str, number: int) -> None:
    given_input = DrawInput(CHAIN, pool, project, "award", number)
    assert given_input.canonical() == rfc8785.dumps(given_input.members())  # type: ignore[arg-type]


@given(entrants, randomness)
def test_outcome_follows_the_definition(pool: tuple[Entrant, ...], chance: bytes) -> None:
    """Written out literally, with the library's HMAC for each ticket."""
    given_input = DrawInput(CHAIN, pool, "P", "award", 1, winners=len(pool))
    seed = hmac.digest(chance, given_input.canonical(), "sha256")
    best = {
        code: min(hmac.digest(seed, f"{code}/{k}".encode(), "sha256") for k in range(1, tickets + 1))
        for code, tickets in pool
    }
    expected = sorted(best, key=lambda code: (int.from_bytes(best[code], "big"), code))
    outcome = draw(given_input, chance)
    assert (outcome.seed, outcome.order, outcome.score_of()) == (seed, expected, best)


@given(entrants, randomness, st.randoms())
def test_order_of_arrival_is_irrelevant(pool: tuple[Entrant, ...], chance: bytes, shuffle: random.Random) -> None:
    arrived = list(pool)
    shuffle.shuffle(arrived)
    first, second = (DrawInput(CHAIN, tuple(order), "P", "award", 7) for order in (pool, arrived))
    assert first == second
    assert draw(first, chance) == draw(second, chance)


@given(entrants, randomness)
def test_winners_are_the_first_of_an_order_of_everybody(pool: tuple[Entrant, ...], chance: bytes) -> None:
    outcome = draw(DrawInput(CHAIN, pool, "P", "award", 1, winners=(len(pool) + 1) // 2), chance)
    assert sorted(outcome.order) == sorted(code for code, _ in pool)
    assert outcome.winners == outcome.order[: (len(pool) + 1) // 2]


@pytest.mark.parametrize(
    ("weights", "rounds"),
    [((1, 1, 1, 1, 1), 100_000), ((1, 2, 3, 4), 6_000), ((7, 1), 6_000), ((1,) * 20, 6_000)],
)
def test_every_ticket_has_the_same_chance(weights: tuple[int, ...], rounds: int) -> None:
    """Chi-square; the bound is crossed by a fair draw once in a million."""
    pool = tuple(Entrant(f"E{place:02}", weight) for place, weight in enumerate(weights))
    won = Counter(
        draw(DrawInput(CHAIN, pool, "P", "award", number), _public_randomness(number)).winners[0]
        for number in range(1, rounds + 1)
    )
    expected = {code: rounds * tickets / sum(weights) for code, tickets in pool}
    statistic = sum((won[code] - share) ** 2 / share for code, share in expected.items())
    assert statistic < _chi_square_bound(len(pool) - 1)


def test_places_are_fair_too() -> None:
    """Not only who wins: every one of the 24 orders of four comes up equally often."""
    rounds = 6_000
    orders = Counter(
        tuple(draw(DrawInput(CHAIN, entrants_of("ABCD"), "P", "tie", number), _public_randomness(number)).order)
        for number in range(1, rounds + 1)
    )
    assert len(orders) == 24
    assert sum((count - rounds / 24) ** 2 / (rounds / 24) for count in orders.values()) < _chi_square_bound(23)


def _public_randomness(number: int) -> bytes:
    return hmac.digest(b"test beacon", number.to_bytes(8, "big"), "sha256")


def _chi_square_bound(freedom: int) -> float:
    """Upper 10^-6 quantile by Wilson and Hilferty's approximation."""
    return freedom * (1 - 2 / (9 * freedom) + 4.7534 * math.sqrt(2 / (9 * freedom))) ** 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"entrants": ()}, "at least one entrant"),
        ({"entrants": entrants_of("AA")}, "A is entered more than once"),
        ({"entrants": (Entrant("A", 0),)}, "at least one whole ticket"),
        ({"entrants": (Entrant("A", True),)}, "at least one whole ticket"),
        ({"entrants": (Entrant("A", 1.5),)}, "at least one whole ticket"),  # type: ignore[arg-type]
        ({"entrants": (Entrant("A", 10**6), Entrant("B"))}, "at most 1000000 tickets"),
        ({"entrants": entrants_of([""])}, "visible ASCII"),
        ({"entrants": entrants_of(["A B"])}, "visible ASCII"),
        ({"entrants": entrants_of(["甲"])}, "visible ASCII"),
        ({"entrants": entrants_of(['"'])}, "visible ASCII"),
        ({"entrants": entrants_of(["\\"])}, "visible ASCII"),
        ({"entrants": entrants_of(["A/1"])}, "visible ASCII"),
        ({"entrants": entrants_of(["A\nB"])}, "visible ASCII"),
        ({"entrants": entrants_of(["A\n"])}, "visible ASCII"),
        ({"entrants": entrants_of(["A" * 65])}, "visible ASCII"),
        ({"winners": 0}, "cannot choose 0"),
        ({"winners": 3}, "cannot choose 3 winners among 2"),
        ({"round": 0}, "round"),
        ({"round": 2**53}, "round"),
        ({"chain": CHAIN.upper()}, "chain hash"),
        ({"project": ""}, "project number"),
        ({"project": "P\n"}, "project number"),
        ({"purpose": "Award"}, "purpose"),
    ],
)
def test_contradictory_inputs_are_refused(change: dict[str, object], says: str) -> None:
    inputs: dict[str, object] = {
        "chain": CHAIN,
        "entrants": entrants_of("AB"),
        "project": "P",
        "purpose": "award",
        "round": 1,
        "winners": 1,
    }
    with pytest.raises(DrawInvalid, match=says):
        DrawInput(**{**inputs, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_randomness_has_32_bytes(length: int) -> None:
    with pytest.raises(DrawInvalid, match="32 bytes"):
        draw(KNOWN, bytes(length))


def test_choosing_a_value_draws_among_the_values() -> None:
    rates = DrawInput(CHAIN, entrants_of(["95%", "96%", "97%", "98%"]), "P", "base-price", 5)
    assert draw(rates, RANDOMNESS).winners[0] in {"95%", "96%", "97%", "98%"}
    assert rates.members()["algorithm"] == ALGORITHM


def test_a_hundred_thousand_entrants() -> None:
    pool = entrants_of(f"91{place:016d}" for place in range(100_000))
    outcome = draw(DrawInput(CHAIN, pool, "P", "award", 9), RANDOMNESS)
    best = min(pool, key=lambda entrant: hmac.digest(outcome.seed, f"{entrant.code}/1".encode(), "sha256"))
    assert outcome.winners == [best.code]
    assert len(outcome.order) == 100_000
