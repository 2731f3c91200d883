"""What administrators of an organisation do with its endpoints, and what calling them comes to."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from market.accounts.passwords import seal
from market.kernel.db import execute, fetch_one, fetch_value, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.settings import Secret
from market.notices.webhooks.queries import EndpointView
from market.notices.webhooks.rules import MOST_ENDPOINTS, ROTATION, SECRET_BYTES, SECRET_PREFIX

PURPOSE: Final = "webhook-secret"
PING: Final = "ping"


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


async def add_endpoint(
    organisation_id: UUID, person_id: UUID, url: str, events: Sequence[str], *, key: Secret, now: datetime
) -> tuple[UUID, str]:
    """The endpoint's id and its secret, which is shown once and kept encrypted. The address was checked by the caller, and
    is checked again with every call. Raises Refusal beyond the most endpoints an organisation may have."""
    secret, endpoint_id = _new_secret(), new_id()
    async with transaction():
        await fetch_one("SELECT id FROM organisation WHERE id = $1 FOR NO KEY UPDATE", organisation_id)
        count = await fetch_value(
            "SELECT count(*) FROM webhook_endpoint WHERE organisation_id = $1 AND removed_at IS NULL", organisation_id
        )
        if count >= MOST_ENDPOINTS:
            raise Refusal("webhook.most", N_("An organisation has at most {most} webhooks."),
                          todo=N_("Remove one that you no longer need."), most=MOST_ENDPOINTS)  # fmt: skip
        await execute(
            "INSERT INTO webhook_endpoint (id, organisation_id, url, events, secret_sealed, made_by, made_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7)",
            endpoint_id, organisation_id, url, list(events), seal(key, PURPOSE, secret), person_id, now,
        )  # fmt: skip
    return endpoint_id, secret


async def rotate(endpoint: EndpointView, *, key: Secret, now: datetime) -> str:
    """A new secret; the present one signs beside it for a day."""
    secret = _new_secret()
    await execute(
        "UPDATE webhook_endpoint SET former_secret_sealed = secret_sealed, former_until = $3, secret_sealed = $2 WHERE id = $1",
        endpoint.id, seal(key, PURPOSE, secret), now + ROTATION,
    )  # fmt: skip
    return secret


async def turn(endpoint: EndpointView, *, on: bool, now: datetime) -> None:
    """Off by the organisation, or on again whoever turned it off; what gathered meanwhile is then sent in order."""
    if on:
        await execute(
            "UPDATE webhook_endpoint SET disabled_at = NULL, disabled_by = NULL, failing_since = NULL, warned_at = NULL"
            " WHERE id = $1",
            endpoint.id,
        )
        await execute(
            "UPDATE webhook_call SET due_at = $2 WHERE endpoint_id = $1 AND state = 'waiting'", endpoint.id, now
        )
    else:
        await execute(
            "UPDATE webhook_endpoint SET disabled_at = $2, disabled_by = 'organisation' WHERE id = $1 AND disabled_at IS NULL",
            endpoint.id, now,
        )  # fmt: skip


async def remove(endpoint: EndpointView, *, now: datetime) -> None:
    """Nothing is sent there any more; its log stays with the market."""
    async with transaction():
        await execute(
            "UPDATE webhook_endpoint SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL", endpoint.id, now
        )
        await execute(
            "UPDATE webhook_call SET state = 'refused', ended_at = $2 WHERE endpoint_id = $1 AND state = 'waiting'",
            endpoint.id, now,
        )  # fmt: skip


async def ping(endpoint: EndpointView, *, now: datetime) -> None:
    """A call that means nothing, behind whatever waits before it."""
    body = to_json({"type": PING, "timestamp": now.isoformat(), "data": {}})
    await execute(
        "INSERT INTO webhook_call (id, endpoint_id, event, body, made_at, state, due_at, tries)"
        " VALUES ($1,$2,$3,$4,$5,'waiting',$5,0)",
        new_id(), endpoint.id, PING, body, now,
    )  # fmt: skip


async def replay(endpoint: EndpointView, call_id: UUID, *, and_later: bool, now: datetime) -> int:
    """Sends a call again, or it and everything after it, in the old order and under the old ids: whoever has them already
    knows them as copies. Returns how many wait now that did not before. NotFound for a call of another endpoint."""
    no = await fetch_value("SELECT no FROM webhook_call WHERE id = $1 AND endpoint_id = $2", call_id, endpoint.id)
    if no is None:
        raise NotFound
    return await execute(
        "UPDATE webhook_call SET state = 'waiting', ended_at = NULL, tries = 0, due_at = $4"
        " WHERE endpoint_id = $1 AND state <> 'waiting' AND (no = $2 OR ($3 AND no > $2))",
        endpoint.id, no, and_later, now,
    )  # fmt: skip
