"""Forms never fail but by FormInvalid, whatever a browser (or somebody else) sends, and name all mistakes at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar.datastructures import FormMultiDict, UploadFile

from market.demo.agencies import credit_code
from market.kernel.calendar import BEIJING
from market.kernel.errors import FormInvalid, Message
from market.kernel.money import Money
from market.web.display import say
from market.web.forms import MAX_FEN, Fields, keep_values

NASTY = (
    "",
    " ",
    "0",
    "-1",
    "1e5",
    "NaN",
    "inf",
    "１２",
    "٣",
    "1_000",
    "\x00",
    "\ud800",
    "<script>",
    "2026-02-30",
    "24:00",
    "9" * 400,
)
texts = st.one_of(st.text(), st.sampled_from(NASTY))
forms = st.lists(st.tuples(st.sampled_from(["a", "b"]), texts), max_size=4)


def fields(*pairs: tuple[str, object]) -> Fields:
    return Fields(FormMultiDict(pairs))


def read_everything(form: Fields) -> None:
    for name in ("a", "b", "absent"):
        form.text(name, "Text", max_length=20)
        form.integer(name, "Number", low=-5, high=10**6)
        form.money(name, "Money")
        form.day(name, "Day")
        form.moment(name, "Moment")
        form.choice(name, "Choice", ["x", "y"])
        form.choices(name, "Choices", ["x", "y"])
        form.flag(name)
        form.identifier(name, "Identifier")
        form.credit_code(name, "Code")


@given(forms)
@example([("a", "\ud800")])
@example([("a", "1" * 5000)])
def test_nothing_but_form_invalid(pairs: list[tuple[str, str]]) -> None:
    form = fields(*pairs)
    read_everything(form)
    with suppress(FormInvalid):
        form.check()
    assert all(say(message) for messages in form.errors.values() for message in messages)


@given(texts)
def test_money_is_what_was_typed_or_an_error(text: str) -> None:
    form = fields(("price", text))
    amount = form.money("price", "Price")
    if form.errors:
        assert amount is None
    else:
        assert amount is not None
        assert 0 < amount.fen <= MAX_FEN
        assert Money.parse(text.strip()) == amount


@given(st.integers(1, MAX_FEN))
def test_money_survives_the_form(fen: int) -> None:
    form = fields(("price", Money(fen).yuan_text))
    assert form.money("price", "Price") == Money(fen)
    assert not form.errors


@pytest.mark.parametrize("text", ["1.005", "12,30", "-5", "1e5", "NaN", "￥5", "5元", "0", "100000000001", "１２"])
def test_money_that_is_none(text: str) -> None:
    form = fields(("price", text))
    assert form.money("price", "Price") is None
    assert list(form.errors) == ["price"]


@given(texts)
def test_integers_are_in_range_or_an_error(text: str) -> None:
    form = fields(("n", text))
    number = form.integer("n", "Number", low=-3, high=7)
    assert (number is None) == bool(form.errors)
    assert number is None or -3 <= number <= 7


@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)))
def test_days_survive_the_form(day: date) -> None:
    assert fields(("d", day.isoformat())).day("d", "Day") == day


@pytest.mark.parametrize("text", ["1949-12-31", "2151-01-01", "2026-02-30", "20260230x", "tomorrow", "0001-01-01"])
def test_days_that_are_none(text: str) -> None:
    form = fields(("d", text))
    assert form.day("d", "Day") is None
    assert form.errors


def test_moments_are_beijing_time() -> None:
    read = fields(("m", "2026-11-21T17:00")).moment("m", "Moment")
    assert read == datetime(2026, 11, 21, 17, 0, tzinfo=BEIJING)


@pytest.mark.parametrize(
    "text", ["2026-11-21T17:00Z", "2026-11-21T17:00+02:00", "1999-12-31T23:59", "2151-01-01T00:00", "x"]
)
def test_moments_of_elsewhere_are_refused(text: str) -> None:
    form = fields(("m", text))
    assert form.moment("m", "Moment") is None
    assert form.errors


def test_all_mistakes_at_once() -> None:
    form = fields(("price", "much"), ("day", "soon"), ("choice", "z"))
    form.text("title", "Title")
    form.money("price", "Price")
    form.day("day", "Day")
    form.choice("choice", "Choice", ["x"])
    with pytest.raises(FormInvalid) as wrong:
        form.check()
    assert set(wrong.value.errors) == {"title", "price", "day", "choice"}


def test_what_is_not_required_may_be_missing() -> None:
    form = fields()
    assert form.text("a", "A", required=False) == ""
    assert form.money("a", "A", required=False) is None
    assert form.integer("a", "A", low=0, high=1, required=False) is None
    assert form.identifier("a", "A", required=False) is None
    assert form.choices("a", "A", required=False) == []
    form.check()


@given(st.text(max_size=60))
def test_text_is_bounded_and_printable(text: str) -> None:
    form = fields(("t", text))
    read = form.text("t", "Text", max_length=30, required=False)
    if not form.errors:
        assert len(read) <= 30
        assert all(ord(char) >= 32 or char in "\n\t" for char in read)


@pytest.mark.parametrize("char", ["\x00", "\x7f", "\x85", "\ud800", "\u202e", "\u2066"])
def test_characters_that_deceive_or_cannot_be_stored_are_refused(char: str) -> None:
    form = fields(("t", f"a{char}b"))
    form.text("t", "Text")
    assert form.errors


@pytest.mark.parametrize("text", ["第1号地块", "é", "👍🏽", "a\tb\nc", "\u200d"])
def test_what_people_write_is_accepted(text: str) -> None:
    form = fields(("t", text))
    form.text("t", "Text", required=False)
    assert not form.errors


def test_too_short_is_told_with_the_limit() -> None:
    form = fields(("why", "no"))
    form.text("why", "Reason", min_length=5)
    assert form.errors["why"][0].facts["limit"] == 5


def test_several_values_of_one_field() -> None:
    form = fields(("x", "a"), ("x", "b"), ("x", ""))
    assert form.choices("x", "X", ["a", "b"]) == ["a", "b"]
    assert not form.errors
    fields(("x", "c")).choices("x", "X", ["a"])


def test_an_unknown_value_among_several_is_an_error() -> None:
    form = fields(("x", "a"), ("x", "z"))
    form.choices("x", "X", ["a", "b"])
    assert form.errors


def test_a_file_in_a_text_field_counts_as_empty() -> None:
    file = UploadFile(content_type="text/plain", filename="a.txt", file_data=b"x")
    form = fields(("title", file))
    form.text("title", "Title")
    assert list(form.errors) == ["title"]


def test_a_text_in_a_file_field_counts_as_empty() -> None:
    form = fields(("paper", "not a file"))
    assert form.form.getall("paper", []) == ["not a file"]


async def test_files_are_checked_and_counted() -> None:
    pdf = [UploadFile(content_type="x", filename=f"{n}.pdf", file_data=b"%PDF-1.4\n%%EOF") for n in range(3)]
    form = fields(*(("paper", one) for one in pdf))
    assert [one.name for one in await form.uploads("paper", "Paper", limit=100)] == ["0.pdf", "1.pdf", "2.pdf"]
    assert not form.errors
    again = fields(*(("paper", one) for one in pdf))
    assert await again.uploads("paper", "Paper", limit=100, most=2) == []
    assert again.errors


async def test_a_missing_file_is_an_error_only_where_needed() -> None:
    form = fields()
    assert await form.upload("paper", "Paper", limit=100, required=False) is None
    assert not form.errors
    assert await form.upload("paper", "Paper", limit=100) is None
    assert form.errors


def test_credit_codes_have_their_check_digit_verified() -> None:
    good = credit_code(42)
    assert fields(("code", good)).credit_code("code", "Code") == good
    assert fields(("code", f" {good.lower()} ")).credit_code("code", "Code") == good
    last = "0" if good[-1] != "0" else "1"
    form = fields(("code", good[:-1] + last))
    assert form.credit_code("code", "Code") == ""
    assert form.errors


def test_identifiers() -> None:
    one = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert fields(("id", str(one))).identifier("id", "Id") == one
    form = fields(("id", "../../etc/passwd"))
    assert form.identifier("id", "Id") is None
    assert form.errors


def test_labels_are_translated_with_the_message() -> None:
    form = fields()
    form.text("title", "Title")
    assert form.errors["title"][0].facts["label"] == Message("Title")


def test_what_was_typed_is_kept_but_no_files() -> None:
    file = UploadFile(content_type="text/plain", filename="a.txt", file_data=b"x")
    form = FormMultiDict([("title", "a"), ("items", "1"), ("items", "2"), ("paper", file)])
    assert keep_values(form, ["items"]) == {"title": "a", "items": ["1", "2"]}
