"""The rulebook as it is shipped, and the getters through which everybody reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from market.catalogue import files
from market.catalogue.rules import Rulebook, Unit, UnknownRule, WrongUnit, deadline
from market.kernel.calendar import BEIJING, Calendar
from market.kernel.money import Money

BOOKS = files.rulebook_files()
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return files.read_rulebook(files.DATA / "rulebook-2025-1.toml")


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_every_shipped_rulebook_is_sound_and_named_after_its_version(
    path: Path,
) -> None:
    book = files.read_rulebook(path)
    assert path.name == f"rulebook-{book.version}.toml"
    assert all(book.source(rule.source).title.zh for rule in book.listed)
    assert all(rule in book.in_group(rule.group) for rule in book.listed)


def test_numbers_that_the_published_rules_state(book: Rulebook) -> None:
    assert book.money("posting.free_pick_below") == Money.parse("100,000")
    assert book.money("posting.limit.must_tender") == Money.parse("1,000,000")
    assert book.integer("signup.minimum.state_funds") == 3
    assert book.integer("signup.minimum.social_funds") == 1
    assert book.shares("selection.best_price.base_shares") == (9500, 9600, 9700, 9800)
    assert book.integer("selection.rounds.count") * book.integer("selection.rounds.minutes") == 9
    assert book.calendar_days("payment.public_buyer_days") == 30
    assert len(book.texts("entry.barred_lists")) == 5
    assert sum(book.shares("rating.three_party_shares")) == 10_000


def test_only_what_was_read_in_a_source_is_called_verified(book: Rulebook) -> None:
    assert not book.rule("acceptance.silence_days").verified
    assert book.rule("entry.complaints_to_exit").verified
    assert {rule.verified for rule in book.listed if rule.source == "default"} == {False}


def test_credit_tiers_and_bands_descend(book: Rulebook) -> None:
    tiers = [book.integer(f"tier.{name}_below") for name in ("reminder", "talk", "pause", "long_pause", "severe")]
    assert tiers == sorted(tiers, reverse=True)
    assert book.integers("credit.bands") == tuple(sorted(book.integers("credit.bands"), reverse=True))
    assert book.integer("credit.base") <= book.integer("credit.cap")


def test_getters_refuse_a_unit_that_is_not_the_rules_own(book: Rulebook) -> None:
    for read, key in [
        (book.working_days, "result.notice_days"),
        (book.calendar_days, "contract.sign_days"),
        (book.money, "credit.base"),
        (book.share, "credit.base"),
        (book.share, "selection.best_price.base_shares"),
        (book.shares, "credit.bands"),
        (book.integer, "draw.algorithm"),
        (book.integer, "credit.bands"),
        (book.integers, "rating.dimensions"),
        (book.months, "entry.review_days"),
        (book.days, "credit.base"),
        (book.flag, "credit.base"),
        (book.text, "rating.dimensions"),
        (book.texts, "credit.base"),
    ]:
        with pytest.raises(WrongUnit, match=key):
            read(key)


def test_an_unknown_key_is_named(book: Rulebook) -> None:
    with pytest.raises(UnknownRule, match=r"2025-1 has no rule 'contract\.sing_days'"):
        book.working_days("contract.sing_days")


def test_texts_flags_and_lists(book: Rulebook) -> None:
    assert book.text("draw.algorithm") == "hmac-draw/1"
    assert book.flag("objection.blocks_contract")
    assert not book.flag("contract.deposit_allowed")
    assert book.integers("certificate.warn_days") == (60, 30, 7)
    assert book.integers("credit.base") == (100,)
    assert book.months("tier.pause_months") == 1


def beijing(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=BEIJING)  # type: ignore[misc, arg-type]


def test_deadlines_follow_the_unit_of_the_rule(book: Rulebook) -> None:
    friday = beijing(2026, 11, 20, 15)
    assert deadline(book, "entry.review_days", friday, Calendar()) == beijing(2026, 11, 26)
    assert deadline(book, "result.notice_days", friday, Calendar()) == beijing(2026, 11, 24)
    assert deadline(book, "signup.min_window_direct", friday, Calendar()) == friday


def test_calendar_days_never_end_on_a_holiday(book: Rulebook) -> None:
    before_national_day = datetime(2025, 9, 29, 1, tzinfo=UTC)
    assert book.rule("result.notice_days").unit is Unit.CALENDAR_DAYS
    assert deadline(book, "result.notice_days", before_national_day, Calendar()) == beijing(2025, 10, 10)


def test_the_documentation_lists_every_rule(book: Rulebook) -> None:
    text = (DOCS / "catalogue.md").read_text(encoding="utf8")
    assert [rule.key for rule in book.listed if f"`{rule.key}`" not in text] == []
