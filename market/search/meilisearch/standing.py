"""How the search server stands: for the command line and for the operator's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from market.kernel.clock import wall_now
from market.kernel.db import fetch
from market.kernel.i18n import N_
from market.search.meilisearch import indexes
from market.search.meilisearch.client import KeyRefused, Server, ServerProblem
from market.search.meilisearch.documents import index_of
from market.search.meilisearch.fallback import LATE

_ROWS = """
SELECT k.kind, i.built_at, i.broken, i.broken_at, i.building, i.compared_at, l.failures, l.problem, l.retry_at,
    (SELECT count(*) FROM search_document d WHERE d.kind = k.kind) AS there_are,
    (SELECT count(*) FROM search_outbox o WHERE o.kind = k.kind AND o.target = 'live') AS waiting,
    (SELECT min(noted_at) FROM search_outbox o WHERE o.kind = k.kind AND o.target = 'live') AS oldest,
    (SELECT count(*) FROM search_refused r WHERE r.kind = k.kind) AS refused
FROM unnest($1::text[]) WITH ORDINALITY AS k (kind, place)
LEFT JOIN search_index i ON i.kind = k.kind LEFT JOIN search_lease l ON l.kind = k.kind
ORDER BY k.place
"""
NOT_BUILT = N_("Not built yet: run “python -m market search rebuild”.")
GONE = N_("What the server holds is not what there is: run “python -m market search rebuild”.")
KEY = N_("The server refuses the key: run “python -m market search provision” and set the keys that it prints.")
SILENT = N_("The server does not answer as a search server does: look whether it runs, and whether MEILI_URL names it.")
BEHIND = N_("The server is behind: look whether a worker runs and whether the server has work to finish.")
REFUSED = N_("The server would not take some documents; they are found without it only.")


@dataclass(frozen=True)
class Standing:
    """Of one kind. `on_server`: documents there, None where nobody could say. `trouble`: what is wrong and what to do, ""
    where all is well; `details`: the words of the server or of the last attempt."""

    kind: str
    there_are: int
    on_server: int | None
    waiting: int
    lag_seconds: float
    refused: int
    built_at: datetime | None
    compared_at: datetime | None
    building: bool
    trouble: str
    details: str


async def standings(server: Server, kinds: Sequence[str]) -> list[Standing]:
    """Asks the server; one that does not answer is told of, not raised."""
    now = wall_now()
    return [await _standing(server, row, now) for row in await fetch(_ROWS, list(kinds))]


async def _standing(server: Server, row: dict[str, Any], now: datetime) -> Standing:
    on_server, problem = None, None
    try:
        on_server = await indexes.documents_in(server, index_of(row["kind"]))
    except ServerProblem as caught:
        problem = caught
    lag = now - row["oldest"] if row["oldest"] else timedelta(0)
    return Standing(
        row["kind"], row["there_are"], on_server, row["waiting"], lag.total_seconds(), row["refused"], row["built_at"], row["compared_at"],
        row["building"] is not None, _trouble(row, lag, problem), str(problem or row["broken"] or row["problem"] or ""),
    )  # fmt: skip


def _trouble(row: dict[str, Any], lag: timedelta, problem: ServerProblem | None) -> str:
    if isinstance(problem, KeyRefused):
        return KEY
    if problem is not None:
        return SILENT
    if row["built_at"] is None:
        return NOT_BUILT
    if row["broken"]:
        return GONE
    if lag > LATE:
        return BEHIND
    return REFUSED if row["refused"] else ""


async def refused_documents(limit: int) -> list[dict[str, Any]]:
    """Latest first: kind, entity_id, reason, refused_at."""
    return await fetch("SELECT * FROM search_refused ORDER BY refused_at DESC, kind, entity_id LIMIT $1", limit)


async def oldest_trouble() -> datetime | None:
    """Since when something is wrong that the database knows of; None where nothing is. Asks no server."""
    rows = await fetch(
        "SELECT min(at) AS since FROM (SELECT broken_at AS at FROM search_index WHERE broken <> ''"
        " UNION ALL SELECT refused_at FROM search_refused"
        " UNION ALL SELECT min(noted_at) FROM search_outbox WHERE target = 'live' HAVING min(noted_at) < $1) AS one",
        wall_now() - LATE,
    )
    since: datetime | None = rows[0]["since"]
    return since
