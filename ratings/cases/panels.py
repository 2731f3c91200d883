"""Cases on other pages: published decisions on the agency's page, what it means for owners, what waits on work benches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from agencies.queries.oversight import watches
from market.accounts.queries import organisation_by_code
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.queries import project_by_number
from projects.rules import Stage
from ratings.cases import queries
from ratings.cases.queries import CaseView
from ratings.cases.rules import State
from ratings.cases.words import measure_text

AnyRequest = Request[Any, Any, Any]


@panel("agency", order=35)
async def decisions_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Published decisions, and for those who supervise the firm the way to a case."""
    firm = await organisation_by_code(key)
    if firm is None:
        return None
    found = await queries.decisions_of(firm.id, now)
    may_open = viewer.has_role("handler") and await watches(viewer, firm)
    if not found and not may_open:
        return None
    context = {"decisions": found, "measure_text": measure_text, "code": firm.code, "may_open": may_open}
    return Panel("cases/_agency.html", context, "aside")


@panel("owner", order=35)
async def owner_decisions_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """The same for an owner."""
    owner = await organisation_by_code(key)
    if owner is None:
        return None
    found = await queries.decisions_of(owner.id, now)
    may_open = viewer.has_role("handler") and await queries.watches_party(viewer, owner)
    if not found and not may_open:
        return None
    context = {"decisions": found, "measure_text": measure_text, "code": owner.code, "may_open": may_open}
    return Panel("cases/_agency.html", context)


@panel("project", order=42)
async def owner_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """For the owner alone: that a measure was decided against the agency it has a contract with. While the notice of the
    result runs, everybody reads there what it means."""
    project = await project_by_number(key)
    if viewer.organisation_id != project.owner_id or project.winner_id is None or project.stage is Stage.RESULT_NOTICE:
        return None
    if key not in {one["number"] for one in await queries.running_owners(project.winner_id)}:
        return None
    bar = await queries.bar_of(project.winner_id, now)
    return Panel("cases/_owner.html", {"bar": bar, "name": project.winner_name}, "aside") if bar else None


@waiting("ratings.cases.authority")
async def to_handle(viewer: Viewer, now: datetime) -> list[Waiting]:
    """What waits for an act of those who supervise; nobody is asked to judge what he recorded or decided."""
    if not (viewer.is_regulator or viewer.is_operator):
        return []
    return [step for one in await queries.waiting_for(viewer, now) for step in _steps(one, viewer)]


def _steps(found: CaseView, viewer: Viewer) -> list[Waiting]:
    own = viewer.organisation_id == found.authority_id
    recorded, judged = viewer.person_id == found.recorded_by, viewer.person_id == found.decided_by
    steps = []
    if found.state is State.RECORDED and own:
        steps.append(_step(found, N_("Send the notice in case {number}."), "/notice"))
    if found.hearing_asked_at and not found.heard_at and not found.decided_at and own:
        steps.append(_step(found, N_("Hear the party in case {number}."), "/hearing"))
    elif found.state is State.TO_DECIDE and not recorded and viewer.has_role("signatory"):
        steps.append(_step(found, N_("Decide case {number}."), "/decision"))
    if found.state is State.APPEALED and not recorded and not judged and viewer.has_role("signatory"):
        steps.append(_step(found, N_("Decide the appeal in case {number}."), "/appeal-decision"))
    if found.talk_ordered and own:
        steps.append(_talk(found))
    if found.repair is not None and found.repair.decided_at is None and viewer.has_role("signatory"):
        text = Message(N_("Decide on the repair in case {number}."), {"number": found.number})
        steps.append(
            Waiting(
                text,
                f"{found.url}/repair-decision",
                found.repair.asked_at,
                found.repair.due_at,
                found.number,
                found.firm_name,
            )
        )
    return steps


def _talk(found: CaseView) -> Waiting:
    over = found.talk is not None and found.now >= found.talk.talk_at
    text = (
        N_("Write the minutes of the talk in case {number}.")
        if over
        else N_("Hold the talk that was decided in case {number}.")
    )
    since = found.decided_at or found.recorded_at
    return Waiting(
        Message(text, {"number": found.number}),
        f"{found.url}/talk",
        since,
        found.talk_due_at,
        found.number,
        found.firm_name,
    )


def _step(found: CaseView, text: str, page: str) -> Waiting:
    since, due_at = found.due or (found.recorded_at, None)
    return Waiting(
        Message(text, {"number": found.number}), found.url + page, since, due_at, found.number, found.firm_name
    )


@waiting("ratings.cases.firm")
async def to_answer(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.is_regulator or viewer.is_operator or viewer.organisation_id is None:
        return []
    texts = {State.NOTIFIED: (N_("State your view in case {number}."), "/statement"),
             State.DECIDED: (N_("You may appeal against the decision in case {number}."), "")}  # fmt: skip
    found = [one for one in await queries.cases_of(viewer.organisation_id, now) if one.state in texts]
    return [_step(one, *texts[one.state]) for one in found if not (one.state is State.NOTIFIED and one.statements)]
