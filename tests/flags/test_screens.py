"""Every screen: it finds what it is made for, stays silent on honest figures, and never depends on the order of rows."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalogue import files
from market.register.acts import NAMES
from ratings.flags.advice import ADVICE
from ratings.flags.screens import SCREENS, measures
from ratings.flags.screens.interface import Case, Expert, Payer, Practitioner, Reads, Usual
from ratings.flags.screens.shared_identity import shared
from ratings.flags.screens.win_odds import at_least
from tests.flags.cases import CODES, A, B, C, D, E, case, firm, leads, numbers, priced

amounts = st.lists(st.integers(1_000_00, 900_000_00), min_size=1, max_size=8)
COLLUDING = (100_000_00, 110_000_00, 111_000_00, 112_000_00, 113_000_00)
HONEST = (100_000_00, 104_000_00, 109_000_00, 121_000_00, 140_000_00)


@pytest.mark.parametrize(
    ("bids", "expected"),
    [
        ((100, 110, 111, 112, 113), (482, 1300, 1000, 77460, 30769, 100000, -19878, 41284, 5692)),
        ((100, 104, 109, 121, 140), (1406, 4000, 400, 2498, 4000, 3333, 11428, 5977, 3750)),
    ],
)
def test_worked_examples_of_all_measures(bids: tuple[int, ...], expected: tuple[int, ...]) -> None:
    order = (
        measures.variation, measures.spread, measures.difference, measures.relative_distance, measures.normalised_distance,
        measures.alternative_distance, measures.skewness, measures.kurtosis, measures.uniformity,
    )  # fmt: skip
    assert tuple(measure(bids) for measure in order) == expected


@given(amounts, st.integers(2, 9))
def test_measures_do_not_depend_on_the_unit(bids: list[int], factor: int) -> None:
    for measure in (measures.variation, measures.spread, measures.difference, measures.relative_distance,
                    measures.skewness, measures.kurtosis, measures.uniformity):  # fmt: skip
        assert measure(bids) == measure([bid * factor for bid in reversed(bids)])


def test_colluding_and_honest_bids() -> None:
    (lead,) = leads("spread_and_distance", priced(*COLLUDING))
    assert [figure.value for figure in lead.figures[:2]] == ["4.82%", "7.7460"]
    skewness = next(figure for figure in lead.figures if "SKEW" in figure.label)
    assert (skewness.value, skewness.limit) == ("-1.9878", "< -0.5000"), "it lies beyond its limit as it is written"
    assert (lead.evidence, lead.rows[0]) == ((3,), ("机构F000", "¥100,000.00"))
    assert leads("spread_and_distance", priced(*HONEST)) == []


@pytest.mark.parametrize("screen", ["spread_and_distance", "narrow_spread", "near_ceiling", "price_steps"])
def test_live_bids_are_close_by_nature(screen: str) -> None:
    series = priced(*(99_000_00 + 100_00 * place for place in range(5)), ceiling_fen=100_000_00)
    assert screen == "spread_and_distance" or len(leads(screen, series)) == 1
    assert leads(screen, replace(series, method="multi_round")) == []
    assert leads(screen, priced(*COLLUDING, method="multi_round")) == []


@given(amounts)
def test_a_lead_of_close_bids_holds_both_limits(bids: list[int]) -> None:
    found = leads("spread_and_distance", priced(*bids))
    both = (
        len(bids) >= 3
        and (measures.variation(bids) or 10**9) <= 600
        and (measures.relative_distance(bids) or 0) > 10_000
    )
    further = (
        (measures.difference(bids) or 0) > 500,
        (measures.normalised_distance(bids) or 0) > 15_000,
        (measures.alternative_distance(bids) or 0) > 15_000,
        (measures.skewness(bids) or 0) < -5_000,
        (measures.kurtosis(bids) or 0) > 20_000,
        (measures.uniformity(bids) or 0) > 3_000,
    )
    # All alike has no spread to measure by.
    assert bool(found) == (both and len(set(bids)) > 1 and 2 + sum(further) >= 5)


def test_three_honest_bids_with_a_cheap_one_are_no_pattern() -> None:
    """Of three bids one is easily far from two: the measures that need more tell nothing yet."""
    assert leads("spread_and_distance", priced(48_700_00, 52_000_00, 54_900_00)) == []
    (lead,) = leads("spread_and_distance", priced(100_000_00, 110_000_00, 110_500_00))
    assert lead.figures[-1].value == "7 / 7"  # without kurtosis, which takes four


@given(st.integers(1_000_00, 900_000_00), st.integers(1, 90_000_00), st.integers(4, 8))
def test_every_arithmetic_series_is_found(first: int, step: int, count: int) -> None:
    assert len(leads("price_steps", priced(*(first + place * step for place in range(count))))) == 1


@given(st.integers(50_000_00, 900_000_00), st.integers(10_100, 13_000), st.integers(4, 6))
def test_every_geometric_series_rounded_to_the_fen_is_found(first: int, ratio: int, count: int) -> None:
    series = [(2 * first * Fraction(ratio, 10_000) ** place + 1) // 2 for place in range(count)]
    assert len(leads("price_steps", priced(*map(int, series)))) == 1


def test_irregular_or_few_steps_are_no_series() -> None:
    assert leads("price_steps", priced(*HONEST)) == []
    assert leads("price_steps", priced(100, 110, 120)) == []
    assert leads("price_steps", priced(100, 100, 100, 100)) == []


@given(amounts)
def test_narrow_spread_is_highest_within_one_percent_of_lowest(bids: list[int]) -> None:
    expected = len(bids) >= 3 and measures.spread(bids) is not None and (measures.spread(bids) or 0) < 100
    assert bool(leads("narrow_spread", priced(*bids))) == expected


def test_all_bids_just_under_the_ceiling() -> None:
    close = priced(98_000_00, 99_000_00, 99_900_00, ceiling_fen=100_000_00)
    assert len(leads("near_ceiling", close)) == 1
    assert leads("near_ceiling", priced(97_999_99, 99_000_00, 99_900_00, ceiling_fen=100_000_00)) == []
    assert leads("near_ceiling", replace(close, ceiling_fen=None)) == []


@pytest.mark.parametrize(
    ("bids", "ceiling", "triggers"),
    [
        ((49_00, 100_00, 101_00), 200_00, 2),  # under half the second lowest, and under 45 % of the ceiling
        ((44_00, 60_00, 61_00), 100_00, 1),  # 45 % of the ceiling
        ((50_00, 100_00, 150_00), 111_00, 0),  # exactly half is not below half, nor is 45.04 % below 45 %
        ((30_00, 100_00, 110_00), 60_00, 2),  # half the mean, half the second lowest
    ],
)
def test_the_three_triggers_of_an_abnormally_low_price(bids: tuple[int, ...], ceiling: int, triggers: int) -> None:
    found = leads("low_price", priced(*bids, ceiling_fen=ceiling))
    assert sum(len(lead.figures) for lead in found if lead.parties == ("F000",)) == triggers


@given(amounts, st.integers(1_000_00, 900_000_00))
def test_low_prices_follow_the_shares_exactly(bids: list[int], ceiling: int) -> None:
    ordered = sorted(bids)
    low = [
        bid for place, bid in enumerate(ordered)
        if bid * 100 < 45 * ceiling or (len(bids) > 1 and bid * 2 * len(bids) < sum(bids))
        or (len(bids) > 1 and bid == ordered[0] and bid * 2 < ordered[1])
    ]  # fmt: skip
    assert len(leads("low_price", priced(*bids, ceiling_fen=ceiling))) == len(low)


def test_shared_particulars() -> None:
    pool = (
        firm(A, phone="0532 8000-0001"), firm(B, phone="(0532)80000001"), firm(C, parent_code=A),
        firm(D, authorised=frozenset({"13800000001"})), firm(E, authorised=frozenset({"138 0000 0001"})),
    )  # fmt: skip
    assert shared(pool) == {"phone": (A, B), "authorised": (D, E), "parent": (A, C)}
    (lead,) = leads("shared_identity", case(pool=pool, winner=A))
    assert set(lead.parties) == set(CODES)
    assert leads("shared_identity", case(pool=tuple(map(firm, CODES)), winner=A)) == []


@given(st.permutations(CODES), st.sets(st.sampled_from(CODES), min_size=2))
def test_whoever_shares_is_named_whatever_the_order(order: list[str], sharing: set[str]) -> None:
    pool = tuple(firm(code, address="同一地址" if code in sharing else code) for code in order)
    assert shared(pool) == {"address": tuple(sorted(sharing))}


def contests(count: int, winner: str, *rivals: str, first: int = 0) -> list[Case]:
    return [case(f"P{first + place}", {winner: 100, **dict.fromkeys(rivals, 150)}) for place in range(count)]


def test_pairs_with_one_sided_and_with_rotating_wins() -> None:
    (lead,) = leads("pairs", *contests(5, A, B))
    assert (lead.parties, lead.rows[0][1], lead.rows[1][1]) == ((A, B), "5", "0")
    (turning,) = leads("pairs", *contests(3, A, B), *contests(3, B, A, first=9))
    assert "in turn" in turning.text.text
    assert leads("pairs", *contests(4, A, B)) == []  # too seldom
    assert leads("pairs", *contests(5, A, B), *contests(3, B, C, first=9)) == []  # without each other too
    assert leads("pairs", *contests(5, C, A, B), *contests(5, D, E, first=9)) == leads(
        "pairs", *contests(5, C, A, B), *contests(5, D, E, first=9)
    )


def test_always_losing_to_the_same() -> None:
    (lead,) = leads("always_loser", *contests(6, A, B))
    assert lead.parties == (B, A)
    assert leads("always_loser", *contests(6, A, B), *contests(1, B, A, first=9)) == []
    assert (
        leads(
            "always_loser",
            *[one for code, first in ((A, 0), (C, 3), (D, 6)) for one in contests(3, code, B, first=first)],
        )
        == []
    )


@given(st.lists(st.fractions(0, 1, max_denominator=7), max_size=6), st.integers(0, 7))
def test_odds_are_the_sum_over_all_outcomes(chances: list[Fraction], wins: int) -> None:
    total = Fraction(0)
    for outcome in product((0, 1), repeat=len(chances)):
        if sum(outcome) >= wins:
            likely = Fraction(1)
            for won, chance in zip(outcome, chances, strict=True):
                likely *= chance if won else 1 - chance
            total += likely
    assert at_least(chances, wins) == total


def draws(count: int, winner: str, pool: tuple[str, ...] = CODES) -> list[Case]:
    return [case(f"D{place}", pool=tuple(map(firm, pool)), winner=winner) for place in range(count)]


def test_wins_against_the_odds() -> None:
    (lead,) = leads("win_odds", *draws(5, A))  # 1 in 3,125
    assert lead.figures[1].value == "320"
    assert leads("win_odds", *draws(4, A)) == []  # 1 in 625
    assert leads("win_odds", *draws(9, A, (A,))) == []  # nobody else there


def test_same_winner_of_the_same_owner_counts_only_without_lots() -> None:
    picked = [replace(one, method="direct") for one in draws(4, A)]
    assert [lead.parties for lead in leads("repeat_winner", *picked)] == [("OWNER", A)]
    assert leads("repeat_winner", *draws(4, A)) == []
    assert [lead.parties for lead in leads("direct_share", *picked)] == [("OWNER",)]
    assert leads("direct_share", *picked[:3]) == []


def test_splitting_under_a_limit() -> None:
    near = [case(f"S{place}", amount_fen=9_000_000) for place in range(2)]
    (lead,) = leads("splitting", *near)
    assert lead.figures[-1].value == "¥180,000.00"
    assert leads("splitting", near[0]) == []
    assert leads("splitting", near[0], replace(near[1], items=frozenset({"C002"}))) == []
    assert leads("splitting", near[0], case(amount_fen=2_000_000)) == []


def test_notices() -> None:
    assert len(leads("tailored", case(matching=2))) == 1
    assert leads("tailored", case(matching=3), case(matching=None), case(matching=1, method="direct")) == []
    assert len(leads("quiet_notice", case(window_days=3, published_on_working_day=False))) == 1
    assert len(leads("quiet_notice", case(window_days=3, published_hour=18))) == 1
    assert leads("quiet_notice", case(window_days=3), case(window_days=4, published_hour=23)) == []


def test_a_short_time_to_sign_up_against_what_is_usual() -> None:
    short = case(window_days=3, usual=Usual(5, 10))
    (lead,) = leads("short_window", short)
    assert [figure.value for figure in lead.figures] == ["3", "5", "10", "3"]
    assert lead.figures[0].limit == "≤ 3"
    few, many = (leads("short_window", replace(short, came=came))[0].score for came in (2, 3))
    assert many < lead.score < few
    for silent in (
        {"window_days": 4}, {"usual": None}, {"usual": Usual(5, 9)}, {"usual": Usual(4, 10)}, {"method": "direct"},
        {"usual": Usual(0, 10), "window_days": 0},
    ):  # fmt: skip
        assert leads("short_window", replace(short, **silent)) == [], silent
    assert (
        leads("short_window", replace(short, method="merit", window_days=5, usual=Usual(9, 10)))[0].figures[3].value
        == "5"
    )


def test_withdrawals_contracts_and_experts() -> None:
    given_up = [case(f"W{place}", abandoned=(B,), pool=(firm(A), firm(B)), winner=A) for place in range(2)]
    assert [lead.parties for lead in leads("withdrawals", *given_up)] == [(B,)]
    assert leads("withdrawals", given_up[0]) == []
    assert len(leads("contract_price", case(price_fen=100, contract_fen=101, winner=A))) == 1
    assert leads("contract_price", case(price_fen=100, contract_fen=100, winner=A), case(price_fen=100)) == []
    kept = case(price_fen=10_000, contract_fen=10_000, changed_fen=10_499, winner=A)
    assert leads("contract_price", kept, replace(kept, changed_fen=9_000)) == []
    (grown,) = leads("contract_price", replace(kept, changed_fen=10_500))
    assert ([figure.value for figure in grown.figures], grown.score) == (["¥100.00", "5.00%"], 3_500)
    found = leads("expert_marks", experts=(Expert("EX-000001", "P1", 20, 6, 5), Expert("EX-000002", "P2", 20, 5, 4)))
    assert [lead.key for lead in found] == ["EX-000001:far:2026", "EX-000001:draws:2026"]


def test_equal_prices_that_are_no_round_figures() -> None:
    (lead,) = leads("equal_prices", priced(98_123_45, 98_123_45, 101_000_00))
    assert (lead.parties, lead.figures[0].value) == (("F000", "F001"), "2")
    assert leads("equal_prices", priced(98_000_00, 98_000_00, 101_000_00)) == []
    assert leads("equal_prices", priced(98_123_45, 98_123_45, method="multi_round")) == []
    assert leads("equal_prices", priced(98_123_45, 98_123_45, ceiling_fen=98_123_45)) == []


def test_entries_from_one_device_or_address() -> None:
    pool = (
        firm(A, devices=frozenset({"device-1"})),
        firm(B, devices=frozenset({"device-1", "device-2"}), networks=frozenset({"n"})),
        firm(C),
    )
    (lead,) = leads("same_origin", case(pool=pool, winner=A))
    assert (lead.parties, lead.score) == ((A, B), 7_000)
    assert "device-" not in str(lead)  # a mark is never shown
    assert leads("same_origin", case(pool=(pool[0], firm(D, devices=frozenset({"d9"}))), winner=A)) == []


def test_a_group_that_fills_pools_and_never_bids() -> None:
    together = draws(5, D, (A, B, C, D))
    (lead,) = leads("phantom_pool", *together)
    assert lead.parties == (A, B, C, D)
    bidding = case("X", {D: 100, E: 120})
    (without,) = leads("phantom_pool", *together, bidding)  # who bids is no phantom
    assert without.parties == (A, B, C)
    assert leads("phantom_pool", *together[:4]) == []
    apart = [replace(one, number=f"Y{place}") for place, one in enumerate(draws(2, A, (A, E)))]
    assert [lead.parties for lead in leads("phantom_pool", *together, *apart)] == [(B, C, D)]


def test_signing_up_and_never_bidding() -> None:
    empty = [case(f"E{place}", {A: 100}, pool=(firm(A), firm(B)), method="multi_round") for place in range(4)]
    assert [lead.parties for lead in leads("empty_entries", *empty)] == [(B,)]
    assert leads("empty_entries", *empty[:3]) == []
    assert leads("empty_entries", *empty, case("Z", {B: 100, A: 90})) == []


def test_paying_late_again_and_again() -> None:
    late = Payer("OWNER", "某局", 6, (("M-1", 40), ("M-2", 12), ("M-3", 3)), 1, ("P1",), (7,))
    (lead,) = leads("late_payment", payers=(late,))
    assert [figure.value for figure in lead.figures] == ["3", "50.00%", "40", "1"]
    assert [figure.unit for figure in lead.figures] == ["payments", "", "days", "payments"]
    assert leads("late_payment", payers=(replace(late, due=11), replace(late, late=late.late[:2]))) == []


def test_practitioners_with_two_agencies() -> None:
    one = Practitioner(
        "k", "王建国", "3702**********001X", at_once=((A, "甲"), (B, "乙")), bound=((A, "甲"), (B, "乙"))
    )
    (lead,) = leads("two_agencies", practitioners=(one,))
    assert (lead.key, lead.parties, lead.rows[0]) == ("k:now:2026", (A, B), ("甲", "3702**********001X"))
    moved = replace(one, at_once=((C, "丙"),), bound=((A, "甲"), (B, "乙"), (C, "丙")))
    assert [lead.key for lead in leads("two_agencies", practitioners=(moved,))] == ["k:moves:2026"]
    assert leads("two_agencies", practitioners=(replace(moved, bound=moved.bound[1:]),)) == []  # a change of employer


@pytest.mark.parametrize("code", sorted(SCREENS))
def test_every_screen_says_what_it_is(code: str) -> None:
    screen, book = SCREENS[code], files.read_rulebook(files.rulebook_files()[0])
    assert screen.code == code
    assert screen.version >= 1
    assert all((screen.title, screen.basis, screen.reckoning, screen.inputs, screen.acts, screen.since))
    assert set(screen.acts) <= set(NAMES)
    assert ADVICE[code]
    assert [key for key in screen.rules if key not in book.rules] == []


@pytest.mark.parametrize("code", sorted(SCREENS))
def test_nothing_is_found_before_a_result_is_published(code: str) -> None:
    """A case without its result has no pool, bids or winner, so only its notice can tell anything."""
    blind = case(matching=1, window_days=2, usual=Usual(9, 99), published_hour=3, amount_fen=0)
    assert leads(code, *[blind] * 10) == [] or SCREENS[code].reads in (Reads.NOTICE, Reads.SIGN_UP)


@given(st.permutations([*contests(5, A, B), *draws(3, C), priced(*COLLUDING, number="X")]))
def test_the_order_of_rows_changes_no_lead(order: list[Case]) -> None:
    def found(cases: list[Case]) -> set[tuple[str, str, int]]:
        return {(code, lead.key, lead.score) for code in SCREENS for lead in leads(code, *cases)}

    assert found(order) == found(sorted(order, key=lambda one: one.number))


def test_keys_are_unique_within_a_screen() -> None:
    cases = [*contests(8, A, B), *(replace(one, number=f"Z{place}") for place, one in enumerate(contests(8, C, D)))]
    for code in SCREENS:
        keys = [lead.key for lead in leads(code, *cases)]
        assert all(first != second for first, second in combinations(keys, 2))
    assert numbers()
