"""The expert's own entry: applying, correcting, declaring conflicts, leaving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post

from market.catalogue.queries import catalogue_at
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.experts import actions, forms
from projects.experts.actions.pool import gaps
from projects.experts.queries.pool import Conflict, ExpertView, conflicts_of, find_own, trainings_of
from projects.experts.queries.seats import seats_of
from projects.experts.routes.words import STAGE_KINDS, STAGE_NAMES, AnyRequest, book_in_force, names_of
from projects.experts.rules import OPEN_STAGES, Stage

HERE = "/expert/application"
_PRIVATE = ("id_number", "phone", "account")  # shown masked only


async def _own(viewer: Viewer) -> ExpertView:
    assert viewer.organisation_id is not None
    expert = await find_own(viewer.organisation_id)
    if expert is None:
        raise NotFound
    return expert


@get(HERE)
async def application_page(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "expert")
    assert viewer.organisation_id is not None
    await actions.open_application(viewer.organisation_id)
    return await _page(request)


async def _page(request: AnyRequest, **typed: Any) -> Response[Any]:
    """Filled with what is kept until somebody has typed into it."""
    expert, book = await _own(require_viewer(request, "expert")), await book_in_force(request)
    conflicts = await conflicts_of(expert.id)
    return render(
        request, "experts/application.html", expert=expert, names=await names_of(request), labels=forms.LABELS,
        gaps=gaps(expert), conflicts=conflicts, trainings=await trainings_of(expert.id),
        seats=await seats_of(expert.organisation_id, limit=20), state=STAGE_NAMES[expert.stage],
        kind=STAGE_KINDS.get(expert.stage, "plain"), open=expert.stage in OPEN_STAGES,
        editable=expert.stage in OPEN_STAGES or expert.stage is Stage.ADMITTED, days=book.working_days("expert.review_days"),
        **{"values": _kept(expert, conflicts), **typed},
    )  # fmt: skip


def _kept(expert: ExpertView, conflicts: Sequence[Conflict]) -> dict[str, Any]:
    return {
        "specialities": list(expert.specialities), "profession": expert.profession, "title": expert.title,
        "employer_name": expert.employer_name, "employer_code": expert.employer_code or "", "bank_name": expert.bank_name,
        "conflict_code": [one.organisation_code for one in conflicts], "conflict_reason": [one.reason for one in conflicts],
    }  # fmt: skip


@post(HERE)
@comes_back_to(_page, lists=("specialities", "conflict_code", "conflict_reason"), unkept=_PRIVATE)
async def save_application(request: AnyRequest) -> Response[Any]:
    """Saves; the button `hand_in` hands the saved application in for review as well."""
    viewer, now = require_viewer(request, "expert"), arrived_at(request)
    expert, form = await _own(viewer), await read_form(request)
    application, conflicts = forms.parse_application(
        form, await catalogue_at(now), identified=bool(expert.id_number_masked), reachable=bool(expert.phone_masked),
        paid=bool(expert.account_masked), open_=expert.stage in OPEN_STAGES,
    )  # fmt: skip
    await actions.save_application(
        expert.organisation_id, application, conflicts, key=running(request).settings.secret_key, now=now
    )
    if form.get("then") == "hand_in":
        await actions.submit(
            expert.organisation_id, rulebook=await book_in_force(request), calendar=running(request).calendar, now=now
        )
        return redirect(request, HERE, notice=N_("Your application is handed in; the operator reviews it."))
    return redirect(request, HERE, notice=N_("Saved."))


@get("/expert/leave")
async def leave_page(request: AnyRequest) -> Response[Any]:
    return await _leave_form(request)


async def _leave_form(request: AnyRequest, **typed: Any) -> Response[Any]:
    return render(request, "experts/leave.html", expert=await _own(require_viewer(request, "expert")), **typed)


@post("/expert/leave")
@comes_back_to(_leave_form)
async def leave(request: AnyRequest) -> Response[Any]:
    expert = await _own(require_viewer(request, "expert"))
    reason = forms.parse_reason(await read_form(request))
    await actions.leave(expert.code, reason, by="expert", own_wish=True, now=arrived_at(request))
    return redirect(request, HERE, notice=N_("You have left the pool of experts."))


routes: list[Any] = [application_page, save_application, leave_page, leave]
