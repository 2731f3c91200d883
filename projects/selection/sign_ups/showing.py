"""What an agency sees before it signs up: its eligibility as a list, and who could act for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request

from agencies.queries import AuthorisedPerson, authorised_persons, facts_of
from agencies.rules import HeldPractitioner
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import NATION
from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound
from market.kernel.i18n import N_, translate
from market.web.context import running
from market.web.display import say
from market.web.security import CSRF_COOKIE
from market.web.viewer import Viewer
from projects.eligibility import Assessment, Demand, Line, assess, fitting_practitioners
from projects.queries import ProjectView, demand_of
from projects.selection.rounds.queries import refused_before
from projects.selection.rounds.rules import left_out_line
from projects.selection.sign_ups.origins import Mark, marks_of

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
    "listed": "entry.barred_lists",
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
