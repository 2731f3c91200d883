"""How often a token or an address may ask. Counted in the database: any number of processes share the count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from litestar.types import Scope

from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch_one
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.settings import Settings
from market.web.context import Running
from market.web.problems import Problem, Unprocessed
from market.web.viewer import Viewer

WINDOW: Final = timedelta(minutes=1)
_COUNT = """
INSERT INTO api_allowance AS a (subject, since, used) VALUES ($1, $2, 1)
ON CONFLICT (subject) DO UPDATE SET used = CASE WHEN a.since = excluded.since THEN least(a.used + 1, 1000000000) ELSE 1 END,
                                    since = greatest(a.since, excluded.since)
RETURNING used
"""


@dataclass(frozen=True)
class Allowance:
    most: int
    used: int
    seconds_left: int

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit fields of the IETF's httpapi working group."""
        window = int(WINDOW.total_seconds())
        return {
            "ratelimit-policy": f'"minute";q={self.most};w={window}',
            "ratelimit": f'"minute";r={max(self.most - self.used, 0)};t={self.seconds_left}',
        }


async def count(scope: Scope) -> Mapping[str, str]:
    """Counts a request by its token or address; headers for its answer, whatever that is. Raises Unprocessed (429)."""
    client = scope.get("client")
    here: Running = scope["app"].state.running
    allowance = await take(scope["state"]["viewer"], client[0] if client else "", here.settings)
    return allowance.headers


async def take(viewer: Viewer, address: str, settings: Settings) -> Allowance:
    """Counts one request. Raises Unprocessed (429) where the minute's share is used up."""
    subject = f"token:{viewer.token_id}" if viewer.token_id else f"address:{address}"
    most = settings.api_token_limit if viewer.token_id else settings.api_address_limit
    now = wall_now()
    began = _window(now)
    row = await fetch_one(_COUNT, subject, began)
    assert row is not None
    left = max(int((began + WINDOW - now).total_seconds()) + 1, 1)
    allowance = Allowance(most, row["used"], left)
    if allowance.used > most:
        raise Unprocessed(_too_many(allowance))
    return allowance


def _window(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def _too_many(allowance: Allowance) -> Problem:
    return Problem(
        429, "too_many_requests", Message(N_("More than {most} requests in a minute."), {"most": allowance.most}),
        Message(N_("Wait {seconds} seconds; ask with If-None-Match, and with after=… instead of from the beginning."),
                {"seconds": allowance.seconds_left}),
        headers={"retry-after": str(allowance.seconds_left), **allowance.headers},
    )  # fmt: skip


async def forget_old() -> int:
    return await execute("DELETE FROM api_allowance WHERE since < $1", wall_now() - timedelta(hours=1))
