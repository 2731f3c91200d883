"""A trial is asked for and runs in the background. It reads the history and writes its own row, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from market.kernel.db import execute, to_json, transaction
from market.kernel.ids import new_id
from market.kernel.jobs import defer
from market.register.queries import utc_text
from market.web.viewer import Viewer
from ratings.credit.rules.position import Position
from ratings.credit.rules.trial import Move, summary
from ratings.credit.trial import Value, tried
from ratings.trials import queries

RUN: Final = "ratings.trials.run"


async def ask(numbers: Mapping[str, Value], version: str, *, viewer: Viewer, now: datetime) -> UUID:
    """`numbers`: those that differ, checked already; `version`: of the rulebook that they differ from."""
    trial_id = new_id()
    async with transaction():
        await execute(
            "INSERT INTO credit_trial (id, numbers, rulebook_version, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5)",
            trial_id, to_json(dict(numbers)), version, viewer.person_id, now,
        )  # fmt: skip
        await defer(RUN, trial=str(trial_id))
    return trial_id


async def run(trial_id: UUID, *, now: datetime) -> None:
    """A trial that was broken off runs again from its beginning; a finished one stays."""
    asked = await queries.trial(trial_id)
    if asked.finished_at is not None:
        return

    async def step(done: int, agencies: int) -> None:
        await execute("UPDATE credit_trial SET done = $2, agencies = $3 WHERE id = $1", trial_id, done, agencies)

    moves = await tried(asked.numbers, now, step=step)
    moved = sorted((move for move in moves if move.moved), key=lambda move: (-abs(move.change), move.code))
    await execute(
        "UPDATE credit_trial SET summary = $2, moves = $3, finished_at = $4 WHERE id = $1",
        trial_id, to_json(asdict(summary(moves))), to_json([_stored(move) for move in moved]), now,
    )  # fmt: skip


def _stored(move: Move) -> dict[str, object]:
    return {"code": move.code, "name": move.name, "before": _place(move.before), "after": _place(move.after)}


def _place(position: Position) -> dict[str, object]:
    until = position.paused_until
    return asdict(position) | {"paused_until": utc_text(until) if until else None}
