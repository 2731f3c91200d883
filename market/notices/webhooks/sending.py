"""Calling endpoints: one call at a time for each, in order. The endpoint is claimed, called outside of any transaction, and
what came of it is written down with its consequences."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from market.accounts.actions import tell
from market.accounts.passwords import unseal
from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import beijing_date
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch_one, transaction
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.notices.post import Post
from market.notices.rules import pause_after
from market.notices.webhooks.actions import PURPOSE
from market.notices.webhooks.network import Answer, Resolve, call, look_up
from market.notices.webhooks.queries import Limits, limits_of
from market.notices.webhooks.rules import Health, Outcome, health, outcome_of, signed_headers

LEASE: Final = timedelta(minutes=1)
CALLERS: Final = 8
AT_ONCE: Final = 50  # calls of each caller
_CLAIM = """
UPDATE webhook_endpoint SET claimed_until = $3 WHERE id = (
    SELECT e.id FROM webhook_endpoint e JOIN LATERAL (
        SELECT c.due_at FROM webhook_call c WHERE c.endpoint_id = e.id AND c.state = 'waiting' ORDER BY c.no LIMIT 1
    ) first ON first.due_at <= $1
    WHERE e.disabled_at IS NULL AND e.removed_at IS NULL AND (e.claimed_until IS NULL OR e.claimed_until <= $2)
    ORDER BY first.due_at, e.id LIMIT 1 FOR NO KEY UPDATE OF e SKIP LOCKED)
RETURNING id, organisation_id, url, secret_sealed, former_secret_sealed, former_until, failing_since, warned_at
"""
_FIRST = "SELECT id, body, tries FROM webhook_call WHERE endpoint_id = $1 AND state = 'waiting' AND due_at <= $2 ORDER BY no LIMIT 1"
_OFF = N_(
    "Your webhook at {host} was turned off: it has failed since {since}. Put it right, then turn it on again; nothing is lost."
)
_GONE = N_("Your webhook at {host} was turned off because it answered that it is gone. Nothing is lost.")
_WARNING = N_("Your webhook at {host} has failed since {since}. It is turned off on {until} unless it answers before.")


async def call_due(post: Post, now: datetime, *, resolve: Resolve = look_up) -> int:
    """Makes the calls that are due, a few endpoints at a time; returns how many it made. A slow endpoint holds up one
    caller, and the lease of its row keeps its calls in order."""
    limits = limits_of(await rulebook_in_force(post.region, now))
    return sum(await asyncio.gather(*(_call_on(post, limits, now, resolve) for _ in range(CALLERS))))


async def _call_on(post: Post, limits: Limits, now: datetime, resolve: Resolve) -> int:
    for done in range(AT_ONCE):
        endpoint = await fetch_one(_CLAIM, now, wall_now(), wall_now() + LEASE)
        if endpoint is None:
            return done
        await _call_first(post, endpoint, limits, now, resolve)
    return AT_ONCE


async def _call_first(post: Post, endpoint: Mapping[str, Any], limits: Limits, now: datetime, resolve: Resolve) -> None:
    first = await fetch_one(_FIRST, endpoint["id"], now)
    if first is None:
        await execute("UPDATE webhook_endpoint SET claimed_until = NULL WHERE id = $1", endpoint["id"])
        return
    began = time.monotonic_ns()
    headers = signed_headers(
        _secrets(post, endpoint, now), str(first["id"]), int(wall_now().timestamp()), first["body"]
    )
    answer = await call(endpoint["url"], headers, first["body"], to_this_machine=post.to_this_machine, resolve=resolve)
    await _write_down(endpoint, first, answer, (time.monotonic_ns() - began) // 1_000_000, limits, now)


def _secrets(post: Post, endpoint: Mapping[str, Any], now: datetime) -> list[str]:
    sealed = [endpoint["secret_sealed"]]
    if endpoint["former_until"] is not None and now < endpoint["former_until"]:
        sealed.append(endpoint["former_secret_sealed"])
    return [secret for one in sealed if (secret := unseal(post.key, PURPOSE, one)) is not None]


async def _write_down(
    endpoint: Mapping[str, Any],
    first: Mapping[str, Any],
    answer: Answer,
    milliseconds: int,
    limits: Limits,
    now: datetime,
) -> None:
    tries = first["tries"] + 1
    outcome = outcome_of(answer.status, tries)
    async with transaction():
        await execute(
            "INSERT INTO webhook_try VALUES ($1,$2,$3,$4,$5,$6,$7)",
            new_id(), first["id"], now, answer.status, answer.problem, milliseconds, answer.text,
        )  # fmt: skip
        await _settle_call(first["id"], outcome, tries, now)
        if outcome is Outcome.DELIVERED:
            await execute(
                "UPDATE webhook_endpoint SET failing_since = NULL, warned_at = NULL, claimed_until = NULL WHERE id = $1",
                endpoint["id"],
            )
        else:
            await _settle_failure(endpoint, outcome, limits, now)


async def _settle_call(call_id: UUID, outcome: Outcome, tries: int, now: datetime) -> None:
    if outcome in {Outcome.DELIVERED, Outcome.SET_ASIDE}:
        state = "delivered" if outcome is Outcome.DELIVERED else "refused"
        await execute(
            "UPDATE webhook_call SET state = $2, ended_at = $3, tries = $4 WHERE id = $1 AND state = 'waiting'",
            call_id, state, now, tries,
        )  # fmt: skip
    else:
        await execute(
            "UPDATE webhook_call SET due_at = $2, tries = $3 WHERE id = $1 AND state = 'waiting'",
            call_id, now + pause_after(tries, secrets.randbelow(1000)), tries,
        )  # fmt: skip


async def _settle_failure(endpoint: Mapping[str, Any], outcome: Outcome, limits: Limits, now: datetime) -> None:
    """Counts the failure, and warns or turns off by the announced rules."""
    since = endpoint["failing_since"] or now
    state = health(since, now, warn=limits.warn, off=limits.off)
    await execute(
        "UPDATE webhook_endpoint SET failing_since = $2, claimed_until = NULL WHERE id = $1", endpoint["id"], since
    )
    if outcome is Outcome.GONE or state is Health.OFF:
        await execute(
            "UPDATE webhook_endpoint SET disabled_at = $2, disabled_by = 'rule' WHERE id = $1", endpoint["id"], now
        )
        await _tell(endpoint, _GONE if outcome is Outcome.GONE else _OFF, "off", since, limits, now)
    elif state is Health.WARN and endpoint["warned_at"] is None:
        await execute("UPDATE webhook_endpoint SET warned_at = $2 WHERE id = $1", endpoint["id"], now)
        await _tell(endpoint, _WARNING, "failing", since, limits, now)


async def _tell(
    endpoint: Mapping[str, Any], text: str, what: str, since: datetime, limits: Limits, now: datetime
) -> None:
    facts = {
        "host": urlsplit(endpoint["url"]).hostname or "", "since": beijing_date(since).isoformat(),
        "until": beijing_date(since + limits.off).isoformat(),
    }  # fmt: skip
    await tell(
        endpoint["organisation_id"], text, link=f"/account/webhooks/{endpoint['id']}", facts=facts, now=now,
        cause=f"webhook.{what}:{endpoint['id']}:{now.isoformat()}",
    )  # fmt: skip
