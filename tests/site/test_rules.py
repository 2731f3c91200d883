"""The arithmetic of the figures and the marking of words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import Message
from market.kernel.money import Money
from market.search.words import words_of
from market.site.lit import Lit, LitWaiting, like_together
from market.site.rules import excerpt, finest_level, marked
from market.site.rules.figures import COUNTS, Tally, prefix_of, region_at, share, sum_of, with_gaps_filled
from market.web.panels import Waiting

NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
texts = st.text(max_size=300)
tallies = st.builds(
    Tally, **{name: st.integers(0, 10**6) for name in COUNTS},
    budget=st.builds(Money, st.integers(0, 10**14)), price=st.just(Money(0)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "price", "rate"),
    [
        (4_356_808_00, 2_500_808_00, 4260),  # 42.6 %: 1,856,000 yuan saved
        (10_525_000_000_00, 9_125_000_000_00, 1330),  # turnover 9.125 bn, saved 1.400 bn: 13.30 %
        (100, 100, 0),
        (3, 2, 3333),
        (3, 1, 6667),
    ],
)
def test_saving_rate_is_saved_by_estimate(budget: int, price: int, rate: int) -> None:
    tally = Tally(priced=1, budget=Money(budget), price=Money(price))
    assert tally.saving_rate == rate
    assert tally.saved == Money(budget - price)


def test_no_rate_where_there_is_nothing_to_divide_by() -> None:
    assert Tally().saving_rate is None
    assert Tally().on_time_rate is None
    assert share(0, 0) is None


@pytest.mark.parametrize(
    ("codes", "level"),
    [([], 6), (["532531"], 6), (["370202", "370203"], 6), (["370202", "370102"], 4), (["370202", "532531"], 2)],
)
def test_regions_are_compared_at_the_widest_level_that_differs(codes: list[str], level: int) -> None:
    assert finest_level(codes) == level


def test_region_codes_and_what_they_begin_with() -> None:
    assert region_at("370203", 4) == "370200"
    assert [prefix_of(code) for code in ("100000", "370000", "370200", "370203", "53", "532531", "")] == [
        "", "37", "3702", "370203", "53", "532531", "",
    ]  # fmt: skip


@given(st.lists(tallies, max_size=5))
def test_groups_taken_together_lose_nothing(groups: list[Tally]) -> None:
    total = sum_of(groups)
    assert total.posted == sum(one.posted for one in groups)
    assert total.budget.fen == sum(one.budget.fen for one in groups)


def test_quiet_months_are_shown_as_quiet() -> None:
    filled = with_gaps_filled({"2025-11": Tally(posted=2), "2026-02": Tally(posted=1)})
    assert [(month, one.posted) for month, one in filled.items()] == [
        ("2025-11", 2), ("2025-12", 0), ("2026-01", 0), ("2026-02", 1),
    ]  # fmt: skip


@given(texts, st.lists(texts, max_size=3))
def test_marking_never_changes_the_text(text: str, words: list[str]) -> None:
    pieces = words_of(" ".join(words))
    assert "".join(part.text for part in marked(text, pieces)) == text


@given(texts)
def test_any_text_can_be_searched_for(text: str) -> None:
    pieces = words_of(text)
    assert len(pieces) <= 6
    assert all(piece and piece == piece.lower() and "\x00" not in piece for piece in pieces)
    " ".join(pieces).encode()


def test_words_are_found_in_plain_width_and_symbols_alone_are_nothing() -> None:
    assert words_of("ＭＸ－２０２６　测绘 测绘 %_\\ 🏗") == ("mx-2026", "测绘")
    assert words_of("测" * 10_000) == ("测" * 80,)


def test_the_excerpt_shows_the_hit_and_says_where_it_left_out() -> None:
    text = "前言" * 100 + "水土保持" + "后记" * 100
    parts = excerpt(text, ("水土保持",))
    assert [part.text for part in parts if part.hit] == ["水土保持"]
    assert parts[0].text.startswith("…") and parts[-1].text.endswith("…")
    assert marked("BIM 与 bim", ("bim",))[0].hit
    assert [part.text for part in marked("İ測繪ＧＩＳ項目", ("测绘", "gis")) if part.hit] == ["測繪", "ＧＩＳ"]


def test_many_things_of_one_kind_stand_behind_the_most_urgent_of_them() -> None:
    lit = [
        LitWaiting(Waiting(Message(text, {"project": str(no)}), f"/{no}", NOW, None), Lit("off", None))
        for no, text in enumerate(["file {project}", "pay {project}", *["file {project}"] * 3, "rate {project}"])
    ]
    shown = like_together(lit)
    assert [(one.first.item.link, len(one.more)) for one in shown] == [("/0", 3), ("/1", 0), ("/5", 0)]
    assert sum(1 + len(one.more) for one in shown) == len(lit)
    assert [one.more for one in like_together(lit[:3])] == [(), (), ()]
