"""Reading trials of a rulebook: what other numbers would do to every agency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from ratings.credit.rules.position import Position
from ratings.credit.rules.trial import Move, Summary
from ratings.credit.trial import Value

SHOWN = 20


@dataclass(frozen=True)
class TrialView:
    """`moves`: who would move, most first; empty until it is finished."""

    id: UUID
    numbers: Mapping[str, Value]
    rulebook_version: str
    asked_by: str
    asked_at: datetime
    agencies: int
    done: int
    finished_at: datetime | None
    summary: Summary | None = None
    moves: tuple[Move, ...] = ()

    @property
    def url(self) -> str:
        return f"/operator/trials/{self.id}"

    @property
    def share(self) -> int:
        """Percent of the agencies that were looked at."""
        return 100 * self.done // self.agencies if self.agencies else 0


_HEAD = "t.id, t.numbers, t.rulebook_version, p.name AS asked_by, t.asked_at, t.agencies, t.done, t.finished_at"


async def trial(trial_id: UUID) -> TrialView:
    row = await fetch_one(
        f"SELECT {_HEAD}, t.summary, t.moves FROM credit_trial t JOIN person p ON p.id = t.asked_by WHERE t.id = $1",
        trial_id,
    )
    if row is None:
        raise NotFound
    told, moves = from_json(row.pop("summary")), from_json(row.pop("moves")) or []
    return TrialView(**_head(row), summary=Summary(**told) if told else None, moves=tuple(map(_move, moves)))


async def newest() -> list[TrialView]:
    rows = await fetch(
        f"SELECT {_HEAD} FROM credit_trial t JOIN person p ON p.id = t.asked_by ORDER BY t.asked_at DESC, t.id LIMIT {SHOWN}"
    )
    return [TrialView(**_head(row)) for row in rows]


def _head(row: dict[str, Any]) -> dict[str, Any]:
    numbers = from_json(row["numbers"])
    return row | {"numbers": {key: tuple(one) if isinstance(one, list) else one for key, one in numbers.items()}}


def _move(stored: Mapping[str, Any]) -> Move:
    return Move(stored["code"], stored["name"], _position(stored["before"]), _position(stored["after"]))


def _position(stored: dict[str, Any]) -> Position:
    until = stored["paused_until"]
    return Position(**stored | {"paused_until": datetime.fromisoformat(until) if until else None})
