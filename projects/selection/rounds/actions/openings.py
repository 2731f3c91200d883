"""Opening sealed bids: all of a selection in one act, with the round that the notice named."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.beacon.actions import obtain_round
from market.beacon.rules import Round
from market.beacon.source import Beacon
from market.kernel.db import execute, execute_many, fetch, require_transaction
from market.kernel.jobs import NotYet
from market.register.actions import record
from projects.queries import ProjectView
from projects.selection.bids.opening import OpenedBid, SealedEntry, open_bids
from projects.selection.methods import merit
from projects.selection.methods.terms import Quote
from projects.selection.rounds.queries import RoundView


@dataclass(frozen=True)
class Sealed:
    """The sealed bids of a pool and the round that opens them: an earlier one where a selection is repeated."""

    bids: tuple[SealedEntry, ...]
    opened_by: Round


async def sealed_of(current: RoundView, found: Round, beacon: Beacon, now: datetime) -> Sealed:
    """Before the transaction: may ask the network. NotYet where the round cannot be had."""
    nonces = [one.nonce for one in current.pool or () if one.nonce is not None]
    rows = await fetch(
        "SELECT o.code, b.nonce, b.ciphertext, b.beacon_round FROM sealed_bid b JOIN organisation o ON o.id = b.agency_id"
        " WHERE b.nonce = ANY ($1) ORDER BY o.code",
        nonces,
    )
    bids = tuple(SealedEntry(row["code"], row["nonce"], row["ciphertext"]) for row in rows)
    numbers = {row["beacon_round"] for row in rows} or {found.number}
    if len(numbers) != 1:
        raise RuntimeError(f"the bids of round {current.id} are sealed to different beacon rounds: {sorted(numbers)}")
    earlier = await obtain_round(beacon, numbers.pop(), now=now)
    if earlier is None:
        raise NotYet
    return Sealed(bids, earlier)


async def opened(sealed: Sealed, project: ProjectView, beacon: Beacon) -> list[OpenedBid]:
    """Every bid as it opens, by code. In a thread: a large selection takes a second or two."""
    if not sealed.bids:
        return []
    return await asyncio.to_thread(
        open_bids, beacon.chain, sealed.opened_by, sealed.bids, project=project.number, quote=Quote(project.quote),
        proposals=project.method == merit.CODE,
    )  # fmt: skip


async def publish_opening(
    project: ProjectView, current: RoundView, bids: Sequence[OpenedBid], signature: str, now: datetime
) -> None:
    """Stores and records what each bid opened to, with the pool whose salted hash the register has."""
    require_transaction()
    if current.opened_at is not None:
        return
    pool = current.pool or ()
    nonces = {one.code: one.nonce for one in pool}
    await execute("UPDATE selection_round SET opened_at = $2, signature = $3 WHERE id = $1", current.id, now, signature)
    await execute_many(
        "UPDATE sealed_bid SET opened_at = $2, quoted = $3, fault = $4 WHERE nonce = $1 AND opened_at IS NULL",
        [(nonces[one.code], now, one.quoted, one.fault) for one in bids],
    )
    await record("bids.opened", subject=project.number, by="market", at=now, data={
        "round_no": current.no, "beacon_round": current.beacon_round, "sha256": current.pool_sha256, "salt": current.salt,
        "entrants": [{"code": one.code, "name": one.name, "tickets": one.tickets} for one in pool],
        "excluded": [{"code": one.code, "name": one.name, "reason": one.reason} for one in current.excluded or ()],
        "bids": await _bids(nonces, bids),
    })  # fmt: skip


async def _bids(nonces: dict[str, str | None], bids: Sequence[OpenedBid]) -> list[dict[str, Any]]:
    """Each with the register entry of its arrival and the salt of that entry, so that its commitment can be checked."""
    rows = await fetch(
        "SELECT b.id, b.nonce, b.ciphertext_sha256, b.entry_id, x.salt FROM sealed_bid b"
        " LEFT JOIN register_private x ON x.entry_id = b.entry_id WHERE b.nonce = ANY ($1)",
        [nonces[one.code] for one in bids],
    )
    by_nonce = {row["nonce"]: row for row in rows}
    return [_bid(one, by_nonce[str(nonces[one.code])]) for one in bids]


def _bid(one: OpenedBid, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": one.code, "bid": str(row["id"]), "ciphertext_sha256": row["ciphertext_sha256"], "entry": str(row["entry_id"]),
        "entry_salt": row["salt"], "quoted": one.quoted, "fault": one.fault,
    }  # fmt: skip


async def erase_unopened(project_id: UUID, *, now: datetime) -> int:
    """The selection ended before the opening, so nobody shall ever read its bids: they are erased, in the transaction
    of what ended it. Returns how many there were."""
    require_transaction()
    return await execute(
        "UPDATE sealed_bid SET ciphertext = NULL, ended = 'unopened', ended_at = $2"
        " WHERE project_id = $1 AND ended IS NULL AND opened_at IS NULL",
        project_id, now,
    )  # fmt: skip
