"""Signing up, taking it back, giving up a place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from market.beacon.rules import round_time
from market.beacon.source import beacon_in_force
from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.register.actions import NewEntry, record, record_all
from projects.actions import lock_project
from projects.queries import ProjectView
from projects.rules import Stage
from projects.selection.bids.queries import bids_of, standing_bid
from projects.selection.bids.rules import SEALED, Bidding, bidding_of, check_abandon_sealed, check_reserve
from projects.selection.rounds.queries import RoundView, open_round, standing_round
from projects.selection.sign_ups.actions.arrivals import BY, bid_entry, end_bid
from projects.selection.sign_ups.actions.taking_part import take_part
from projects.selection.sign_ups.actions.wishes import SignUpOffer, Wish
from projects.selection.sign_ups.origins import Mark
from projects.selection.sign_ups.queries import SignUpView, sign_up_of
from projects.selection.sign_ups.rules import check_abandon, sign_up_closed


async def sign_up(
    project_id: UUID, agency_id: UUID, offer: SignUpOffer, *, by: UUID, now: datetime, marks: tuple[Mark, ...] = ()
) -> SignUpView:  # fmt: skip
    """Signs an agency up; `now` is when its request reached the server. Sent twice it answers the same twice.
    Raises Refusal outside the window (dated), for an agency that is not eligible (with every reason), and where taking
    part needs a bid."""
    taken = await take_part(Wish(project_id, agency_id, offer, by, now, marks=marks))
    if taken.repeated:
        return await _own(project_id, agency_id)
    return SignUpView(
        taken.sign_up_id, project_id, agency_id, offer.authorised_person_id, offer.practitioner_ids, by, now,
        taken.entry_id, withdrawn_at=None, withdrawn_after_close=False, withdrawal_entry_id=None,
    )  # fmt: skip


async def withdraw(project_id: UUID, agency_id: UUID, *, now: datetime) -> SignUpView:
    """Takes a sign-up back, and the sealed bid with it, while sign-up is open; nothing remains but register entries
    without a name."""
    async with transaction():
        project = await fetch_one(_PROJECT, project_id)
        if project is None:
            raise NotFound
        held = await _held(project_id, agency_id)
        if held is not None:
            _check_withdrawal(Stage(project["stage"]), project["sign_up_closes_at"], now)
            await _end(held, now, await _take_back(project, project_id, agency_id, held, now), after_close=False)
    return await _own(project_id, agency_id)


async def withdraw_reserve(project_id: UUID, agency_id: UUID, *, now: datetime) -> UUID:
    """Takes a sealed reserve price back and leaves the sign-up as it is, while sign-up is open: the file is erased.
    Returns the bid's id; sent twice it answers the same twice. Raises Refusal where a bid is what one takes part by,
    NotFound without a reserve price."""
    async with transaction():
        project = await fetch_one(_PROJECT, project_id)
        if project is None or bidding_of(project["method"]) is Bidding.NONE:
            raise NotFound
        check_reserve(project["method"])
        held = await _held(project_id, agency_id)
        bid = await standing_bid(project_id, agency_id) if held is not None else None
        if bid is not None:
            _check_withdrawal(Stage(project["stage"]), project["sign_up_closes_at"], now)
            code = await _code(agency_id)
            withdrawal = bid_entry("bid.withdrawn", project["number"], code, bid.id, bid.ciphertext_sha256, now)
            [entry_id] = await record_all([withdrawal])
            await end_bid(bid.id, "withdrawn", entry_id, now)
            return bid.id
    former = await bids_of(project_id, agency_id)
    if not former:
        raise NotFound
    return former[0].id


_PROJECT = """
SELECT p.number, p.method, p.stage, p.sign_up_closes_at,
       (SELECT count(*) FROM sign_up s WHERE s.project_id = p.id AND s.withdrawn_at IS NULL) AS count
FROM project p WHERE p.id = $1 FOR KEY SHARE OF p
"""


async def _take_back(
    project: dict[str, Any], project_id: UUID, agency_id: UUID, held: UUID, now: datetime
) -> UUID:  # fmt: skip
    """Records the withdrawal, and erases the bid that stood. Returns the entry that is its receipt."""
    code, number = await _code(agency_id), project["number"]
    private = {"agency": code, "sign_up": str(held)}
    if bidding_of(project["method"]) is Bidding.NONE:
        data = {"count": project["count"] - 1}
        return await record("sign_up.withdrawn", subject=number, by=BY, data=data, at=now, private=private)
    bid = await fetch_one(
        "SELECT id, ciphertext_sha256 FROM sealed_bid WHERE sign_up_id = $1 AND ended IS NULL AND opened_at IS NULL",
        held,
    )
    if bid is None:
        withdrawal = NewEntry("sign_up.sealed_withdrawn", SEALED, BY, {}, now, private | {"project": number})
        return (await record_all([withdrawal]))[0]
    [entry_id] = await record_all([bid_entry("bid.withdrawn", number, code, bid["id"], bid["ciphertext_sha256"], now)])
    await end_bid(bid["id"], "withdrawn", entry_id, now)
    return entry_id


def _check_withdrawal(stage: Stage, closes_at: datetime, now: datetime) -> None:
    if now >= closes_at or stage is not Stage.SIGN_UP:
        closed = sign_up_closed(closes_at, max(now, closes_at))
        raise Refusal("sign_up.withdrawal_closed", closed.message.text, rule=closed.rule,
                      todo=N_("You can still give up your place; the page of your sign-up says what that costs."),
                      **closed.facts)  # fmt: skip


async def abandon(project_id: UUID, agency_id: UUID, *, now: datetime) -> SignUpView:
    """Gives up a place in a frozen pool. The pool stays as it is; further draws leave the agency out."""
    async with transaction():
        project = await lock_project(project_id)
        held = await _held(project_id, agency_id)
        if held is not None:
            check_abandon_sealed(project.method, project.stage)
            code = await _code(agency_id)
            current = await _round_with(project, code)
            number = current.beacon_round
            public_at = round_time(beacon_in_force().chain, number) if number is not None else None
            check_abandon(project.stage, wins=project.winner_id == agency_id, round_public_at=public_at, now=now)
            entry_id = await record("sign_up.abandoned", subject=project.number, by=code, data={"agency": code}, at=now)
            await _end(held, now, entry_id, after_close=True)
    return await _own(project_id, agency_id)


async def _round_with(project: ProjectView, code: str) -> RoundView:
    """The frozen round in whose pool the agency has a place."""
    current = await open_round(project.id) or await standing_round(project.id)
    if current is None or current.pool is None or code not in {one.code for one in current.pool}:
        raise Refusal(
            "sign_up.no_place", N_("Your organisation has no place in a pool of this project, so there is nothing to give up."),
            todo=N_("Before sign-up closes you can withdraw; afterwards open the project to see where it stands."),
        )  # fmt: skip
    return current


async def _held(project_id: UUID, agency_id: UUID) -> UUID | None:
    """The id of the sign-up that holds, locked: of the same form sent twice, the second finds it taken back."""
    found: UUID | None = await fetch_value(
        "SELECT id FROM sign_up WHERE project_id = $1 AND agency_id = $2 AND withdrawn_at IS NULL FOR NO KEY UPDATE",
        project_id, agency_id,
    )  # fmt: skip
    return found


async def _end(sign_up_id: UUID, now: datetime, entry_id: UUID, *, after_close: bool) -> None:
    await execute(
        "UPDATE sign_up SET withdrawn_at = $2, withdrawal_entry_id = $3, withdrawn_after_close = $4 WHERE id = $1",
        sign_up_id, now, entry_id, after_close,
    )  # fmt: skip


async def _code(agency_id: UUID) -> str:
    code: str = await fetch_value("SELECT code FROM organisation WHERE id = $1", agency_id)
    return code


async def _own(project_id: UUID, agency_id: UUID) -> SignUpView:
    found = await sign_up_of(project_id, agency_id)
    if found is None:
        raise NotFound
    return found
