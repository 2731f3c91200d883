"""What a search is, whichever engine answers it.

An engine returns ids only. What a page shows is read again from the rows as they are, with the viewer's permission:
so an engine that is behind can show nothing that was taken back, and none needs to be trusted with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias

LARGEST_PAGE: Final = 50
DEEPEST: Final = 1000  # hits further down are nobody's answer: filters are
PUBLIC: Final = "public"

Field: TypeAlias = Literal[
    "region", "service_class", "service_item", "method", "stage", "outcome", "band", "amount_fen", "published_at", "deadline",
    "id",
]  # fmt: skip
Facet: TypeAlias = Literal["region", "service_class", "method", "stage", "outcome", "band", "deadline"]
Sort: TypeAlias = Literal["relevance", "newest", "deadline", "budget"]
Backend: TypeAlias = Literal["postgresql", "meilisearch"]
Value: TypeAlias = str | int | datetime

# "deadline" is counted in these spans from `SearchQuery.now` on: key -> (after, until); None has no end.
DEADLINES: Final[Mapping[str, tuple[timedelta | None, timedelta | None]]] = {
    "over": (None, timedelta(0)),
    "2d": (timedelta(0), timedelta(days=2)),
    "7d": (timedelta(days=2), timedelta(days=7)),
    "later": (timedelta(days=7), None),
}


@dataclass(frozen=True)
class Scope:
    """Whose eyes search: documents of any other visibility do not exist for it. Never optional, never guessed."""

    sees: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.sees:
            raise ValueError("a scope that sees nothing is a mistake")


ANYBODY: Final = Scope((PUBLIC,))


@dataclass(frozen=True)
class Eq:
    """The field has this value; "region", "service_class" and "service_item" have several: one of them is it."""

    field: Field
    value: str


@dataclass(frozen=True)
class In:
    """The field has one of these values; "deadline" takes keys of DEADLINES."""

    field: Field
    values: tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """low < field <= high for moments, low <= field < high for fen; None has no end there."""

    field: Literal["amount_fen", "published_at", "deadline"]
    low: int | datetime | None = None
    high: int | datetime | None = None


Filter: TypeAlias = Eq | In | Range


@dataclass(frozen=True)
class SearchQuery:
    """One page of one kind. `text`: as typed; "" finds everything that passes the filters. `page` from 1.
    Raises ValueError for a page or size that no engine serves: pages check first, and say so kindly."""

    kind: str
    text: str
    now: datetime
    filters: tuple[Filter, ...] = ()
    sort: Sort = "relevance"
    facets: tuple[Facet, ...] = ()
    page: int = 1
    size: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.size <= LARGEST_PAGE:
            raise ValueError(f"a page has 1 to {LARGEST_PAGE} hits, not {self.size}")
        if self.page < 1 or self.page * self.size > DEEPEST:
            raise ValueError(f"page {self.page} of {self.size} lies beyond hit {DEEPEST}")


@dataclass(frozen=True)
class SearchPage:
    """`facets`: name -> value -> hits that would remain, counted without that facet's own filter; "region" counts every
    region of the path. `degraded`: another engine than the one that was set up had to answer."""

    hits: tuple[str, ...]
    total: int
    total_exact: bool = True
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    backend: Backend = "postgresql"
    degraded: bool = False


@dataclass(frozen=True)
class Suggestion:
    """Something that what was typed so far may become. `text` is its title or name."""

    kind: str
    id: str
    text: str


@dataclass(frozen=True)
class Document:
    """Everything of a thing that an engine may know: public fields by name, nothing by default. Texts as people read
    them; `service` holds the names of the service items; `company` those of the owner and of the agency selected.
    `regions`: the path from the province down. `band`: key of the price band. How title, service and company are read
    aloud (pinyin) follows from them: market.search.reading."""

    kind: str
    id: str
    title: str
    code: str = ""
    service: str = ""
    company: str = ""
    body: str = ""
    regions: tuple[str, ...] = ()
    service_classes: tuple[str, ...] = ()
    service_items: tuple[str, ...] = ()
    method: str = ""
    stage: str = ""
    outcome: str = ""
    band: str = ""
    amount_fen: int = 0
    published_at: datetime | None = None
    deadline: datetime | None = None
    visibility: str = PUBLIC


@dataclass(frozen=True)
class IndexOp:
    """`document` None: the thing is gone, or nobody may find it any more."""

    kind: str
    id: str
    document: Document | None


@dataclass(frozen=True)
class ApplyReceipt:
    """`tasks`: numbers under which a server does the work later; none where it is done."""

    applied: int
    tasks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Health:
    """`documents`: kind -> how many the engine holds; `lag_seconds`: age of the oldest change it does not know."""

    ready: bool
    backend: Backend
    documents: Mapping[str, int] = field(default_factory=dict)
    lag_seconds: float = 0.0
    problem: str = ""


class SearchEngine(Protocol):
    """Raises nothing for what people type; connection errors are the engine's own to raise."""

    async def search(self, query: SearchQuery, scope: Scope) -> SearchPage: ...

    async def suggest(self, prefix: str, kind: str, scope: Scope, limit: int) -> Sequence[Suggestion]: ...

    async def apply(self, ops: Sequence[IndexOp]) -> ApplyReceipt:
        """Replaces whole documents, so doing it twice is doing it once."""
        ...

    async def rebuild(self, kind: str, documents: AsyncIterator[Document]) -> int:
        """Exchanges all documents of a kind at once; searches never see half of them. Returns how many there are."""
        ...

    async def health(self) -> Health: ...
