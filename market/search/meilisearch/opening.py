"""The search server that the settings name, opened once a process."""

from __future__ import annotations

from dataclasses import dataclass

from market.kernel.settings import Secret, Settings
from market.search.engines import put_in_use
from market.search.kinds import DATABASE
from market.search.meilisearch.client import SEARCH_SECONDS, WORK_SECONDS, Server
from market.search.meilisearch.engine import MeiliSearch
from market.search.meilisearch.fallback import FallbackSearch


class NoSearchServer(Exception):
    """Why the search server cannot be used as it is configured, in plain words and without a key."""


@dataclass(frozen=True)
class Opened:
    """`asked` for searches, `worked` for everything else: with another key, and with more patience."""

    asked: Server
    worked: Server
    engine: FallbackSearch

    def close(self) -> None:
        self.asked.close()
        self.worked.close()


_opened: list[Opened] = []


def check_settings(settings: Settings) -> None:
    """Raises NoSearchServer where a market must not be served like this."""
    if settings.mode == "production" and settings.meili_master_key is not None:
        raise NoSearchServer(
            "MEILI_MASTER_KEY opens everything on the search server and is for `python -m market search provision` alone:"
            " take it out of the environment and set MEILI_KEY and MEILI_WORKER_KEY."
        )


def open_search(settings: Settings) -> Opened | None:
    """Puts the server in front of PostgreSQL from now on. None where none is named."""
    if settings.meili_url is None:
        return put_in_front(None)
    import meilisearch  # noqa: F401  (at the start, not within the first visitor's patience)

    asked = Server(settings.meili_url, settings.meili_key or Secret(""), seconds=SEARCH_SECONDS)
    worked = Server(settings.meili_url, worker_key(settings), seconds=WORK_SECONDS)
    return put_in_front(Opened(asked, worked, FallbackSearch(MeiliSearch(asked), DATABASE)))


def worker_key(settings: Settings) -> Secret:
    """A market that is tried out may have a single key."""
    return settings.meili_worker_key or settings.meili_key or Secret("")


def put_in_front(opened: Opened | None) -> Opened | None:
    """For the composition root and for tests."""
    _opened[:] = [opened] if opened else []
    put_in_use(opened.engine if opened else None)
    return opened


def opened_search() -> Opened | None:
    """None where PostgreSQL alone is searched."""
    return _opened[0] if _opened else None
