"""Bilingual wording of data files, and the sources that they cite."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """The same words in Chinese and English. Data files must give both."""

    zh: str
    en: str

    def to(self, locale: str) -> str:
        """The words in the language of the page: `{{ item.name.to(locale) }}`."""
        return self.en if locale.startswith("en") else self.zh


@dataclass(frozen=True)
class Source:
    """Where a rule or an item is written down. `url` is empty where only the printed text is known."""

    code: str
    title: Wording
    url: str = ""
