"""What pages of selection need beside the stored facts: eligibility as a list, a round as a story."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request

from agencies.queries import AuthorisedPerson, authorised_persons, facts_of
from agencies.rules import HeldPractitioner
from market.beacon.rules import Chain, round_time
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import NATION
from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound
from market.kernel.i18n import N_, translate
from market.register.queries import Entry
from market.web.context import running
from market.web.display import moment_exact, say
from market.web.security import CSRF_COOKIE
from market.web.viewer import Viewer
from projects.eligibility import Assessment, Demand, Line, assess, fitting_practitioners
from projects.queries import ProjectView, demand_of
from projects.selection.dossiers.draw_dossier import Dossier
from projects.selection.methods import METHODS, by_lot
from projects.selection.origins import Mark, marks_of
from projects.selection.queries import RoundView, refused_before
from projects.selection.rules import left_out_line
from projects.selection.way_in import WAYS_IN

RULE_NAMES: Final = {
    "admitted": N_("Admission"),
    "services": N_("Service items"),
    "qualification": N_("Qualification"),
    "practitioners": N_("Practitioners"),
    "avoided": N_("Avoidance"),
    "affiliated": N_("Affiliation"),
    "suspended": N_("Suspension"),
    "restricted": N_("Restricted list"),
    "listed": N_("Lists of other authorities"),
    "one_bidder": N_("Head office and branches"),
    "further_draw": N_("Further selection"),
    "abandoned": N_("Place given up"),
}
# Rules of the eligibility list that the rulebook explains.
RULEBOOK_KEYS: Final = {
    "one_bidder": "entry.branches_as_one",
    "restricted": "restricted.years",
    "suspended": "tier.pause_below",
}
# Where an agency can do something about a line.
TODO_LINKS: Final = {
    "admitted": "/agency/entry", "services": "/agency/entry", "qualification": "/agency/entry",
    "practitioners": "/agency/entry", "suspended": "/credit", "restricted": "/lists?name=restricted",
    "listed": "/lists/imported",
}  # fmt: skip


@dataclass(frozen=True)
class SignUpFacts:
    """What an agency sees before it signs up: may it, why, and who could act for it; `mark_days`: how long marks of
    where its entry came from are kept."""

    demand: Demand
    assessment: Assessment
    people: Sequence[AuthorisedPerson]
    practitioners: Sequence[HeldPractitioner]
    mark_days: int


@dataclass(frozen=True)
class Place:
    """One entrant of a drawn pool, in the order of the draw."""

    place: int
    code: str
    name: str
    ticket: str
    won: bool


async def sign_up_facts(project: ProjectView, viewer: Viewer, now: datetime) -> SignUpFacts:
    assert viewer.organisation_id is not None
    agencies = await facts_of([viewer.organisation_id])
    if not agencies:
        raise NotFound
    demand = await demand_of(project.id)
    catalogue = await catalogue_queries.catalogue(project.catalogue_version)
    assessment = assess(demand, agencies[0], catalogue=catalogue, at=now)
    cause = (await refused_before(project.id)).get(viewer.organisation_id)
    if cause is not None:
        assessment = Assessment(False, (*assessment.lines, left_out_line(cause)))
    return SignUpFacts(
        demand,
        assessment,
        await authorised_persons(viewer.organisation_id),
        fitting_practitioners(demand, agencies[0], beijing_date(now)),
        (await catalogue_queries.rulebook_in_force(NATION, now)).calendar_days("screen.mark_days"),
    )


def entry_marks(request: Request[Any, Any, Any], project_id: UUID) -> tuple[Mark, ...]:
    """Of where this request came from. The device is known by the cookie that protects forms: no cookie is set for it."""
    cookies = request.scope["state"].get("cookies", {})
    address = request.client.host if request.client else ""
    key = running(request).settings.secret_key
    return marks_of(key, project_id, device=cookies.get(CSRF_COOKIE), address=address)


def check_items(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Eligibility lines for the check_list macro, in the page's language."""
    return [
        {
            "passed": line.passed,
            "label": translate(RULE_NAMES.get(line.rule, line.rule)),
            "found": say(line.message),
            "rule": RULEBOOK_KEYS.get(line.rule),
            "todo": say(line.todo) if line.todo and not line.passed else None,
            "todo_href": TODO_LINKS.get(line.rule),
        }
        for line in lines
    ]


def places_of(found: RoundView, dossier: Dossier | None) -> list[Place]:
    """The pool in the order of the draw, or by code while there is none."""
    names = {one.code: one.name for one in found.pool or ()}
    if dossier is None:
        return [Place(0, code, name, "", won=False) for code, name in names.items()]
    winners = set(dossier.winners)
    return [
        Place(number, one.code, names[one.code], one.score, won=one.code in winners)
        for number, one in enumerate(dossier.order, start=1)
    ]


def round_public_at(found: RoundView, chain: Chain) -> datetime | None:
    """When the committed round appears; None if there is none, or it belongs to a beacon that is not in force any more."""
    if found.beacon_round is None or chain.hash != found.beacon_chain:
        return None
    return round_time(chain, found.beacon_round)


def story_of(
    project: ProjectView, found: RoundView, history: Sequence[Entry], public_at: datetime | None, now: datetime
) -> list[dict[str, Any]]:
    """What was fixed when, for the timeline macro: the order is the proof."""
    entries = {entry.kind: entry for entry in history if _belongs(entry, found)}
    if committed := entries.get("draw.committed") or _notice(history, found):
        entries["committed"] = committed
    number = {"number": found.beacon_round}
    story = [
        _event(at, text, now, next((entries[kind] for kind in kinds if kind in entries), None), icon, number)
        for at, text, kinds, icon in _moments(project, found, public_at)
    ]
    return [event for event in story if event["at"] is not None]


def _moments(
    project: ProjectView, found: RoundView, public_at: datetime | None
) -> list[tuple[datetime | None, str, tuple[str, ...], str]]:
    """(when, what, kinds of the register entry, icon)"""
    drawn = found.method == by_lot.CODE
    bound = (
        N_("The draw is bound to beacon round {number}") if drawn else N_("The bids are bound to beacon round {number}")
    )
    decided = N_("The draw is computed and published") if drawn else N_("The result is decided and published")
    live = METHODS[found.method].live
    # An agency that the notice names may answer long before the close.
    answered = METHODS[found.method].alone and found.drawn_at is not None
    # A further round among the same pool opens and closes in one moment.
    at_once = found.deadline <= found.committed_at
    closes_at = None if live or answered or at_once else found.deadline
    return [
        (found.committed_at, bound if found.beacon_round else N_("The notice names the agency"), ("committed",), "lock"),
        (closes_at, WAYS_IN[found.method].closes, (), "clock"),
        (found.frozen_at, N_("The pool is frozen and its hash is published"), ("pool.frozen", "pool.sealed"), "list-check"),
        (found.deadline if live else None, N_("Bidding ends"), (), "clock"),
        (public_at, N_("Beacon round {number} appears: nobody could know it before"), (), "bolt"),
        (found.opened_at, N_("All bids open in one act"), ("bids.opened",), "mail-opened"),
        (found.drawn_at, decided, ("draw.made", "selection.decided", "project.failed"), "dice-5" if drawn else "calculator"),
        (_ends_at(project, found), N_("The public notice of the result ends"), (), "flag"),
    ]  # fmt: skip


def _event(
    at: datetime | None, text: str, now: datetime, entry: Entry | None, icon: str, facts: dict[str, Any] | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "at": at, "title": translate(text, **(facts or {})), "icon": icon, "future": at is None or at > now,
        "text": moment_exact(at) if at else None,
    }  # fmt: skip
    if entry is not None:
        made |= {"number": entry.written, "href": f"/register/entries/{entry.id}"}
    return made


def _ends_at(project: ProjectView, found: RoundView) -> datetime | None:
    return project.result_notice_ends_at if found.state == "drawn" else None


def _belongs(entry: Entry, found: RoundView) -> bool:
    return entry.data.get("round_no") == found.no


def _notice(history: Sequence[Entry], found: RoundView) -> Entry | None:
    """The notice, or the amendment, that committed a first round."""
    notices = [
        one for one in history if one.kind in ("project.published", "project.amended") and one.at == found.committed_at
    ]
    return notices[-1] if notices else None
