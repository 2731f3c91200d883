"""How values look, and that masking never shows what it hides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from market.kernel.errors import Message
from market.kernel.i18n import speaking
from market.kernel.money import Money
from market.web import display

MOMENT = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(0, "¥0.00"), (1, "¥0.01"), (123_050, "¥1,230.50"), (-50, "-¥0.50"), (9_125_000_000_00, "¥9,125,000,000.00")],
)
def test_money(fen: int, shown: str) -> None:
    assert display.money(fen) == display.money(Money(fen)) == shown


@given(st.integers(-(10**15), 10**15))
def test_money_shows_every_fen(fen: int) -> None:
    shown = display.money(fen).replace(",", "").replace("¥", "").replace(".", "")
    assert int(shown) == fen


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(185_600_000, "185.6万元"), (1_000_000, "1万元"), (999_999, "¥9,999.99"), (1_005_000, "1.01万元"), (-2_000_000, "-2万元"),
     (140_000_000_000, "140,000万元")],
)  # fmt: skip
def test_wan(fen: int, shown: str) -> None:
    assert display.wan(fen) == shown


def test_wan_in_english_is_the_plain_amount() -> None:
    with speaking("en"):
        assert display.wan(185_600_000) == "¥1,856,000"


def test_times_are_beijing_time_and_say_so() -> None:
    assert display.moment(MOMENT) == "2026-11-21 17:00 (北京时间)"
    assert display.moment_exact(MOMENT) == "2026-11-21 17:00:05 (北京时间)"
    assert display.day(datetime(2026, 11, 21, 20, 0, tzinfo=UTC)) == "2026-11-22"
    assert display.day(date(2026, 11, 21)) == "2026-11-21"
    assert display.local_input(MOMENT) == "2026-11-21T17:00"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 seconds"),
        (59, "59 seconds"),
        (3600, "1 hour"),
        (90_061, "1 day 1 hour"),
        (-61, "1 minute 1 second"),
        (86_400, "1 day"),
    ],
)
def test_durations_tell_two_units(seconds: int, shown: str) -> None:
    with speaking("en"):
        assert display.duration(timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("points", "shown"), [(4260, "42.6 %"), (1330, "13.3 %"), (0, "0 %"), (10_000, "100 %"), (5, "0.05 %"), (None, "—")]
)
def test_percent(points: int | None, shown: str) -> None:
    assert display.percent(points) == shown


def test_masks() -> None:
    assert display.mask_phone("13812345678") == "138****5678"
    assert display.mask_name("欧阳明") == "欧**"
    assert display.mask_name("李") == "李*"
    assert display.mask_id_number("370202198506170018") == "370***********0018"


@given(st.text(min_size=1, max_size=6))
def test_short_phone_numbers_are_hidden_whole(text: str) -> None:
    assert display.mask_phone(text) == "****"


@given(st.text(max_size=30).filter(lambda text: len(text) != 18))
def test_malformed_identity_numbers_are_hidden_whole(text: str) -> None:
    assert display.mask_id_number(text) == "****"


def test_facts_in_messages_are_shown_as_people_read_them() -> None:
    facts = {
        "price": Money(100),
        "at": MOMENT,
        "on": date(2026, 1, 2),
        "left": timedelta(days=1),
        "n": 3,
        "what": Message("days"),
    }
    with speaking("en"):
        said = display.say(Message("{price}|{at}|{on}|{left}|{n}|{what}", facts))
    assert said == "¥1.00|2026-11-21 17:00:05 (Beijing time)|2026-01-02|1 day|3|days"


def test_days_times_and_numbers_are_not_torn_apart_in_a_cell() -> None:
    assert display.whole("by 2026-11-21 17:00 (Beijing time)") == (
        'by <span class="nowrap">2026-11-21 17:00</span> <span class="nowrap">(Beijing time)</span>'
    )
    link = Markup('<a href="/projects/MX-2026-000001">MX-2026-000001</a>')
    assert display.whole(link) == '<a href="/projects/MX-2026-000001"><span class="nowrap">MX-2026-000001</span></a>'
    assert display.whole("<2026-11-21>") == '&lt;<span class="nowrap">2026-11-21</span>&gt;'
    for untouched in ("12", Markup("<textarea>2026-11-21</textarea>"), Markup("<option>2026-11-21</option>")):
        assert display.whole(untouched) == untouched


def test_what_a_number_counts_is_named_for_one_and_for_many() -> None:
    with speaking("en"):
        said = [display.unit("working days", number) for number in ("1", "≥ 1", "11", 3)]
    assert said == ["working day", "working day", "working days", "working days"]
    assert display.unit("firms", "1") == "家"
