"""One search over everything public: projects, announcements and agencies by the engine in use, what is few by memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Any, Final

from market.catalogue.rules import Catalogue, Rule, Rulebook, ServiceItem
from market.kernel.errors import Message
from market.search.engines import engine
from market.search.interface import ANYBODY, Document, SearchPage, SearchQuery
from market.search.kinds import kind_called
from market.search.reading import reading_of, spelt_in
from market.search.synonyms import synonyms
from market.search.words import Wanted, question, words_of
from market.site.queries.shelves import Shelves, shelves
from market.site.rules.asked import FILTERS, INDEXED, MOST_PAGES, PAGE, TABS, Asked
from market.site.rules.guides import BY_PATH, Guide

FEW: Final = 5  # of each kind on the first page of results
SUGGESTED: Final = 3  # of each kind while typing
MOST_MEANT: Final = 4
LONGEST_PART: Final = 8  # characters of a word that is shortened until it finds something
ENGINES: Final = ("projects", "announcements", "agencies")  # kinds that an engine searches
SHELVES: Final = ("items", "rules", "guides")


@dataclass(frozen=True)
class Found:
    """`counts` of every tab; `hits` of the tabs that were asked for, as they are at this moment; `marks`: what to mark in
    them; `facets` of the one tab that was asked for; `page`: the last one where the one that was asked for lies behind it.
    `degraded`: the database answered in the search server's place; `late`: the server did, and is behind."""

    counts: Mapping[str, int]
    hits: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    page: int = 1
    pages: int = 1
    degraded: bool = False
    late: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())


async def search(asked: Asked, *, catalogue: Catalogue, book: Rulebook, now: datetime) -> Found:
    """All kinds with a few hits each, or one kind a page. Text that holds nothing to search for finds nothing."""
    wanted = question(asked.text, synonyms())
    if not wanted:
        return Found(dict.fromkeys(TABS, 0))
    kept = shelves(catalogue, book)
    in_memory = {name: getattr(kept, name).find(wanted) for name in SHELVES}
    pages = await _answers(asked, now)
    counts = _counts(asked, pages) | {name: len(found) for name, found in in_memory.items()}
    last = min(ceil(counts[asked.kind] / PAGE), MOST_PAGES) if asked.kind else 1
    if asked.page > max(last, 1):
        found = await search(replace(asked, page=max(last, 1)), catalogue=catalogue, book=book, now=now)
        return replace(found, page=max(last, 1))
    hits = await _hits(asked, pages, now) | _few(asked, in_memory, catalogue, book)
    main = pages.get(asked.kind)
    return Found(
        counts, hits, _marks(wanted, hits), main.facets if main else {}, asked.page, max(last, 1),
        any(page.degraded and page.backend == "postgresql" for page in pages.values()),
        any(page.degraded and page.backend == "meilisearch" for page in pages.values()),
    )  # fmt: skip


async def _answers(asked: Asked, now: datetime) -> dict[str, SearchPage]:
    """Of the engine: for the tab that was asked for with everything, for the others what their counts need."""
    only_counted = SearchQuery("", asked.text, now, sort="newest", size=1)
    few = only_counted if asked.kind else replace(only_counted, sort="relevance", size=FEW)
    queries = {kind: replace(few, kind=kind) for kind in ENGINES}
    queries["projects"] = replace(queries["projects"], facets=("outcome",))
    if asked.kind in INDEXED:
        main = SearchQuery(
            asked.index, asked.text, now, filters=asked.filters, sort=asked.sort, facets=FILTERS[asked.kind], page=asked.page,
            size=PAGE,
        )  # fmt: skip
        if asked.kind != "results":
            facets = tuple(dict.fromkeys((*main.facets, *queries[main.kind].facets)))
            queries[main.kind] = replace(main, facets=facets)
        else:
            queries["results"] = main
    answers = await asyncio.gather(*(engine().search(query, ANYBODY) for query in queries.values()))
    return dict(zip(queries, answers, strict=True))


def _counts(asked: Asked, pages: Mapping[str, SearchPage]) -> dict[str, int]:
    """Results are projects with an outcome."""
    outcomes = sum(pages["projects"].facets.get("outcome", {}).values())
    results = pages["results"].total if "results" in pages else outcomes
    return {name: pages[name].total for name in ENGINES} | {"results": results}


async def _hits(asked: Asked, pages: Mapping[str, SearchPage], now: datetime) -> dict[str, Sequence[Any]]:
    """The rows as they are now; what an engine still names and nobody may see is simply not there."""
    shown = [asked.kind] if asked.kind in INDEXED else [] if asked.kind else ENGINES
    found: dict[str, Sequence[Any]] = {}
    for name in shown:
        ids = pages[name].hits
        rows = await kind_called(replace(asked, kind=name).index).read(ids, ANYBODY)
        found[name] = [rows[one] for one in ids if one in rows and _public(rows[one], now)]
    return found


def _public(hit: Any, now: datetime) -> bool:
    """Some announcements end with their time, before a sweep takes their documents away."""
    until: datetime | None = getattr(hit, "until", None)
    return until is None or now < until


def _few(
    asked: Asked, in_memory: Mapping[str, Sequence[Document]], catalogue: Catalogue, book: Rulebook
) -> dict[str, Sequence[Any]]:
    skip, size = ((asked.page - 1) * PAGE, PAGE) if asked.kind else (0, FEW)
    return {
        name: [_thing(name, one.id, catalogue, book) for one in found[skip : skip + size]]
        for name, found in in_memory.items()
        if asked.kind in ("", name)
    }


def _thing(name: str, key: str, catalogue: Catalogue, book: Rulebook) -> ServiceItem | Rule | Guide:
    if name == "items":
        return catalogue.item(key)
    return BY_PATH[key] if name == "guides" else book.rule(key)


def _marks(wanted: Sequence[Wanted], hits: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    """The words, their synonyms, and the characters in the hits that are read like letters that were typed."""
    texts = [text for one in wanted for text in one.texts]
    spellings = [spelling for one in wanted for spelling in one.spellings]
    if spellings:
        names = {name for found in hits.values() for hit in found for name in _names(hit)}
        texts += sorted({said for name in names for spelling in spellings for said in spelt_in(name, spelling)})
    return tuple(dict.fromkeys(texts))


def _names(hit: Any) -> list[str]:
    said = [getattr(hit, name, None) for name in ("title", "name", "owner_name", "winner_name", "who")]
    return [one if isinstance(one, str) else one.zh for one in said if one and not isinstance(one, Message)]


@dataclass(frozen=True)
class Suggestion:
    """Something to go to at once, or (kind "words") to search for instead."""

    kind: str
    title: str
    link: str


async def suggestions(
    text: str, *, catalogue: Catalogue, book: Rulebook, locale: str
) -> tuple[list[Suggestion], tuple[str, ...]]:
    """A few things whose names contain or sound like what was typed so far, and what to mark in them."""
    wanted = question(text, synonyms(), typing=True)
    if not wanted:
        return [], ()
    kept = shelves(catalogue, book)
    items = [catalogue.item(one.id) for one in kept.items.find(wanted)[:SUGGESTED]]
    guides = [BY_PATH[one.id] for one in kept.guides.find(wanted)[:1]]
    agencies, projects = await asyncio.gather(_agencies_called(text), _projects_called(text))
    found = [
        *(Suggestion("words", word, "") for word in _spelt_words(text, kept)),
        *(Suggestion("items", item.name.to(locale), f"/catalogue/items/{item.code}") for item in items),
        *(Suggestion("agencies", hit.name, f"/agencies/{hit.code}") for hit in agencies),
        *(Suggestion("projects", hit.title, f"/projects/{hit.number}") for hit in projects),
        *(Suggestion("guides", guide.title, guide.path) for guide in guides),
    ]
    hits = {"names": [*agencies, *projects, *items]}
    return found, _marks(wanted, hits)


def _spelt_words(text: str, kept: Shelves) -> Sequence[str]:
    """测绘 for cehui: one word of letters may stand for a word of the trade."""
    words = words_of(text)
    return kept.vocabulary.near(words[0])[:2] if len(words) == 1 and words[0].isascii() and words[0].isalpha() else []


async def _agencies_called(text: str) -> list[Any]:
    named = await engine().suggest(text, "agencies", ANYBODY, SUGGESTED)
    rows = await kind_called("agencies").read([one.id for one in named], ANYBODY)
    return [rows[one.id] for one in named if one.id in rows]


async def _projects_called(text: str) -> list[Any]:
    named = await engine().suggest(text, "projects", ANYBODY, SUGGESTED)
    rows = await kind_called("projects").read([one.id for one in named], ANYBODY)
    return [rows[one.id] for one in named if one.id in rows]


@dataclass(frozen=True)
class Meant:
    """What somebody may have meant: texts to search for instead, and agencies whose names sound alike."""

    texts: tuple[str, ...] = ()
    agencies: tuple[Any, ...] = ()


async def meant(asked: Asked, found: Found, *, catalogue: Catalogue, book: Rulebook, now: datetime) -> Meant:
    """For letters: the words that are spelt so. Where nothing was found: words and names that sound or look alike, as far
    as a search for them finds something. Where filters leave nothing, they are what is to be changed."""
    words = words_of(asked.text)
    answered = found.total > 0 or asked.filtered
    if not words or (answered and not _letters(words)):
        return Meant()
    kept = shelves(catalogue, book)
    texts = [
        " ".join((*words[:place], near, *words[place + 1 :])) for place, word in enumerate(words) for near in kept.vocabulary.near(word)
    ]  # fmt: skip
    if answered:
        return Meant(tuple(texts[:MOST_MEANT]))
    useful = [text for text in texts[: MOST_MEANT * 2] if await _finds(text, kept, now)]
    alike = await _sounding_like(asked.text)
    if not useful and not alike and len(words) == 1:
        useful = await _in_parts(words[0], kept, now) or await _shortened(words[0], kept, now)
    return Meant(tuple(useful[:MOST_MEANT]), tuple(alike))


async def _in_parts(word: str, kept: Shelves, now: datetime) -> list[str]:
    """Two words that somebody wrote as one: 测绘 青岛 for 测绘青岛, 造价咨询 公司 for 造价咨询公司."""
    ends = range(min(len(word) - 2, LONGEST_PART), 1, -1) if not word.isascii() else ()
    return await _first((f"{word[:end]} {word[end:]}" for end in ends), kept, now)


async def _first(texts: Iterable[str], kept: Shelves, now: datetime) -> list[str]:
    """The first that finds something; [] where none does."""
    for text in texts:
        if await _finds(text, kept, now):
            return [text]
    return []


async def _shortened(word: str, kept: Shelves, now: datetime) -> list[str]:
    """As much of a word as finds something: 测绘 for chdx, 地形 for 地形侧绘; and of its end, 报名 for 怎么报名."""
    starts = range(max(len(word) - LONGEST_PART, 1), len(word) - 1) if not word.isascii() else ()
    return [
        *await _beginning_of(word, kept, now),
        *await _first((word[start:] for start in starts), kept, now),
    ]


async def _beginning_of(word: str, kept: Shelves, now: datetime) -> list[str]:
    for end in range(min(len(word) - 1, LONGEST_PART), 1, -1):
        begun = word[:end]
        near = kept.vocabulary.near(begun) if _letters((begun,)) else [begun]
        if useful := [text for text in near if await _finds(text, kept, now)]:
            return useful
    return []


def _letters(words: Sequence[str]) -> bool:
    return all(word.isascii() and word.isalpha() for word in words)


async def _finds(text: str, kept: Shelves, now: datetime) -> bool:
    wanted = question(text, synonyms())
    if any(getattr(kept, name).find(wanted) for name in SHELVES):
        return True
    for kind in ("projects", "agencies"):
        if (await engine().search(SearchQuery(kind, text, now, sort="newest", size=1), ANYBODY)).total:
            return True
    return False


async def _sounding_like(text: str) -> list[Any]:
    said = reading_of(text).syllables.replace("|", " ").split()
    return await _agencies_called("'".join(said)) if len(said) > 1 else []
