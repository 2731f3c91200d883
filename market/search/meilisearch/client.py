"""Speaking with the search server: the official package, which waits, in threads of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from market.kernel.settings import Secret

if TYPE_CHECKING:
    import meilisearch
    from meilisearch.errors import MeilisearchApiError

T = TypeVar("T")
SEARCH_SECONDS: Final = 0.4  # a visitor gets PostgreSQL's answer rather than wait longer
WORK_SECONDS: Final = 10.0
THREADS: Final = 8
TOO_LARGE: Final = "payload_too_large"
log = logging.getLogger(__name__)


class ServerProblem(Exception):
    """The search server did not do what it was asked."""


class Unreachable(ServerProblem):
    """Nobody answers, or too late, or something other than a search server does."""


class Refused(ServerProblem):
    """The server understood and said no. `code`: its own word for the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class KeyRefused(Refused):
    """The key is wrong, or not allowed to do this."""


class Server:
    """One address, one key, one patience. Its client object is not safe to share, so each thread makes its own."""

    def __init__(self, url: str, key: Secret, *, seconds: float) -> None:
        self.url = url
        self.seconds = seconds
        self._key = key
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="search-server")
        self._of_thread = threading.local()

    async def ask(self, what: Callable[[meilisearch.Client], T]) -> T:
        """Runs a few calls of the package in a thread. Raises ServerProblem, at the latest after the patience: a server
        that sends a byte now and then must not keep a visitor waiting either."""
        work = asyncio.get_running_loop().run_in_executor(self._pool, self._work, what)
        try:
            return await asyncio.wait_for(work, self.seconds)
        except TimeoutError as late:
            raise Unreachable(f"no answer within {self.seconds:g} s") from late

    def _work(self, what: Callable[[meilisearch.Client], T]) -> T:
        from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchTimeoutError

        try:
            return what(self._client())
        except MeilisearchApiError as answer:
            raise _problem(answer) from answer
        except MeilisearchTimeoutError as silence:
            raise Unreachable(f"no answer within {self.seconds:g} s") from silence
        except MeilisearchCommunicationError as silence:
            raise Unreachable("no connection") from silence
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as nonsense:
            # A proxy's page in place of an answer: the package hands on whatever fails on it.
            raise Unreachable(f"not an answer of a search server: {_short(str(nonsense))}") from nonsense

    def _client(self) -> meilisearch.Client:
        import meilisearch  # (0.25 s and 14 MB, which a market without a server does not pay)

        client: meilisearch.Client | None = getattr(self._of_thread, "client", None)
        if client is None:
            patience: Any = self.seconds  # typed as whole seconds, handed on to a library that takes parts of one
            client = meilisearch.Client(self.url, self._key.reveal(), timeout=patience)
            self._of_thread.client = client
        return client

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _problem(answer: MeilisearchApiError) -> ServerProblem:
    status, code = answer.status_code, answer.code
    if status == 413:  # a proxy in between says no more than that
        return Refused(TOO_LARGE, _short(answer.message))
    if code is None or status >= 500 or status == 429:
        return Unreachable(f"HTTP {status}: {_short(answer.message)}")
    return (KeyRefused if status in (401, 403) else Refused)(code, _short(answer.message))


def _short(message: str) -> str:
    """One line for logs and for the operator's page, without markup of somebody's error page."""
    return " ".join(message.partition(". Hint: ")[0].split())[:200]
