"""What is searched in memory: the service items in force, the rules in force, the pages of help; and the words of the
trade for whoever mistyped one. Each is made once for each published version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from market.catalogue.rules import Catalogue, Rule, Rulebook, ServiceItem
from market.catalogue.rules.finding import said_of
from market.kernel.i18n import speaking, translate
from market.search.interface import Document
from market.search.shelf import Shelf
from market.search.synonyms import synonyms
from market.search.vocabulary import Vocabulary
from market.site.rules.guides import GUIDES, Guide


class Shelves:
    """Of one catalogue and one rulebook."""

    def __init__(self, catalogue: Catalogue, book: Rulebook) -> None:
        self.catalogue, self.book = catalogue, book
        self.items = Shelf(_item(item, catalogue) for item in catalogue.items)
        self.rules = Shelf(_rule(rule) for rule in book.listed)
        self.guides = Shelf(_guide(guide) for guide in GUIDES)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(_words(self.catalogue))


@dataclass
class _Kept:
    shelves: Shelves | None = None


_KEPT = _Kept()


def shelves(catalogue: Catalogue, book: Rulebook) -> Shelves:
    """Made anew when another version comes into force: both come decoded once a process."""
    kept = _KEPT.shelves
    if kept is None or kept.catalogue is not catalogue or kept.book is not book:
        kept = _KEPT.shelves = Shelves(catalogue, book)
    return kept


def _item(item: ServiceItem, catalogue: Catalogue) -> Document:
    about = catalogue.service_class(item.service_class).name
    return Document(
        "items", item.code, title=item.name.zh, code=item.code, service=item.name.en, company=about.zh, body=said_of(item, catalogue),
    )  # fmt: skip


def _rule(rule: Rule) -> Document:
    note = f"{rule.note.zh}\n{rule.note.en}" if rule.note else ""
    return Document("rules", rule.key, title=rule.title.zh, code=rule.key, service=rule.title.en, body=note)


def _guide(guide: Guide) -> Document:
    """In both languages, whichever the visitor reads."""
    with speaking("zh_CN"):
        title, about = translate(guide.title), translate(guide.about)
    return Document(
        "guides", guide.path, title=title, service=guide.title, company=guide.words, body=f"{about}\n{guide.about}"
    )


def _words(catalogue: Catalogue) -> Iterator[str]:
    """Short ones first come from the table of synonyms; then names and the words that they are made of."""
    import rjieba

    names = [item.name.zh for item in catalogue.items] + [one.name.zh for one in catalogue.classes]
    for group in synonyms().groups:
        yield from group
    for name in names:
        yield from (word for word in rjieba.cut(name) if len(word) > 1)
    yield from names
    yield from (region.name.zh for region in catalogue.regions if region.code.endswith("00"))
