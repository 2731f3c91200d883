"""Reading rounds of selection. Names in a pool stay private until it is frozen, of sealed bids until they open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from projects.eligibility import Line
from projects.selection.methods import METHODS
from projects.selection.methods.method import Opens
from projects.selection.rounds.rules import Cause


@dataclass(frozen=True)
class Entrant:
    """One place in a frozen pool. `nonce` and `sealed_sha256` belong to its sealed bid, where it left one."""

    code: str
    name: str
    tickets: int
    nonce: str | None = None
    sealed_sha256: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """Somebody who signed up and is not in the pool. `reason` is the published text; `lines` say it rule by rule."""

    code: str
    name: str
    reason: str
    lines: tuple[Line, ...]

    @property
    def failed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.passed)


@dataclass(frozen=True)
class RoundView:
    """One selection, at whatever point it stands. `pool` and `excluded` are None until it is frozen; pages get those
    of sealed bids only once these are open. Without a beacon round nothing is left to chance."""

    id: UUID
    project_id: UUID
    no: int
    purpose: str
    cause: str
    method: str
    committed_at: datetime
    deadline: datetime
    beacon_chain: str | None
    beacon_round: int | None
    superseded_at: datetime | None
    frozen_at: datetime | None
    pool_sha256: str | None
    pool: tuple[Entrant, ...] | None
    excluded: tuple[LeftOut, ...] | None
    salt: str | None
    opened_at: datetime | None
    drawn_at: datetime | None
    signature: str | None
    winner_id: UUID | None
    annulled_at: datetime | None
    annulment_reason: str

    @property
    def state(self) -> str:
        """superseded, annulled, drawn, opened, frozen or open."""
        marks = {
            "superseded": self.superseded_at,
            "annulled": self.annulled_at,
            "drawn": self.drawn_at,
            "opened": self.opened_at,
            "frozen": self.frozen_at,
        }
        return next((name for name, at in marks.items() if at is not None), "open")

    @property
    def names_public(self) -> bool:
        """Who handed in sealed bids is told when they open."""
        return METHODS[self.method].opens is Opens.AT_CLOSE or self.opened_at is not None or self.drawn_at is not None

    def shown(self) -> RoundView:
        """The round as everybody may see it."""
        return self if self.names_public else replace(self, pool=None, excluded=None, salt=None)


_ROUND = ", ".join(one.name for one in fields(RoundView))


def round_view(row: dict[str, Any]) -> RoundView:
    pool, excluded = from_json(row["pool"]), from_json(row["excluded"])
    return RoundView(**{
        **row,
        "pool": None if pool is None else tuple(Entrant(**one) for one in pool),
        "excluded": None if excluded is None else tuple(
            LeftOut(one["code"], one["name"], one["reason"], tuple(map(Line.from_json, one["lines"]))) for one in excluded),
    })  # fmt: skip


async def rounds_of(project_id: UUID) -> list[RoundView]:
    """All rounds of a project as everybody may see them, oldest first."""
    rows = await fetch(f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 ORDER BY no", project_id)
    return [round_view(row).shown() for row in rows]


async def round_by_no(project_id: UUID, no: int) -> RoundView:
    row = await fetch_one(f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 AND no = $2", project_id, no)
    if row is None:
        raise NotFound
    return round_view(row).shown()


async def open_round(project_id: UUID) -> RoundView | None:
    """The round that is committed and neither drawn nor given up, with names that may not be public yet: for acts."""
    row = await fetch_one(
        f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 AND superseded_at IS NULL AND drawn_at IS NULL"
        " AND annulled_at IS NULL",
        project_id,
    )
    return round_view(row) if row else None


async def standing_round(project_id: UUID) -> RoundView | None:
    """The drawn round whose result holds."""
    row = await fetch_one(
        f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 AND drawn_at IS NOT NULL AND annulled_at IS NULL"
        " ORDER BY no DESC LIMIT 1",
        project_id,
    )
    return round_view(row) if row else None


async def dossier_of(project_id: UUID, no: int) -> bytes:
    """The dossier's bytes exactly as they were published."""
    data = await fetch_value("SELECT dossier FROM selection_round WHERE project_id = $1 AND no = $2", project_id, no)
    if data is None:
        raise NotFound
    return bytes(data)


async def ids_of(codes: Sequence[str]) -> dict[str, UUID]:
    rows = await fetch("SELECT code, id FROM organisation WHERE code = ANY ($1)", list(codes))
    return {row["code"]: row["id"] for row in rows}


async def refused_before(project_id: UUID) -> dict[UUID, Cause]:
    """Whom earlier rounds of this project selected and who then refused, or let the time to sign pass: not to be
    selected again, also where sign-up was opened anew."""
    rows = await fetch(
        "SELECT winner_id, annulment_reason FROM selection_round WHERE project_id = $1 AND winner_id IS NOT NULL"
        " AND annulment_reason = ANY ($2)",
        project_id, [str(Cause.WINNER_REFUSED), str(Cause.SIGNING_LAPSED)],
    )  # fmt: skip
    return {row["winner_id"]: Cause(row["annulment_reason"]) for row in rows}
