"""The same key asks for the same thing, however often it arrives.

A request claims its key first. The act's own transaction marks the claim, so an answer that is lost on the way back (a
broken line, a process that was killed) is found again and the act is done once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.kernel.clock import wall_now
from market.kernel.db import before_each_commit, execute, fetch_one, fetch_value
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import noting_entries
from market.web.problems import Problem, Unprocessed

HOLD: Final = timedelta(seconds=60)
KEPT: Final = timedelta(hours=24)
KEY_LENGTH: Final = (8, 128)


@dataclass(frozen=True)
class Claim:
    """This request is the one that acts."""

    id: UUID


@dataclass(frozen=True)
class Answered:
    """It was asked before. `answer` is None where the act stands but its answer got lost."""

    id: UUID
    status: int
    answer: str | None
    acted_at: datetime | None
    entries: Sequence[UUID]


# A claim whose holder went silent before anything was done is taken over, and keeps its id.
_CLAIM = """
INSERT INTO api_request AS r (id, token_id, act, key, digest, claimed_at, held_until, entries)
VALUES ($1, $2, $3, $4, $5, $6, $7, '{}')
ON CONFLICT (token_id, key) DO UPDATE SET held_until = excluded.held_until
WHERE r.digest = excluded.digest AND r.status IS NULL AND r.acted_at IS NULL AND r.held_until < excluded.claimed_at
RETURNING r.id
"""


async def claim(token_id: UUID, act: str, key: str, digest: str) -> Claim | Answered:
    """Raises Unprocessed: the key was used for something else (422), or its first request is still at work (409)."""
    now = wall_now()
    row = await fetch_one(_CLAIM, new_id(), token_id, act, key, digest, now, now + HOLD)
    if row is not None:
        return Claim(row["id"])
    found = await fetch_one("SELECT * FROM api_request WHERE token_id = $1 AND key = $2", token_id, key)
    if found is None or (found["digest"] == digest and found["status"] is None and found["held_until"] >= now):
        raise Unprocessed(_at_work())
    if found["digest"] != digest:
        raise Unprocessed(_used_otherwise())
    return Answered(found["id"], found["status"] or 200, found["answer"], found["acted_at"], found["entries"])


def _at_work() -> Problem:
    return Problem(
        409, "idempotency.at_work", Message(N_("The first request with this key is still being worked on.")),
        Message(N_("Ask again with the same key in a few seconds.")), headers={"retry-after": "3"},
    )  # fmt: skip


def _used_otherwise() -> Problem:
    return Problem(
        422, "idempotency.other_request", Message(N_("This key was used for another request within the last 24 hours.")),
        Message(N_("Make a new key for each new act, and keep it only for repeating that act.")),
    )  # fmt: skip


# What a transaction noted that was rolled back afterwards is no entry.
_MARK = """
UPDATE api_request SET acted_at = $2, entries = ARRAY(
    SELECT n.id FROM unnest($3::uuid[]) WITH ORDINALITY n(id, place) JOIN register_entry e ON e.id = n.id ORDER BY n.place)
WHERE id = $1 RETURNING entries
"""


@contextmanager
def acting_under(held: Claim) -> Iterator[list[UUID]]:
    """Within the block every transaction marks the claim as acted upon, also one that another task writes for it
    (market.kernel.together). Gives the entries that the act recorded."""
    with noting_entries() as noted:

        async def mark() -> None:
            noted[:] = await fetch_value(_MARK, held.id, wall_now(), noted) or []

        with before_each_commit(mark):
            yield noted


async def keep_answer(held: Claim, status: int, answer: str) -> None:
    await execute("UPDATE api_request SET status = $2, answer = $3 WHERE id = $1", held.id, status, answer)


async def give_back(held: Claim, *, turned_away: bool) -> None:
    """Nothing was done: the same key may be tried again at once. `turned_away`: by our own answer, so that a transaction
    without entries was none of an act."""
    await execute(
        "DELETE FROM api_request WHERE id = $1 AND status IS NULL AND (acted_at IS NULL OR ($2 AND entries = '{}'))",
        held.id, turned_away,
    )  # fmt: skip


async def forget_old() -> int:
    """Keys and answers of more than a day ago; that the token was used stays known."""
    old: Any = wall_now() - KEPT
    return await execute(
        "UPDATE api_request SET key = NULL, answer = NULL WHERE claimed_at < $1 AND key IS NOT NULL", old
    )
