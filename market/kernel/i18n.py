"""Words for people: English message ids, complete Simplified Chinese, merged from every package's catalogue.

The locale of the page being rendered is a context variable, because macros and filters all need it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from market.kernel.errors import Message
from market.kernel.plurals import for_one

ROOT = Path(__file__).resolve().parents[2]
LOCALES = {"zh_CN": "简体中文", "en": "English"}
DEFAULT_LOCALE = "zh_CN"
_current: ContextVar[str] = ContextVar("locale", default=DEFAULT_LOCALE)


def N_(text: str) -> str:  # noqa: N802  (the gettext world's name for "translate later")
    return text


def catalogue_files(locale: str) -> list[Path]:
    packages = [*(ROOT / "market").iterdir(), ROOT / "agencies", ROOT / "projects", ROOT / "ratings"]
    return [path for package in packages for path in sorted(package.glob(f"locale/*{locale}.po"))]


@lru_cache
def messages(locale: str) -> dict[str, str]:
    """All translations of one locale; English needs none."""
    merged: dict[str, str] = {}
    for path in catalogue_files(locale):
        with path.open("rb") as file:
            merged.update({str(m.id): str(m.string) for m in read_po(file) if m.id and m.string})
    return merged


def locale() -> str:
    return _current.get()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    token = _current.set(name)
    try:
        yield
    finally:
        _current.reset(token)


def translate(text: str, **facts: Any) -> str:
    """The text in the current locale with its `{placeholders}` filled; unknown text stays English."""
    known = for_one(text, facts) if locale() == "en" else messages(locale()).get(text, text)
    return known.format(**facts) if facts else known


def tell(message: Message, show: Any = str) -> str:
    """A domain message in the current locale; `show` turns its facts (money, times, …) into text."""
    return translate(message.text, **{name: show(value) for name, value in message.facts.items()})
