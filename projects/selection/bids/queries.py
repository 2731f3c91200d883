"""Reading sealed bids: an agency's own ones, and nobody else's before they open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from market.catalogue import queries as catalogue_queries
from market.kernel.db import DB, fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.bids.rules import count_shown
from projects.selection.sign_ups.queries import sign_up_count


@dataclass(frozen=True)
class BidView:
    """One sealed bid. `ciphertext` is None once it was erased: replaced, withdrawn, void or never opened."""

    id: UUID
    project_id: UUID
    sign_up_id: UUID
    agency_id: UUID
    nonce: str
    beacon_chain: str
    beacon_round: int
    ciphertext: str | None
    ciphertext_sha256: str
    sealed_by: str
    proposal_file_id: UUID | None
    received_at: datetime
    entry_id: UUID
    ended: str | None = None
    ended_at: datetime | None = None
    end_entry_id: UUID | None = None
    opened_at: datetime | None = None
    quoted: int | None = None
    fault: str | None = None

    @property
    def stands(self) -> bool:
        return self.ended is None


_BID = ", ".join(one.name for one in fields(BidView))


def bid_view(row: dict[str, Any]) -> BidView:
    return BidView(**row)


async def bids_of(project_id: UUID, agency_id: UUID | None) -> list[BidView]:
    """All bids of one agency for one project, newest first."""
    rows = await fetch(
        f"SELECT {_BID} FROM sealed_bid WHERE project_id = $1 AND agency_id = $2 ORDER BY received_at DESC, id DESC",
        project_id, agency_id,
    )  # fmt: skip
    return [bid_view(row) for row in rows]


async def standing_bid(project_id: UUID, agency_id: UUID | None) -> BidView | None:
    """The agency's bid that counts: handed in and neither replaced nor taken back."""
    row = await fetch_one(
        f"SELECT {_BID} FROM sealed_bid WHERE project_id = $1 AND agency_id = $2 AND ended IS NULL"
        " ORDER BY received_at DESC LIMIT 1",
        project_id, agency_id,
    )  # fmt: skip
    return bid_view(row) if row else None


async def access_bid(viewer: Viewer, project_id: UUID, bid_id: UUID) -> BidView:
    """The viewer's organisation's own bid; anybody else's is NotFound."""
    row = await fetch_one(
        f"SELECT {_BID} FROM sealed_bid WHERE id = $1 AND project_id = $2 AND agency_id = $3",
        bid_id, project_id, viewer.organisation_id,
    )  # fmt: skip
    if row is None:
        raise NotFound
    return bid_view(row)


async def bid_by_id(bid_id: UUID) -> BidView:
    row = await fetch_one(f"SELECT {_BID} FROM sealed_bid WHERE id = $1", bid_id)
    if row is None:
        raise NotFound
    return bid_view(row)


async def private_of(entry_id: UUID) -> dict[str, Any] | None:
    """What a register entry keeps private, with its salt: for those whom the entry is about. None once erased."""
    row = await fetch_one("SELECT salt, facts FROM register_private WHERE entry_id = $1", entry_id)
    return {"salt": row["salt"], "facts": from_json(row["facts"])} if row else None


_MOST_KEPT: Final = 10_000
_ids: dict[tuple[str, str], UUID] = {}  # by database and number


async def project_id_of(number: str) -> UUID:
    """A number belongs to one project for ever, so a process looks it up once. Raises NotFound."""
    key = (DB.config["dsn"], number)
    if key not in _ids:
        found: UUID | None = await fetch_value("SELECT id FROM project WHERE number = $1", number)
        if found is None:
            raise NotFound
        if len(_ids) >= _MOST_KEPT:
            _ids.clear()
        _ids[key] = found
    return _ids[key]


async def shown_count(project: ProjectView) -> int | None:
    """How many have signed up, where that may be told: the number of sealed entries only if the rulebook says so."""
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    if not count_shown(project.method, project.stage, project.opened_at, rulebook):
        return None
    return await sign_up_count(project.id)
