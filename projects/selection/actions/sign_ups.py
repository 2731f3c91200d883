"""Signing up, taking it back, giving up a place. None of them waits for another agency: sign-ups of one project share
a key lock on it, which only the freeze excludes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from agencies.queries import facts_of
from agencies.rules import AgencyFacts
from market.beacon.rules import round_time
from market.beacon.source import beacon_in_force
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Catalogue
from market.kernel.calendar import beijing_date
from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from projects.actions import lock_project, stage_moved
from projects.eligibility import Demand, assess, fitting_practitioners
from projects.queries import ProjectView, demand_of
from projects.rules import Stage
from projects.selection.queries import RoundView, SignUpView, open_round, sign_up_of, standing_round
from projects.selection.rules import check_abandon, check_window, sign_up_closed

BY = "agency"  # the register must not tell who signs up before the pool is frozen


@dataclass(frozen=True)
class SignUpOffer:
    """What an agency confirms: who acts for it, and with whom it would do the work."""

    authorised_person_id: UUID
    practitioner_ids: tuple[UUID, ...] = ()


class _Doubled(Exception):
    """The same agency signed up a moment earlier."""


async def sign_up(project_id: UUID, agency_id: UUID, offer: SignUpOffer, *, by: UUID, now: datetime) -> SignUpView:
    """Signs an agency up; `now` is when its request reached the server. Sent twice it answers the same twice.
    Raises Refusal outside the window (dated) and for an agency that is not eligible (with every reason)."""
    try:
        async with transaction():
            return await _sign_up(project_id, agency_id, offer, by=by, now=now)
    except _Doubled:
        return await _own(project_id, agency_id)


async def _sign_up(project_id: UUID, agency_id: UUID, offer: SignUpOffer, *, by: UUID, now: datetime) -> SignUpView:
    project = await _open_project(project_id, agency_id, offer, now)
    agency = await _check_offer(project_id, project, agency_id, offer, now)
    sign_up_id = new_id()
    entry_id = await record(
        "sign_up.made", subject=project["number"], by=BY, data={"count": project["count"] + 1}, at=now,
        private={"agency": agency.code, "sign_up": str(sign_up_id)},
    )  # fmt: skip
    inserted = await execute(
        "INSERT INTO sign_up (id, project_id, agency_id, authorised_person_id, practitioner_ids, signed_by, signed_up_at,"
        " entry_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (project_id, agency_id) WHERE withdrawn_at IS NULL DO NOTHING",
        sign_up_id, project_id, agency_id, offer.authorised_person_id, list(offer.practitioner_ids), by, now, entry_id,
    )  # fmt: skip
    if not inserted:
        raise _Doubled
    return SignUpView(
        sign_up_id, project_id, agency_id, offer.authorised_person_id, offer.practitioner_ids, by, now, entry_id,
        withdrawn_at=None, withdrawn_after_close=False, withdrawal_entry_id=None,
    )  # fmt: skip


_OPEN_PROJECT = """
SELECT p.number, p.stage, p.sign_up_opens_at, p.sign_up_closes_at, p.catalogue_version, o.legal_representative, o.parent_code,
       (SELECT count(*) FROM project_amendment m WHERE m.project_id = p.id) AS amendments,
       (SELECT count(*) FROM sign_up s WHERE s.project_id = p.id AND s.withdrawn_at IS NULL) AS count,
       EXISTS (SELECT 1 FROM sign_up s WHERE s.project_id = p.id AND s.agency_id = $2 AND s.withdrawn_at IS NULL) AS mine,
       EXISTS (SELECT 1 FROM agency_authorised_person a WHERE a.id = $3 AND a.agency_id = $2 AND a.review = 'accepted'
               AND a.left_at IS NULL) AS authorised
FROM project p JOIN organisation o ON o.id = p.owner_id WHERE p.id = $1
"""
# Whoever comes too late takes no lock: a crowd at the door must not keep the pool from being frozen.
_IN_TIME = " AND p.stage = $4 AND p.sign_up_closes_at > $5 FOR KEY SHARE OF p"


async def _open_project(project_id: UUID, agency_id: UUID, offer: SignUpOffer, now: datetime) -> dict[str, Any]:
    """The project's facts under a key lock: its freeze waits for us, other sign-ups do not."""
    who = (project_id, agency_id, offer.authorised_person_id)
    held = await fetch_one(_OPEN_PROJECT + _IN_TIME, *who, str(Stage.SIGN_UP), now)
    row = held or await fetch_one(_OPEN_PROJECT, *who)
    if row is None:
        raise NotFound
    if row["mine"]:
        raise _Doubled
    check_window(Stage(row["stage"]), row["sign_up_opens_at"], row["sign_up_closes_at"], now)
    if held is None:  # it moved between the two readings
        raise stage_moved()
    return row


async def _check_offer(
    project_id: UUID, project: dict[str, Any], agency_id: UUID, offer: SignUpOffer, now: datetime
) -> AgencyFacts:
    agencies = await facts_of([agency_id])
    if not agencies:
        raise NotFound
    asked = await _asked(project_id, project["amendments"], project["catalogue_version"])
    demand = replace(
        asked.demand,
        owner_legal_representative=project["legal_representative"],
        owner_parent_code=project["parent_code"],
    )
    assessment = assess(demand, agencies[0], catalogue=asked.catalogue, at=now)
    if not assessment.eligible:
        raise _not_eligible([line.message for line in assessment.lines if not line.passed])
    _check_practitioners(demand, agencies[0], offer, now)
    if not project["authorised"]:
        raise _not_authorised()
    return agencies[0]


@dataclass(frozen=True)
class _Asked:
    """What a project asks for: it changes by amendments only, so it is read once a process for each of them."""

    demand: Demand
    catalogue: Catalogue


_MOST_KEPT: Final = 1000
_kept: OrderedDict[tuple[UUID, int], _Asked] = OrderedDict()


async def _asked(project_id: UUID, amendments: int, catalogue_version: str) -> _Asked:
    key = (project_id, amendments)
    if key not in _kept:
        demand, catalogue = await demand_of(project_id), await catalogue_queries.catalogue(catalogue_version)
        _kept[key] = _Asked(demand, catalogue)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return _kept[key]


def _not_eligible(reasons: Sequence[Any]) -> Refusal:
    facts = {f"reason_{place}": reason for place, reason in enumerate(reasons, start=1)}
    return Refusal(
        "sign_up.not_eligible", N_("Your organisation may not sign up for this project now: {reason_1}"),
        todo=N_("Open the project: it shows every rule, what was found, and what you can do about it."), **facts,
    )  # fmt: skip


def _check_practitioners(demand: Demand, agency: AgencyFacts, offer: SignUpOffer, now: datetime) -> None:
    fitting = {one.id for one in fitting_practitioners(demand, agency, beijing_date(now))}
    chosen = set(offer.practitioner_ids)
    if not chosen <= fitting or len(chosen) < demand.practitioners_needed:
        raise Refusal(
            "sign_up.practitioners", N_("This project asks for {needed} practitioners; {chosen} of those you named count."),
            todo=N_("Go back and choose practitioners of your own whose registration is in force."),
            needed=demand.practitioners_needed, chosen=len(chosen & fitting),
        )  # fmt: skip


def _not_authorised() -> Refusal:
    return Refusal(
        "sign_up.authorised_person", N_("The person you named may not act for your organisation."),
        todo=N_("Choose an authorised person whose papers were accepted, or add one to your entry."),
    )  # fmt: skip


async def withdraw(project_id: UUID, agency_id: UUID, *, now: datetime) -> SignUpView:
    """Takes a sign-up back while sign-up is open; nothing remains of it but two register entries without a name."""
    async with transaction():
        project = await fetch_one(
            "SELECT p.number, p.stage, p.sign_up_closes_at,"
            " (SELECT count(*) FROM sign_up s WHERE s.project_id = p.id AND s.withdrawn_at IS NULL) AS count"
            " FROM project p WHERE p.id = $1 FOR KEY SHARE OF p",
            project_id,
        )
        if project is None:
            raise NotFound
        held = await _held(project_id, agency_id)
        if held is not None:
            _check_withdrawal(Stage(project["stage"]), project["sign_up_closes_at"], now)
            entry_id = await record(
                "sign_up.withdrawn", subject=project["number"], by=BY, data={"count": project["count"] - 1}, at=now,
                private={"agency": await _code(agency_id), "sign_up": str(held)},
            )  # fmt: skip
            await _end(held, now, entry_id, after_close=False)
    return await _own(project_id, agency_id)


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
            code = await _code(agency_id)
            current = await _round_with(project, code)
            public_at = round_time(beacon_in_force().chain, current.beacon_round)
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
