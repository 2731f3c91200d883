"""From messages to the queues of endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from market.kernel.db import execute_many, fetch, from_json, to_json
from market.kernel.i18n import LOCALES, speaking, translate
from market.kernel.ids import new_id
from market.notices.events import ANNOUNCEMENT, WITHHELD, event_of, outside

OTHER = "other"


async def call_endpoints(rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """One call for each endpoint that wants the message, in the messages' order; in the caller's transaction. An endpoint
    that is turned off gathers its calls, so that nothing is missing when it is on again."""
    endpoints = await fetch(
        "SELECT id, organisation_id, events FROM webhook_endpoint WHERE organisation_id = ANY ($1) AND removed_at IS NULL",
        sorted({row["organisation_id"] for row in rows}),
    )
    calls = [
        (new_id(), one["id"], row["id"], _event_id(row), body_of(row), now)
        for row in rows
        for one in endpoints
        if one["organisation_id"] == row["organisation_id"] and (not one["events"] or _event_id(row) in one["events"])
    ]
    if calls:
        await execute_many(
            "INSERT INTO webhook_call (id, endpoint_id, message_id, event, body, made_at, state, due_at, tries)"
            " VALUES ($1,$2,$3,$4,$5,$6,'waiting',$6,0) ON CONFLICT ON CONSTRAINT webhook_call_once DO NOTHING",
            calls,
        )


def _event_id(row: Mapping[str, Any]) -> str:
    event = event_of(row["event"])
    return event.id if event else OTHER


def body_of(row: Mapping[str, Any]) -> str:
    """The JSON that is sent: the same facts as in an e-mail, in both languages."""
    event = event_of(row["event"])
    text, facts = outside(event, row["text"], from_json(row["facts"]))
    return to_json({
        "type": _event_id(row), "timestamp": row["at"].isoformat(),
        "data": {
            "message": str(row["id"]), "text": {locale: _said(locale, text, facts) for locale in LOCALES},
            "facts": {name: value for name, value in facts.items() if value != WITHHELD}, "link": row["link"], "due_at": row["due_at"].isoformat() if row["due_at"] else None,
        },
    })  # fmt: skip


def _said(locale: str, text: str, facts: Mapping[str, str]) -> str:
    with speaking(locale):
        try:
            return translate(text, **facts)
        except (KeyError, IndexError, ValueError):
            return translate(ANNOUNCEMENT)
