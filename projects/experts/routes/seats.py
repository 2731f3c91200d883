"""An expert's seat on a panel: the invitation, the sheet, the signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from market.catalogue.queries import rulebook
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.downloads import download_opened
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.experts import actions, forms
from projects.experts.panel import End
from projects.experts.proposals import ProposalInvalid, ProposalSeal, decrypt_proposal
from projects.experts.queries.seats import Seat, access_proposal, access_seat
from projects.experts.routes.words import END_NAMES, PROPOSAL_FAULTS, AnyRequest, lit
from projects.experts.rules import Band, check_signable

_TEMPLATES = {"invited": "invitation", "scoring": "sheet", "signed": "signed", "over": "over"}


async def _seat(request: AnyRequest, member_id: UUID) -> tuple[Viewer, Seat]:
    viewer = require_viewer(request, "expert")
    return viewer, await access_seat(viewer, member_id)


@get("/expert/panels/{member_id:uuid}")
async def seat_page(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    return await _page(request, member_id)


async def _page(
    request: AnyRequest, member_id: UUID, *, values: Mapping[str, Any] | None = None, **typed: Any
) -> Response[Any]:
    """The marks that are kept stand below what was typed."""
    _, seat = await _seat(request, member_id)
    member = seat.member
    return render(
        request, f"experts/{_TEMPLATES[seat.state]}.html", seat=seat, values={**forms.values_of(seat.marks), **(values or {})},
        band=actions.band_of(await rulebook(seat.project.rulebook_version)), END_NAMES=END_NAMES,
        proposal_faults=PROPOSAL_FAULTS,
        receipt=await entry(member.entry_id) if member.entry_id else None,
        lamp=await lit(request, seat.project.rulebook_version, member.accepted_at or member.invited_at, member.due_at),
        **typed,
    )  # fmt: skip


@post("/expert/panels/{member_id:uuid}/accept")
@comes_back_to(_page)
async def accept(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    _, seat = await _seat(request, member_id)
    forms.parse_acceptance(await read_form(request))
    await actions.accept(member_id, seat.member.organisation_id, now=arrived_at(request))
    return redirect(request, seat.url, notice=N_("You have accepted. The offers are open to you now."))


@post("/expert/panels/{member_id:uuid}/decline")
@comes_back_to(_page)
async def decline(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    return await _step_down(request, member_id, End.DECLINED, "decline_reason")


@post("/expert/panels/{member_id:uuid}/conflict")
@comes_back_to(_page)
async def discover_conflict(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    return await _step_down(request, member_id, End.CONFLICT, "conflict_reason")


async def _step_down(request: AnyRequest, member_id: UUID, end: End, answer: str) -> Response[Any]:
    """Another expert is asked."""
    _, seat = await _seat(request, member_id)
    reason = forms.parse_reason(await read_form(request), answer)
    await actions.step_down(member_id, seat.member.organisation_id, end, reason, now=arrived_at(request))
    return redirect(request, seat.url, notice=N_("Recorded. Another expert is asked in your place."))


@post("/expert/panels/{member_id:uuid}/marks")
@comes_back_to(_page)
async def save_marks(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """While somebody types: keeps what is a mark already. By its button: everything, and on to the signature."""
    _, seat = await _seat(request, member_id)
    form, codes = await read_form(request), [one.code for one in seat.offers]
    marks = forms.parse_whatever_is_a_mark(form, codes, len(seat.criteria))
    await actions.save_marks(member_id, seat.member.organisation_id, marks, now=arrived_at(request))
    if request.headers.get("hx-request"):
        return Response(None, status_code=204)
    forms.parse_marks(form, codes, len(seat.criteria))
    return redirect(request, f"{seat.url}/sign")


@get("/expert/panels/{member_id:uuid}/sign")
async def sign_page(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    _, seat = await _seat(request, member_id)
    if seat.state != "scoring":
        return redirect(request, seat.url)
    band = actions.band_of(await rulebook(seat.project.rulebook_version))
    return render(
        request, "experts/sign.html", seat=seat, marks={(one.agency, one.criterion): one for one in seat.marks}, band=band,
        seen=actions.fingerprint(seat.marks), problem=_problem(seat, band),
    )  # fmt: skip


def _problem(seat: Seat, band: Band) -> Refusal | None:
    """Why the sheet cannot be signed as it is."""
    try:
        check_signable(seat.marks, agencies=[one.code for one in seat.offers], criteria=len(seat.criteria), band=band)
    except Refusal as problem:
        return problem
    return None


@post("/expert/panels/{member_id:uuid}/sign")
async def sign(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    _, seat = await _seat(request, member_id)
    form = await read_form(request)
    seen = str(form.get("seen") or "")
    await actions.sign(member_id, seat.member.organisation_id, seen=seen, now=arrived_at(request))
    return redirect(
        request, seat.url, notice=N_("Your marks are signed. They are published when every expert has signed.")
    )


@get("/expert/panels/{member_id:uuid}/proposals/{agency:str}")
async def proposal(request: AnyRequest, member_id: FromPath[UUID], agency: FromPath[str]) -> Response[Any]:
    _, seat = await _seat(request, member_id)
    file, seal = await access_proposal(seat, agency)
    return await download_opened(request, file, lambda content: _opened(content, seal))


def _opened(content: bytes, seal: ProposalSeal) -> tuple[str, bytes]:
    try:
        found = decrypt_proposal(content, seal)
    except ProposalInvalid as problem:
        raise Refusal(
            "proposal.unreadable", N_("This proposal cannot be opened with the key that its bid gave: it counts as none."),
            todo=N_("Mark the offer by what can be read, and give this as your reason."),
        ) from problem  # fmt: skip
    return found.name, found.content


routes: list[Any] = [seat_page, accept, decline, discover_conflict, save_marks, sign_page, sign, proposal]
