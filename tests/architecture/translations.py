"""Which message ids stand in code and templates. Also a command: `python -m tests.architecture.translations` lists
what has no Chinese yet, by package."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

from market.kernel.i18n import ROOT, messages

KEYWORDS = {"_": None, "N_": None, "translate": None}
SOURCES = [ROOT / name for name in ("market", "agencies", "projects", "ratings")]


def from_python(path: Path) -> set[str]:
    with path.open("rb") as file:
        found = (text if isinstance(text, str) else text[0] for _, text, _, _ in extract("python", file, KEYWORDS))
        return {text for text in found if text}


def from_template(path: Path) -> set[str]:
    with path.open("rb") as file:
        options = {"extensions": "jinja2.ext.do", "trimmed": "false", "silent": "false"}
        found = babel_extract(file, list(KEYWORDS), [], options)
        first = (text if isinstance(text, str) else text[0] for _, _, text, _ in found if text)
        return {text for text in first if text}


@cache
def used() -> dict[str, set[str]]:
    """Message id -> the files that use it."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for source in SOURCES:
        for path in source.rglob("*.py"):
            for text in from_python(path):
                places[text].add(str(path.relative_to(ROOT)))
    for path in (ROOT / "templates").rglob("*.html"):
        for text in from_template(path):
            places[text].add(str(path.relative_to(ROOT)))
    places.pop("", None)
    return dict(places)


def missing(locale: str = "zh_CN") -> dict[str, set[str]]:
    known = messages(locale)
    return {text: places for text, places in used().items() if text not in known}


if __name__ == "__main__":
    for text, places in sorted(missing().items(), key=lambda item: (sorted(item[1])[0], item[0])):
        print(f"{sorted(places)[0]}: {text!r}")  # noqa: T201
