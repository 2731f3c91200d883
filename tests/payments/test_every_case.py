"""The failures that docs/payments.md numbers: each has a test whose name carries its number."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import ROOT

NAMES = re.compile(r"^(?:async )?def test_((?:\d+_(?:and_)?)+)", re.M)
FILES = [*(ROOT / "tests" / "payments").glob("test_*.py"), ROOT / "tests" / "kernel" / "test_settings.py"]
CASES = 34


def numbers_in(file: Path) -> set[int]:
    return {int(number) for name in NAMES.findall(file.read_text("utf8")) for number in re.findall(r"\d+", name)}


def test_every_numbered_failure_has_a_test() -> None:
    found = set().union(*(numbers_in(file) for file in FILES))
    assert set(range(1, CASES + 1)) - found == set()
