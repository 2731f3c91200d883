from __future__ import annotations

import string
from collections import defaultdict

from babel.messages.pofile import read_po

from market.kernel.i18n import LOCALES, messages
from tests.architecture.translations import SOURCES, missing, used


def test_everything_is_said_in_chinese() -> None:
    assert missing() == {}


def test_no_translation_is_left_over() -> None:
    """A text that nothing says any more is thrown away, so that translators read only what counts."""
    known = used()
    assert sorted(text for text in messages("zh_CN") if text not in known) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    wrong = {text: told for text, told in messages("zh_CN").items() if fields(text) != fields(told)}
    assert wrong == {}


def test_nothing_is_said_in_two_ways() -> None:
    """All catalogues are merged: of two translations of one text, one would be lost, in somebody else's page."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for source in SOURCES:
        for path in source.rglob("*.po"):
            with path.open("rb") as file:
                for message in read_po(file):
                    if message.id:
                        told[str(message.id)].add(str(message.string))
    assert {text: said for text, said in told.items() if len(said) > 1} == {}


def test_the_languages_on_offer() -> None:
    assert list(LOCALES) == ["zh_CN", "en"]
