"""Who may take part: what signing up and bidding have in common.

Nobody waits for another agency: all of them share a key lock on the project, which only its freeze and its amendment
exclude. A crowd shares transactions (market.kernel.together).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from agencies.queries import facts_of
from agencies.rules import AgencyFacts
from market.beacon.timelock import Flaw
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Catalogue
from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.together import Again, Together
from market.register.actions import note_entries
from projects.actions import stage_moved
from projects.eligibility import Demand, assess, fitting_practitioners
from projects.queries import demand_of
from projects.rules import Stage
from projects.selection.bids import rules as bidding
from projects.selection.rounds.rules import left_out_line
from projects.selection.sign_ups.actions import arrivals
from projects.selection.sign_ups.actions.arrivals import Plan
from projects.selection.sign_ups.actions.wishes import Taken, Wish
from projects.selection.sign_ups.rules import check_window


async def _take_in(wishes: Sequence[Wish]) -> list[Taken | Exception]:
    """All of them in one transaction: each is answered with what stands, or with why it is refused."""
    locked = await arrivals.lock_projects(wishes)
    projects = await arrivals.projects_of(wishes)
    standing = await arrivals.standing_of(wishes)
    agencies = {one.id: one for one in await facts_of(list({wish.agency_id for wish in wishes}))}
    crowd = len(wishes) > 1
    answers: list[Taken | Plan | Exception] = []
    for wish, own in zip(wishes, standing, strict=True):
        project = projects.get(wish.project_id)
        try:
            answers.append(await _judge(wish, project, own, agencies.get(wish.agency_id), locked, crowd=crowd))
        except (Refusal, NotFound, Again) as problem:
            answers.append(problem)
    plans = sorted((one for one in answers if isinstance(one, Plan)), key=_in_one_order)
    taken = dict(zip((id(plan) for plan in plans), await arrivals.write(_counted(plans)), strict=True))
    return [taken[id(one)] if isinstance(one, Plan) else one for one in answers]


def _in_one_order(plan: Plan) -> tuple[UUID, UUID]:
    """Two crowds that hold the same agencies wait for each other in one direction only."""
    return plan.wish.project_id, plan.wish.agency_id


def _counted(plans: Sequence[Plan]) -> list[Plan]:
    """Each knows how many have signed up with it: those before it in this crowd included."""
    seen: dict[UUID, int] = {}
    counted = []
    for plan in plans:
        before = seen.get(plan.wish.project_id, 0)
        seen[plan.wish.project_id] = before + 1
        counted.append(plan if plan.count is None else replace(plan, count=plan.count + before + 1))
    return counted


take_part: Final = Together[Wish, Taken](
    _take_in,
    key=lambda wish: (wish.project_id, wish.agency_id),
    note=lambda taken: note_entries([taken.entry_id]),
)


async def _judge(
    wish: Wish, project: dict[str, Any] | None, own: dict[str, Any], agency: AgencyFacts | None,
    locked: Collection[UUID], *, crowd: bool,
) -> Taken | Plan:  # fmt: skip
    if project is None or agency is None:
        raise NotFound
    if (stands := _stands_already(wish, own)) is not None:
        return stands
    bidding.check_asked(project["method"], sealed=wish.bid is not None)
    check_window(Stage(project["stage"]), project["sign_up_opens_at"], project["sign_up_closes_at"], wish.now)
    if wish.project_id not in locked:  # it is being frozen or amended this moment
        raise Again if crowd else stage_moved()
    _check_bid(wish, project, own)
    await _check_offer(wish, project, own, agency)
    return _plan(wish, project, own, agency)


def _stands_already(wish: Wish, own: dict[str, Any]) -> Taken | None:
    """The same request sent twice is answered the same twice."""
    if wish.bid is None:
        return Taken(own["sign_up_id"], own["entry_id"], own["bid_id"], repeated=True) if own["sign_up_id"] else None
    if own["nonce_id"] is None:
        return None
    sealed = wish.bid.sealed
    # What the server sealed twice differs, though the form was one: it cannot compare, and must not be able to.
    same = wish.bid.sha256 == own["nonce_sha256"] or sealed.sealed_by == own["nonce_sealed_by"] == "server"
    mine = (wish.agency_id, wish.project_id) == (own["nonce_agency"], own["nonce_project"])
    if not (same and mine) or own["nonce_ended"] is not None:
        raise bidding.nonce_used()
    return Taken(own["nonce_sign_up"], own["nonce_entry"], own["nonce_id"], repeated=True)


def _check_bid(wish: Wish, project: dict[str, Any], own: dict[str, Any]) -> None:
    if wish.bid is None:
        return
    if wish.bid.chain != project["beacon_chain"]:
        raise bidding.malformed(Flaw.OTHER_CHAIN)
    if wish.bid.round != project["beacon_round"]:
        raise bidding.malformed(Flaw.OTHER_ROUND)
    if own["replayed"]:
        raise bidding.replayed()
    if own["bid_id"] != wish.replaces:
        raise bidding.stands() if own["bid_id"] else bidding.gone()


def _plan(wish: Wish, project: dict[str, Any], own: dict[str, Any], agency: AgencyFacts) -> Plan:
    return Plan(
        wish, project["number"], project["method"], agency.code, own["sign_up_id"] or new_id(),
        fresh=own["sign_up_id"] is None, count=project["count"], bid_id=new_id() if wish.bid else None,
        replaced_sha256=own["bid_sha256"] if wish.bid else None,
    )  # fmt: skip


async def _check_offer(wish: Wish, project: dict[str, Any], own: dict[str, Any], agency: AgencyFacts) -> None:
    asked = await _asked(wish.project_id, project["amendments"], project["catalogue_version"])
    demand = replace(
        asked.demand,
        owner_legal_representative=project["legal_representative"],
        owner_parent_code=project["parent_code"],
    )
    assessment = assess(demand, agency, catalogue=asked.catalogue, at=wish.now)
    if not assessment.eligible:
        raise _not_eligible([line.message for line in assessment.lines if not line.passed])
    if (cause := project["refused"].get(wish.agency_id)) is not None:
        raise _not_eligible([left_out_line(cause).message])
    _check_practitioners(demand, agency, wish)
    if not own["authorised"]:
        raise _not_authorised()


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


def _check_practitioners(demand: Demand, agency: AgencyFacts, wish: Wish) -> None:
    if not demand.practitioners_needed and not wish.offer.practitioner_ids:
        return
    fitting = {one.id for one in fitting_practitioners(demand, agency, beijing_date(wish.now))}
    chosen = set(wish.offer.practitioner_ids)
    if not chosen <= fitting or len(chosen) < demand.practitioners_needed:
        raise Refusal(
            "sign_up.practitioners", N_("This project asks for {needed} practitioners; {chosen} of those you named count."),
            todo=N_("Go back and choose practitioners of your own whose registration is in force."), field="practitioners",
            needed=demand.practitioners_needed, chosen=len(chosen & fitting),
        )  # fmt: skip


def _not_authorised() -> Refusal:
    return Refusal(
        "sign_up.authorised_person", N_("The person you named may not act for your organisation."),
        todo=N_("Choose an authorised person whose papers were accepted, or add one to your entry."), field="authorised_person",
    )  # fmt: skip
