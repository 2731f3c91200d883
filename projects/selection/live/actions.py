"""Bidding live, and closing the bidding. Bids of one project wait for each other nowhere but in one agency; closing
waits for every bid that is on its way, so that none is both accepted and missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from projects.actions import lock_project
from projects.queries import project_by_id
from projects.selection.live.queries import Bidding, OwnBid, bidding_in, is_closed, last_bid
from projects.selection.live.rules import check_bid, closed_meanwhile

CHANNEL: Final = "live_bid"  # notices of PostgreSQL: the id of the project
SUBJECT, BY = "sealed", "agency"  # the register must not tell who bids for what before the result


@dataclass(frozen=True)
class NewBid:
    """`quoted`: fen, or basis points of discount, as the notice asks. `by`: the person who acts."""

    agency_id: UUID
    agency_code: str
    quoted: int
    by: UUID


async def bid(project_id: UUID, new: NewBid, *, now: datetime) -> OwnBid:
    """Takes a live bid; `now` is when its request reached the server. The same amount sent twice is one bid. Raises
    Refusal outside the rounds, outside the limits, and for a bid that is no better than the agency's last."""
    async with transaction():
        bidding = await _locked(project_id)
        sign_up_id = await _place(project_id, new.agency_id)
        starts_at = bidding.schedule.starts_at
        last = await last_bid(project_id, starts_at, new.agency_id)
        if last is not None and last[0].quoted == new.quoted:
            return last[0]
        no = check_bid(bidding.schedule, bidding.project.stage, bidding.bounds, new.quoted, last and last[1], now=now)
        if await is_closed(project_id, starts_at):
            raise closed_meanwhile(bidding.schedule, now)
        return await _write(bidding, sign_up_id, new, no, now)


async def _locked(project_id: UUID) -> Bidding:
    """Under a share lock: closing the bidding, and deciding, wait for us; other bids do not."""
    await fetch_value("SELECT id FROM project WHERE id = $1 FOR SHARE", project_id)
    bidding = await bidding_in(await project_by_id(project_id))
    if bidding is None:
        raise NotFound
    return bidding


async def _place(project_id: UUID, agency_id: UUID) -> UUID:
    """The agency's sign-up, locked: of two bids sent at once the second sees the first. An agency that gave up its place
    has none."""
    row = await fetch_one(
        "SELECT s.id FROM sign_up s JOIN eligibility_snapshot e ON e.agency_id = s.agency_id AND e.eligible"
        " JOIN selection_round r ON r.id = e.round_id AND r.project_id = s.project_id AND r.annulled_at IS NULL"
        " AND r.superseded_at IS NULL AND r.drawn_at IS NULL"
        " WHERE s.project_id = $1 AND s.agency_id = $2 AND s.withdrawn_at IS NULL FOR NO KEY UPDATE OF s",
        project_id, agency_id,
    )  # fmt: skip
    if row is None:
        raise NotFound
    found: UUID = row["id"]
    return found


async def _write(bidding: Bidding, sign_up_id: UUID, new: NewBid, no: int, now: datetime) -> OwnBid:
    made = new_id()
    project = bidding.project
    entry_id = await record(
        "bid.live", subject=SUBJECT, by=BY, at=now, data={},
        private={"agency": new.agency_code, "project": project.number, "quoted": new.quoted, "round": no},
    )  # fmt: skip
    await execute(
        "INSERT INTO live_bid (id, project_id, sign_up_id, agency_id, starts_at, no, quoted, received_at, sent_by, entry_id)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        made, project.id, sign_up_id, new.agency_id, bidding.schedule.starts_at, no, new.quoted, now, new.by, entry_id,
    )  # fmt: skip
    await fetch_value("SELECT pg_notify($1, $2)", CHANNEL, str(project.id))
    return OwnBid(made, no, new.quoted, now, entry_id)


async def close(project_id: UUID, *, now: datetime) -> bool:
    """Writes down that the bidding of a project is over, behind the last bid that was on its way. False when it is not
    over, or was closed before."""
    async with transaction():
        project = await lock_project(project_id)
        bidding = await bidding_in(project)
        if bidding is None or not bidding.may_close(now):
            return False
        written = await execute(
            "INSERT INTO live_bidding_end (id, project_id, starts_at, closed_at) VALUES ($1,$2,$3,$4)"
            " ON CONFLICT (project_id, starts_at) DO NOTHING",
            new_id(), project_id, bidding.schedule.starts_at, now,
        )  # fmt: skip
        if written:
            await record("bidding.closed", subject=project.number, by="market", at=now, data={
                "starts_at": utc_text(bidding.schedule.starts_at), "ends_at": utc_text(bidding.schedule.ends_at),
            })  # fmt: skip
        return bool(written)
