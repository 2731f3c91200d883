"""A round of selection as everybody may see it: who was in it, what decided, and how to compute it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from market.beacon.source import Beacon
from market.catalogue import queries as catalogue_queries
from market.kernel.i18n import speaking
from market.register.queries import Entry, history_of
from market.web.context import arrived_at, running
from market.web.pages import locale_of, render
from market.web.viewer import viewer_of
from projects.queries import ProjectView, criteria_of, project_by_number
from projects.selection.dossiers import verification
from projects.selection.dossiers.draw_dossier import Dossier
from projects.selection.dossiers.selection_dossier import SelectionDossier
from projects.selection.methods import METHODS, by_lot
from projects.selection.methods.terms import Terms, terms_from
from projects.selection.objections.queries import may_object, objections_of
from projects.selection.rounds import queries
from projects.selection.rounds.announced import terms_of
from projects.selection.rounds.queries import RoundView
from projects.selection.rounds.reckoning import opening_of, selection_parts, unreadable_proposals
from projects.selection.rounds.story import places_of, round_public_at, story_of
from projects.selection.sign_ups.showing import check_items

AnyRequest = Request[Any, Any, Any]
FOR_EVER = "public, max-age=31536000, immutable"


@get("/projects/{number:str}/rounds/{no:int}")
async def round_page(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    project, now = await project_by_number(number), arrived_at(request)
    found = await queries.round_by_no(project.id, no)
    beacon: Beacon = running(request).beacon
    data = verification.read(await queries.dossier_of(project.id, no)) if found.drawn_at else None
    public_at = round_public_at(found, beacon.chain)
    history = await history_of(project.number)
    objections = [one for one in await objections_of(project.id) if one.round_id == found.id]
    return render(
        request, "selection/round.html" if found.method == by_lot.CODE else "selection/selected.html",
        project=project, round=found, dossier=data, public_at=public_at, rounds=await queries.rounds_of(project.id),
        lines=check_items, story=lambda: story_of(project, found, history, public_at, now), objections=objections,
        demonstration=beacon.demonstration and public_at is not None, dossier_url=f"{project.url}/rounds/{no}/dossier.json",
        may_object=found.state == "drawn" and await may_object(viewer_of(request), project, now),
        **await _reckoning(request, project, found, data, history),
    )  # fmt: skip


async def _reckoning(
    request: AnyRequest, project: ProjectView, found: RoundView, data: Dossier | SelectionDossier | None,
    history: Sequence[Entry],
) -> dict[str, Any]:  # fmt: skip
    """What the page of this round shows beside what all rounds have: the places of a draw, or the reckoning."""
    if found.method == by_lot.CODE:
        return {"places": places_of(found, data if isinstance(data, Dossier) else None)}
    decided = data if isinstance(data, SelectionDossier) else None
    with speaking(locale_of(request)):
        opening = opening_of(history, found)
        parts = selection_parts(decided, opening, project.quote) | {
            "unreadable": unreadable_proposals(history, opening)
        }
    terms = await announced_terms(project, found) if decided is None else terms_from(decided.terms)
    return parts | {"method": METHODS[found.method], "terms": terms}


async def announced_terms(project: ProjectView, found: RoundView) -> Terms:
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    return terms_of(project, found, rulebook, await criteria_of(project.id))


@get("/projects/{number:str}/rounds/{no:int}/dossier.json")
async def dossier_file(number: FromPath[str], no: FromPath[int]) -> Response[bytes]:
    """Exactly the published bytes: their hash is in the register."""
    project = await project_by_number(number)
    headers = {"cache-control": FOR_EVER, "content-disposition": f'attachment; filename="{project.number}-{no}.json"'}
    return Response(await queries.dossier_of(project.id, no), media_type="application/json", headers=headers)


routes: list[Any] = [round_page, dossier_file]
