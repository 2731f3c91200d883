"""Writing a frozen pool down: with its names where sign-ups decide, as a salted hash alone where bids are sealed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue.rules import Rulebook
from market.kernel.db import execute, execute_many, fetch, to_json
from market.kernel.ids import new_id
from market.register.actions import record
from projects.queries import ProjectView, criteria_of
from projects.selection.dossiers.selection_dossier import PoolMember, pool_hash
from projects.selection.draw import DrawInput
from projects.selection.draw import Entrant as Ticketed
from projects.selection.methods import METHODS, by_lot
from projects.selection.methods.method import Opens
from projects.selection.rounds.announced import terms_of
from projects.selection.rounds.queries import RoundView
from projects.selection.rounds.rules import Candidate, Pool, tickets_of
from projects.selection.rounds.wording import reason_text


@dataclass(frozen=True)
class Bid:
    """What stands of a sealed bid before anybody can read it."""

    nonce: str
    sha256: str


async def standing_bids(project_id: UUID) -> dict[UUID, Bid]:
    """Agency -> its sealed bid that nobody has opened or taken back."""
    rows = await fetch(
        "SELECT agency_id, nonce, ciphertext_sha256 FROM sealed_bid WHERE project_id = $1 AND ended IS NULL"
        " AND opened_at IS NULL",
        project_id,
    )
    return {row["agency_id"]: Bid(row["nonce"], row["ciphertext_sha256"]) for row in rows}


async def opened_bids(project_id: UUID) -> dict[UUID, Bid]:
    """Agency -> its bid among those that were opened last: what a further selection compares again. What was opened
    before sign-up was opened again does not count any more."""
    rows = await fetch(
        "SELECT agency_id, nonce, ciphertext_sha256 FROM sealed_bid WHERE project_id = $1 AND opened_at IS NOT NULL"
        " AND beacon_round = (SELECT max(beacon_round) FROM sealed_bid WHERE project_id = $1 AND opened_at IS NOT NULL)",
        project_id,
    )
    return {row["agency_id"]: Bid(row["nonce"], row["ciphertext_sha256"]) for row in rows}


async def freeze_pool(
    project: ProjectView, current: RoundView, pool: Pool, bids: Mapping[UUID, Bid], rulebook: Rulebook, now: datetime
) -> None:
    """Stores the pool and records it: names and reasons, or the hash alone where they are told with the opening."""
    members = members_of(pool, bids, rulebook)
    salt = None if project.method == by_lot.CODE else secrets.token_hex(32)
    sha256 = await _hash(project, current, members, salt, rulebook)
    await store(current, pool, members, sha256=sha256, salt=salt, now=now)
    if METHODS[project.method].opens is Opens.AT_ROUND:
        await record("pool.sealed", subject=project.number, by="market", at=now,
                     data={"round_no": current.no, "sha256": sha256})  # fmt: skip
        return
    await record("pool.frozen", subject=project.number, by="market", at=now, data={
        "round_no": current.no, "sha256": sha256,
        "entrants": [{"code": one.code, "name": one.name, "tickets": one.tickets} for one in members],
        "excluded": [{"code": one.agency.code, "name": one.agency.name, "reason": reason(one)} for one in pool.excluded],
    })  # fmt: skip


def members_of(pool: Pool, bids: Mapping[UUID, Bid], rulebook: Rulebook) -> list[PoolMember]:
    return [_member(one, bids.get(one.agency.id), rulebook) for one in pool.entrants]


def _member(one: Candidate, bid: Bid | None, rulebook: Rulebook) -> PoolMember:
    tickets = tickets_of(one.agency.standing.score, rulebook)
    if bid is None:
        return PoolMember(one.agency.code, one.agency.name, tickets)
    return PoolMember(one.agency.code, one.agency.name, tickets, bid.nonce, bid.sha256)


async def _hash(
    project: ProjectView, current: RoundView, members: list[PoolMember], salt: str | None, rulebook: Rulebook
) -> str:
    if salt is None:
        given = draw_input(project.number, current, {one.code: one.tickets for one in members})
        return hashlib.sha256(given.canonical()).hexdigest()
    return pool_hash(terms_of(project, current, rulebook, await criteria_of(project.id)), members, salt)


def draw_input(number: str, current: RoundView, tickets: Mapping[str, int]) -> DrawInput:
    """What is hashed when the pool of a draw freezes, and drawn from when the round appears."""
    assert current.beacon_chain is not None
    assert current.beacon_round is not None
    entrants = tuple(Ticketed(code, count) for code, count in tickets.items())
    return DrawInput(current.beacon_chain, entrants, number, current.purpose, current.beacon_round)


async def snapshot(current: RoundView, pool: Pool) -> None:
    """Why each agency that signed up is or is not in the pool, line by line."""
    await execute_many(
        "INSERT INTO eligibility_snapshot (id, round_id, agency_id, eligible, lines) VALUES ($1,$2,$3,$4,$5)",
        [
            (new_id(), current.id, one.agency.id, one.assessment.eligible, to_json(one.assessment.to_json()))
            for one in (*pool.entrants, *pool.excluded)
        ],
    )


async def store(
    current: RoundView, pool: Pool, members: list[PoolMember], *, sha256: str | None, salt: str | None, now: datetime
) -> None:
    """`sha256` is None where too few are left, so that nothing is decided."""
    await execute(
        "UPDATE selection_round SET frozen_at = $2, pool_sha256 = $3, salt = $4, pool = $5, excluded = $6 WHERE id = $1",
        current.id, now, sha256, salt, to_json([_plain(one) for one in members]),
        to_json([_left_out(one) for one in pool.excluded]),
    )  # fmt: skip


def _plain(one: PoolMember) -> dict[str, Any]:
    bid = {"nonce": one.nonce, "sealed_sha256": one.sealed_sha256} if one.nonce else {}
    return {"code": one.code, "name": one.name, "tickets": one.tickets, **bid}


def _left_out(one: Candidate) -> dict[str, Any]:
    lines = one.assessment.to_json()
    return {"code": one.agency.code, "name": one.agency.name, "reason": reason(one), "lines": lines}


def reason(one: Candidate) -> str:
    """The published text of why an agency was left out."""
    return reason_text(line.message for line in one.assessment.lines if not line.passed)
