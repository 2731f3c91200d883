"""Every rulebook key that code names exists, in the unit in which it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agencies.rules import LIST_KEEPERS
from market.catalogue import files
from market.catalogue.checks import POSSIBLE
from market.catalogue.rules import Rulebook

ROOT = Path(__file__).parents[2]
_READ = re.compile(
    r"\.(integer|integers|money|share|shares|working_days|calendar_days|days|months|flag|text|texts)"
    r'\(\s*"([a-z]+(?:\.[a-z_]+)+)"\s*\)'
)
_NAMED = re.compile(r'\brule="([a-z]+(?:\.[a-z_]+)+)"')
_PERIOD = re.compile(r'\bdeadline\(\s*[\w.]+,\s*"([a-z]+(?:\.[a-z_]+)+)"')

_PUT_TOGETHER = re.compile(r"selection\.low_price\.share_of_[a-z]+|case\.measures\.[a-z_]+")


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


def test_what_the_rulebook_marks_as_told_is_what_no_code_follows() -> None:
    text = "\n".join(path.read_text(encoding="utf8") for path in [*sources(), *(ROOT / "templates").rglob("*.html")])
    for path in files.rulebook_files():
        rules = files.read_rulebook(path).rules.values()
        unread = {rule.key for rule in rules if rule.key not in text and not _PUT_TOGETHER.fullmatch(rule.key)}
        assert unread == {rule.key for rule in rules if rule.told}


def test_every_list_that_may_bar_can_be_read_and_has_a_keeper() -> None:
    assert set(LIST_KEEPERS) == POSSIBLE["entry.barred_lists"]
