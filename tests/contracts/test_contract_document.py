"""The contract as a document: its wording is signed, and the same terms give the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from market.kernel.capitals import in_capitals
from market.kernel.money import Money
from projects.contracts.clauses import CLASS_CLAUSES
from projects.contracts.documents.paper import contract_pdf, paper_of
from projects.contracts.terms import FIRST, Terms
from tests.contracts.award import Award

ADDRESS = "https://market.example/contracts/MX-2026-000001-C1/verify"


async def pdf(terms: Terms) -> bytes:
    return await contract_pdf(terms, issuer="明选", address=ADDRESS)


async def test_the_same_terms_give_the_same_bytes(award: Award) -> None:
    terms = (await award.run_past_notice()).terms
    first = await pdf(terms)
    assert first.startswith(b"%PDF-1.7")
    assert hashlib.sha256(await pdf(Terms.from_json(terms.to_json()))).digest() == hashlib.sha256(first).digest()
    assert await pdf(replace(terms, price_fen=terms.price_fen + 1)) != first
    assert b"NotoSerifSC" in first  # the faces are embedded, none is taken from the reader's machine


async def test_the_wording_is_part_of_what_is_signed(award: Award) -> None:
    terms = (await award.run_past_notice()).terms
    text = "".join(one.zh for article in terms.articles for one in article.paragraphs)
    assert in_capitals(Money(terms.price_fen)) in text
    assert f"{terms.service_days} 个工作日" in text
    assert terms.content in text
    assert all("{" not in one.zh + one.en for article in terms.articles for one in article.paragraphs)
    changed = replace(terms, articles=terms.articles[:-1])
    assert changed.sha256 != terms.sha256


async def test_terms_survive_storage_and_older_ones_keep_their_fingerprint(award: Award) -> None:
    terms = (await award.run_past_notice()).terms
    assert Terms.from_json(terms.to_json()) == terms
    older = replace(terms, format=FIRST, language="zh", service_classes=(), milestones=(), payment=None, supplement_max=0,
                    special=(), preamble=None, articles=())  # fmt: skip
    assert set(older.to_json()) & {"articles", "milestones", "payment"} == set()
    assert Terms.from_json(older.to_json()) == older


async def test_one_milestone_stands_for_the_whole_price_and_time(award: Award) -> None:
    terms = (await award.run_past_notice()).terms
    (only,) = terms.milestones
    assert (only.share, only.price_fen, only.days) == (10_000, terms.price_fen, terms.service_days)
    assert terms.payment is not None
    assert (terms.payment.days, terms.payment.interest_per_day) == (30, 5)  # a public body


async def test_english_is_set_only_where_it_is_asked_for(award: Award) -> None:
    terms = (await award.run_past_notice()).terms
    both = replace(terms, language="zh-en")
    assert paper_of(both, issuer="明选", address=ADDRESS)["language"] == "zh-en"
    assert len(await pdf(both)) > len(await pdf(terms))


def test_every_class_of_service_has_its_clauses() -> None:
    assert set(CLASS_CLAUSES) == {"A", "B", "C", "D", "E"}


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "人民币零元整"), (7, "人民币柒分"), (70, "人民币柒角整"), (30507, "人民币叁佰零伍元零柒分"),
        (12_000_000, "人民币壹拾贰万元整"), (100_000_001, "人民币壹佰万元零壹分"), (10_050_000, "人民币壹拾万零伍佰元整"),
        (1_000_500_000_000, "人民币壹佰亿零伍佰万元整"), (12_345_678_90, "人民币壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角整"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(fen: int, text: str) -> None:
    assert in_capitals(Money(fen)) == text


@given(some.integers(min_value=0, max_value=10**17))
def test_capitals_are_unambiguous_and_never_double_a_zero(fen: int) -> None:
    text = in_capitals(Money(fen))
    assert "零零" not in text
    assert text.endswith(("整", "分"))
    assert fen == 0 or in_capitals(Money(fen + 1)) != text
