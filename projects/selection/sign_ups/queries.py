"""Reading sign-ups: an agency's own ones. Names of those who signed up stay private until their pool is frozen."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value
from projects.rules import Stage


@dataclass(frozen=True)
class SignUpView:
    id: UUID
    project_id: UUID
    agency_id: UUID
    authorised_person_id: UUID | None
    practitioner_ids: tuple[UUID, ...]
    signed_by: UUID
    signed_up_at: datetime
    entry_id: UUID
    withdrawn_at: datetime | None
    withdrawn_after_close: bool
    withdrawal_entry_id: UUID | None


@dataclass(frozen=True)
class SignUpLine:
    """One of an agency's sign-ups with what became of it, for its own list."""

    number: str
    title: str
    owner_name: str
    stage: Stage
    amount_fen: int
    signed_up_at: datetime
    closes_at: datetime
    withdrawn_at: datetime | None
    withdrawn_after_close: bool
    won: bool
    round_no: int | None
    left_out: bool

    @property
    def outcome(self) -> str:
        """withdrawn, abandoned, open, left_out, won, drawing, failed or not_drawn."""
        if self.withdrawn_at is not None:
            return "abandoned" if self.withdrawn_after_close else "withdrawn"
        if self.stage is Stage.SIGN_UP:
            return "open"
        if self.stage in (Stage.FAILED, Stage.WITHDRAWN):
            return "failed"
        if self.left_out:
            return "left_out"
        if self.stage is Stage.DRAWING:
            return "drawing"
        return "won" if self.won else "not_drawn"


_SIGN_UP = ", ".join(one.name for one in fields(SignUpView))


async def sign_up_count(project_id: UUID) -> int:
    count: int = await fetch_value(
        "SELECT count(*) FROM sign_up WHERE project_id = $1 AND withdrawn_at IS NULL", project_id
    )
    return count


async def sign_up_of(project_id: UUID, agency_id: UUID | None) -> SignUpView | None:
    """The agency's own sign-up that holds, else the last one that it took back."""
    row = await fetch_one(
        f"SELECT {_SIGN_UP} FROM sign_up WHERE project_id = $1 AND agency_id = $2"
        " ORDER BY (withdrawn_at IS NULL) DESC, signed_up_at DESC LIMIT 1",
        project_id, agency_id,
    )  # fmt: skip
    return SignUpView(**{**row, "practitioner_ids": tuple(row["practitioner_ids"])}) if row else None


_LINES = """
SELECT p.number, p.title, o.name AS owner_name, p.stage, p.amount_fen, s.signed_up_at, p.sign_up_closes_at AS closes_at,
       s.withdrawn_at, s.withdrawn_after_close, coalesce(p.winner_id = s.agency_id, false) AS won, r.no AS round_no,
       coalesce(NOT e.eligible, false) AS left_out
FROM sign_up s
JOIN project p ON p.id = s.project_id
JOIN organisation o ON o.id = p.owner_id
LEFT JOIN LATERAL (SELECT id, no FROM selection_round r WHERE r.project_id = p.id AND r.frozen_at IS NOT NULL
                   ORDER BY no DESC LIMIT 1) r ON true
LEFT JOIN eligibility_snapshot e ON e.round_id = r.id AND e.agency_id = s.agency_id
WHERE s.agency_id = $1
"""


async def sign_ups_of(agency_id: UUID | None, *, page: int = 1, size: int = 20) -> tuple[list[SignUpLine], int]:
    """An agency's sign-ups, newest first, one page of them, and how many there are."""
    total: int = await fetch_value("SELECT count(*) FROM sign_up WHERE agency_id = $1", agency_id)
    rows = await fetch(
        f"{_LINES} ORDER BY s.signed_up_at DESC, s.id DESC LIMIT $2 OFFSET $3", agency_id, size, (page - 1) * size
    )
    return [SignUpLine(**{**row, "stage": Stage(row["stage"])}) for row in rows], total


async def took_part(project_id: UUID, organisation_id: UUID | None) -> bool:
    """Had this agency signed up when sign-up closed (in the pool or left out of it)?"""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM sign_up WHERE project_id = $1 AND agency_id = $2"
        " AND (withdrawn_at IS NULL OR withdrawn_after_close))",
        project_id, organisation_id,
    )  # fmt: skip
    return found
