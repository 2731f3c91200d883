"""Every rulebook key that code names exists, in the unit in which it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.catalogue import files
from market.catalogue.rules import Rulebook

ROOT = Path(__file__).parents[2]
_READ = re.compile(
    r"\.(integer|integers|money|share|shares|working_days|calendar_days|days|months|flag|text|texts)"
    r'\(\s*"([a-z]+(?:\.[a-z_]+)+)"\s*\)'
)
_NAMED = re.compile(r'\brule="([a-z]+(?:\.[a-z_]+)+)"')
_PERIOD = re.compile(r'\bdeadline\(\s*[\w.]+,\s*"([a-z]+(?:\.[a-z_]+)+)"')

# What the law sets for others, and what holds here in any case: to be looked up, not read by code.
TOLD = frozenset({
    "entry.clean_record_years", "entry.barred_lists", "posting.excluded", "selection.reference_days", "selection.witnesses_max",
    "selection.direct.reason_required", "selection.scored.price_formula", "objection.blocks_contract", "objection.query_within",
    "objection.query_answer", "complaint.tender.within_days", "complaint.tender.acceptance_days",
    "complaint.tender.decision_days", "contract.legal_sign_days", "contract.bid_bond_share_max", "contract.deposit_allowed",
    "payment.public_buyer_max_days",
})  # fmt: skip
_PUT_TOGETHER = re.compile(r"selection\.low_price\.share_of_[a-z]+")


def sources() -> list[Path]:
    return [
        path for package in ("market", "agencies", "projects", "ratings") for path in (ROOT / package).rglob("*.py")
    ]


def uses(pattern: re.Pattern[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sources():
        for found in pattern.finditer(path.read_text(encoding="utf8")):
            yield str(path.relative_to(ROOT)), found.groups()


@pytest.mark.parametrize("path", files.rulebook_files(), ids=lambda path: path.stem)
def test_code_reads_only_rules_that_every_version_has(path: Path) -> None:
    book: Rulebook = files.read_rulebook(path)
    wrong = []
    for where, (getter, key) in uses(_READ):
        try:
            getattr(book, getter)(key)
        except (KeyError, TypeError) as error:
            wrong.append(f"{where}: {error}")
    wrong += [f"{where}: {key}" for where, (key,) in uses(_NAMED) if key not in book.rules]
    wrong += [f"{where}: {key}" for where, (key,) in uses(_PERIOD) if key not in book.rules]
    assert wrong == []


def test_no_rule_is_published_that_nothing_follows() -> None:
    text = "\n".join(path.read_text(encoding="utf8") for path in [*sources(), *(ROOT / "templates").rglob("*.html")])
    for path in files.rulebook_files():
        unread = {
            key for key in files.read_rulebook(path).rules if key not in text and not _PUT_TOGETHER.fullmatch(key)
        }
        assert unread == TOLD
