"""Reading an organisation's webhooks and the calls that were made to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.catalogue.rules import Rulebook
from market.kernel.calendar import ONE_DAY
from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound

CALLS_SHOWN = 20


@dataclass(frozen=True)
class EndpointView:
    id: UUID
    organisation_id: UUID
    url: str
    events: list[str]
    made_at: datetime
    former_until: datetime | None
    failing_since: datetime | None
    warned_at: datetime | None
    disabled_at: datetime | None
    disabled_by: str | None

    @property
    def page(self) -> str:
        return f"/account/webhooks/{self.id}"

    @property
    def state(self) -> str:
        """on | failing | off | off_by_rule"""
        if self.disabled_at is not None:
            return "off_by_rule" if self.disabled_by == "rule" else "off"
        return "failing" if self.failing_since is not None else "on"


@dataclass(frozen=True)
class Limits:
    """After so long a failure the organisation is warned, and the endpoint is turned off."""

    warn: timedelta
    off: timedelta


def limits_of(book: Rulebook) -> Limits:
    return Limits(
        ONE_DAY * book.calendar_days("message.webhook_warn_days"),
        ONE_DAY * book.calendar_days("message.webhook_off_days"),
    )


_COLUMNS = "id, organisation_id, url, events, made_at, former_until, failing_since, warned_at, disabled_at, disabled_by"


async def endpoints_of(organisation_id: UUID) -> list[EndpointView]:
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE organisation_id = $1 AND removed_at IS NULL ORDER BY made_at, id",
        organisation_id,
    )
    return [EndpointView(**row) for row in rows]


async def access_endpoint(organisation_id: UUID | None, endpoint_id: UUID) -> EndpointView:
    """One's own organisation's; NotFound for any other, and for one that was removed."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE id = $1 AND organisation_id = $2 AND removed_at IS NULL",
        endpoint_id, organisation_id,
    )  # fmt: skip
    if row is None:
        raise NotFound
    return EndpointView(**row)


@dataclass(frozen=True)
class CallView:
    """`tries_made`: newest first, each with at, status, problem, milliseconds, answer."""

    id: UUID
    no: int
    event: str
    body: str
    made_at: datetime
    state: str
    due_at: datetime
    tries: int
    ended_at: datetime | None
    tries_made: list[dict[str, Any]]


async def calls_of(endpoint_id: UUID, page: int) -> tuple[list[CallView], int]:
    """One page of the delivery log, newest first, and how many calls there are."""
    total: int = await fetch_value("SELECT count(*) FROM webhook_call WHERE endpoint_id = $1", endpoint_id)
    last = max(-(-total // CALLS_SHOWN), 1)
    rows = await fetch(
        "SELECT id, no, event, body, made_at, state, due_at, tries, ended_at FROM webhook_call WHERE endpoint_id = $1"
        " ORDER BY no DESC LIMIT $2 OFFSET $3",
        endpoint_id, CALLS_SHOWN, (min(page, last) - 1) * CALLS_SHOWN,
    )  # fmt: skip
    tries: dict[UUID, list[dict[str, Any]]] = {}
    for row in await fetch(
        "SELECT call_id, at, status, problem, milliseconds, answer FROM webhook_try WHERE call_id = ANY ($1)"
        " ORDER BY at DESC, id DESC",
        [row["id"] for row in rows],
    ):
        tries.setdefault(row["call_id"], []).append(row)
    return [CallView(**row, tries_made=tries.get(row["id"], [])) for row in rows], total


async def waiting_calls(endpoint_id: UUID) -> int:
    waiting: int = await fetch_value(
        "SELECT count(*) FROM webhook_call WHERE endpoint_id = $1 AND state = 'waiting'", endpoint_id
    )
    return waiting
