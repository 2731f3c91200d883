"""What the front page shows of the market's present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.kernel.db import fetch


@dataclass(frozen=True)
class OpenNotice:
    number: str
    title: str
    owner_name: str
    region_code: str
    service_items: Sequence[str]
    price_fen: int | None
    amount_fen: int
    published_at: datetime
    sign_up_closes_at: datetime


@dataclass(frozen=True)
class Result:
    """`round_no`: the draw whose dossier anybody can compute again; `entrants`: how many were in its pool."""

    number: str
    title: str
    owner_name: str
    winner_code: str
    winner_name: str
    amount_fen: int
    budget_fen: int | None
    drawn_at: datetime
    result_notice_ends_at: datetime
    final: bool
    round_no: int
    entrants: int


async def open_notices(
    now: datetime, *, limit: int, items: Sequence[str] | None = None
) -> tuple[list[OpenNotice], int]:
    """Open for sign-up, the soonest deadline first, and how many there are in all; only for these service items."""
    rows = await fetch(
        "WITH open AS MATERIALIZED (SELECT id, sign_up_closes_at FROM project WHERE stage = 'sign_up'"
        " AND sign_up_closes_at > $1 AND sign_up_opens_at <= $1 AND ($3::text[] IS NULL OR service_items && $3)),"
        " soonest AS (SELECT id FROM open ORDER BY sign_up_closes_at, id LIMIT $2)"
        " SELECT (SELECT count(*) FROM open) AS total, p.number, p.title, o.name AS owner_name, p.region_code,"
        " p.service_items, p.price_fen, p.amount_fen, p.published_at, p.sign_up_closes_at"
        " FROM soonest s JOIN project p ON p.id = s.id JOIN organisation o ON o.id = p.owner_id"
        " ORDER BY p.sign_up_closes_at, p.id",
        now, limit, items,
    )  # fmt: skip
    return [OpenNotice(**_without_total(row)) for row in rows], rows[0]["total"] if rows else 0


async def newest_results(*, limit: int) -> list[Result]:
    """The newest draws whose result holds."""
    rows = await fetch(
        "WITH newest AS (SELECT id FROM project WHERE drawn_at IS NOT NULL ORDER BY drawn_at DESC, id DESC LIMIT $1)"
        " SELECT p.number, p.title, o.name AS owner_name, w.code AS winner_code, w.name AS winner_name, p.amount_fen,"
        " p.budget_fen, p.drawn_at, p.result_notice_ends_at, p.result_final_at IS NOT NULL AS final, r.no AS round_no,"
        " jsonb_array_length(r.pool) AS entrants"
        " FROM newest n JOIN project p ON p.id = n.id JOIN organisation o ON o.id = p.owner_id"
        " JOIN organisation w ON w.id = p.winner_id"
        " JOIN LATERAL (SELECT no, pool FROM selection_round WHERE project_id = p.id AND drawn_at IS NOT NULL"
        " AND annulled_at IS NULL ORDER BY no DESC LIMIT 1) r ON true"
        " ORDER BY p.drawn_at DESC, p.id DESC",
        limit,
    )
    return [Result(**row) for row in rows]


def _without_total(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "total"}
