"""Sealed bids: handing in, replacing, taking back. Nobody learns a price before the beacon round."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from market.beacon.rules import is_public
from market.beacon.source import beacon_in_force
from market.beacon.timelock import Malformed, addressed_to
from market.kernel.db import execute, fetch_value, require_transaction
from projects.selection.bids import rules as bidding
from projects.selection.sign_ups.actions.taking_part import take_part
from projects.selection.sign_ups.actions.wishes import JudgedBid, SealedBid, SignUpOffer, Taken, Wish
from projects.selection.sign_ups.origins import Mark


async def submit_bid(
    project_id: UUID, agency_id: UUID, offer: SignUpOffer, sealed: SealedBid, *, by: UUID, now: datetime,
    replaces: UUID | None = None, marks: tuple[Mark, ...] = (),
) -> Taken:  # fmt: skip
    """Hands a sealed bid in, and signs the agency up with it if it had not signed up; `now` is when the request reached
    the server. `replaces`: the bid that the agency knows to stand; its text is erased. Sent twice it answers the same
    twice. What is inside is for the opening to judge. Raises Refusal as `sign_up` does, for a file that could never
    count, and where another bid stands than the agency knows of."""
    bid = _judged(sealed, now)
    return await take_part(Wish(project_id, agency_id, offer, by, now, bid, replaces, marks))


def _judged(sealed: SealedBid, now: datetime) -> JudgedBid:
    chain = beacon_in_force().chain
    try:
        number = addressed_to(sealed.ciphertext, chain)
    except Malformed as problem:
        raise bidding.malformed(problem.flaw) from problem
    if is_public(chain, number, now):
        raise bidding.already_public(number)
    return JudgedBid(sealed, hashlib.sha256(sealed.ciphertext.encode()).hexdigest(), chain.hash, number)


async def void_bids(project_id: UUID, *, now: datetime) -> int:
    """An amendment binds the project to another beacon round, with which none of the bids would open: they are erased,
    in the transaction of the amendment, and their bidders have to bid again. Returns how many there were."""
    require_transaction()
    # Those who hand in a bid this moment hold a key lock: after them nobody comes in before we are through.
    await fetch_value("SELECT 1 FROM project WHERE id = $1 FOR UPDATE", project_id)
    return await execute(
        "UPDATE sealed_bid SET ciphertext = NULL, ended = 'amended', ended_at = $2"
        " WHERE project_id = $1 AND ended IS NULL AND opened_at IS NULL",
        project_id, now,
    )  # fmt: skip
