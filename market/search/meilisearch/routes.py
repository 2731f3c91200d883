"""The operator's page of the search server."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.search.kinds import DATABASE, kinds
from market.search.meilisearch.opening import opened_search
from market.search.meilisearch.standing import oldest_trouble, refused_documents, standings
from market.web.pages import render
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer, require_viewer

PAGE = "/operator/search"
MOST_REFUSED = 50
KIND_NAMES = {"projects": N_("Projects"), "announcements": N_("Announcements"), "agencies": N_("Agencies")}
# How searches of this process ended, in the words of FallbackSearch.counts.
ENDINGS = {
    "meilisearch": N_("Answered by the search server"),
    "postgresql": N_("Better answered by the database: single characters, other orders"),
    "not usable": N_("Answered by the database: the server is not ready"),
    "not asked": N_("Answered by the database: the server was not asked after failures"),
    "failed": N_("Answered by the database: the server did not answer"),
    "index gone": N_("Answered by the database: the index is gone"),
    "refused": N_("Answered by the database: the server did not understand the question"),
}


@get(PAGE)
async def server_page(request: Request[Any, Any, Any]) -> Response[str]:
    require_viewer(request, "operator")
    opened = opened_search()
    found = await standings(opened.worked, [kind.name for kind in kinds()]) if opened else []
    counts = opened.engine.counts if opened else {}
    return render(
        request, "search/server.html", address=urlsplit(opened.worked.url).netloc.rpartition("@")[2] if opened else None, found=found, kind_names=KIND_NAMES,
        pausing=bool(opened and opened.engine.breaker.open), in_database=sum((await DATABASE.health()).documents.values()),
        endings=[(label, counts[name]) for name, label in ENDINGS.items() if counts.get(name)],
        refused=await refused_documents(MOST_REFUSED),
    )  # fmt: skip


@waiting("market.search.server")
async def to_look_at(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Searches go on without the server, so nobody else would notice."""
    if not viewer.is_operator or opened_search() is None:
        return []
    since = await oldest_trouble()
    return [Waiting(Message(N_("The search server needs looking after")), PAGE, since, None)] if since else []


routes: list[Any] = [server_page]
