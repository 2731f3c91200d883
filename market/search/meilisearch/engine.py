"""The search server as an engine of the market's search."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from market.search.interface import (
    LARGEST_PAGE,
    ApplyReceipt,
    Document,
    Health,
    IndexOp,
    Scope,
    SearchPage,
    SearchQuery,
    Suggestion,
)
from market.search.kinds import kind_called, kinds
from market.search.meilisearch import indexes
from market.search.meilisearch.client import Server, ServerProblem
from market.search.meilisearch.documents import index_of
from market.search.meilisearch.queries import (
    Attempt,
    attempts,
    first_question,
    further_questions,
    page_from,
)
from market.search.words import words_of

if TYPE_CHECKING:
    import meilisearch

NAMES = ("title", "code", "company", "py")
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # no filter of a suggestion looks at the time


class MeiliSearch:
    """Answers from the server alone; raises ServerProblem where that cannot be. Who shows results asks
    `FallbackSearch`, which never does."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def search(self, query: SearchQuery, scope: Scope) -> SearchPage:
        return await self.server.ask(lambda client: _search(client, query, scope))

    async def suggest(self, prefix: str, kind: str, scope: Scope, limit: int) -> Sequence[Suggestion]:
        """The server names ids, the rows say what they are called at this moment."""
        tries = attempts(prefix, typing=True)[:-1]  # nothing is suggested for a part of what was typed
        if not words_of(prefix) or limit < 1:
            return ()
        ids = await self.server.ask(lambda client: _suggested(client, kind, scope, tries, limit))
        titles = {one.id: one.title async for one in kind_called(kind).documents(ids) if one.visibility in scope.sees}
        return [Suggestion(kind, one, titles[one]) for one in ids if one in titles]

    async def apply(self, ops: Sequence[IndexOp]) -> ApplyReceipt:
        """Sends them; the server does them later, in this order. The outbox is what sees to it that they are done."""
        tasks: list[int] = []
        for kind in dict.fromkeys(op.kind for op in ops):
            mine = [op for op in ops if op.kind == kind]
            uid = index_of(kind)
            if documents := [op.document for op in mine if op.document is not None]:
                tasks.append(await indexes.replace(self.server, uid, documents))
            if gone := [op.id for op in mine if op.document is None]:
                tasks.append(await indexes.remove(self.server, uid, gone))
        return ApplyReceipt(len(ops), tuple(tasks))

    async def rebuild(self, kind: str, documents: AsyncIterator[Document]) -> int:
        """Without regard to changes that come meanwhile: `market.search.meilisearch.rebuilding` knows of those."""
        uid = f"{index_of(kind)}_{uuid4().hex[:12]}"
        await indexes.create(self.server, uid)
        try:
            filled = await indexes.fill(self.server, uid, documents, lambda sent: None)
            if filled.failed:
                raise indexes.NotTheSame(f"{uid}: {len(filled.failed)} batches were refused")
            await indexes.verify(self.server, uid, filled)
            await indexes.exchange(self.server, kind, uid)
        finally:
            await indexes.drop(self.server, uid)
        return len(filled.ids)

    async def health(self) -> Health:
        try:
            counts = await self.server.ask(_counts)
        except ServerProblem as problem:
            return Health(False, "meilisearch", problem=str(problem))
        return Health(True, "meilisearch", counts)


def _counts(client: meilisearch.Client) -> dict[str, int]:
    """Documents of the kinds that are searched; what is being built or was replaced does not count."""
    found = client.http.get("stats")["indexes"]
    known = {index_of(kind.name): kind.name for kind in kinds()}
    return {known[uid]: int(one["numberOfDocuments"]) for uid, one in found.items() if uid in known}


def _search(client: meilisearch.Client, query: SearchQuery, scope: Scope) -> SearchPage:
    """Tries one way after another until something is found, then counts the facets of that way."""
    for attempt in attempts(query.text):
        first = _ask(client, [first_question(query, scope, attempt)])[0]
        if first["totalHits"]:
            break
    further = further_questions(query, scope, attempt)
    answers = _ask(client, [one.asked for one in further]) if further else []
    return page_from(first, list(zip(further, answers, strict=True)))


def _ask(client: meilisearch.Client, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    answer = client.multi_search(list(questions))
    results: list[dict[str, Any]] = answer["results"]
    if len(results) != len(questions):
        raise ValueError("fewer answers than questions")
    return results


def _suggested(client: meilisearch.Client, kind: str, scope: Scope, tries: Sequence[Attempt], limit: int) -> list[str]:
    query = SearchQuery(kind, "", _ANY_TIME, size=min(limit, LARGEST_PAGE))
    for attempt in tries:
        named = replace(attempt, attributes=NAMES)
        hits = _ask(client, [first_question(query, scope, named)])[0]["hits"]
        if hits:
            return [str(hit["id"]) for hit in hits]
    return []
