"""Mediation and agreement: taking the case, proposing, accepting or refusing, handing it to the regulator."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.contracts.queries import rulebook_of
from projects.contracts.rules import Side
from projects.disputes import queries, rules
from projects.disputes.actions import agreeing
from projects.disputes.forms import LABELS, REASON_MAX, parse_proposal, parse_reason, parse_reply
from projects.disputes.queries import DisputeView, ProposalView
from projects.disputes.rules import Proposer
from projects.page.dispute_notes import KINDS

AnyRequest = Request[Any, Any, Any]


async def _mediator(request: AnyRequest, number: str) -> tuple[Viewer, DisputeView]:
    viewer = require_viewer(request, "operator", role="handler")
    found = await queries.access_dispute(viewer, number)
    rules.check_mediation(found.facts)
    return viewer, found


@post("/disputes/{number:str}/taking")
async def take(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await _mediator(request, number)
    await agreeing.take(number, viewer=viewer, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("You have taken up the mediation."))


async def _proposer(request: AnyRequest, number: str) -> tuple[Viewer, DisputeView]:
    """The operator, or a side whose signatory this is; refused where nothing can be proposed now."""
    viewer = require_viewer(request, "owner", "agency", "operator")
    if viewer.is_operator:
        require_viewer(request, role="handler")
        found, proposer = await queries.access_dispute(viewer, number), Proposer.OPERATOR
    else:
        require_viewer(request, role="signatory")
        found, side = await queries.access_as_side(viewer, number)
        proposer = Proposer(side)
    rules.check_proposing(found.facts, proposer, [one.facts for one in found.proposals], refund_fen=0,
                          amount_fen=found.amount_fen)  # fmt: skip
    return viewer, found


@get("/disputes/{number:str}/proposal")
async def proposal_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _proposal_page(request, number)


async def _proposal_page(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    _, found = await _proposer(request, number)
    book = await rulebook_of(found.contract)
    return render(
        request, "disputes/proposal.html", status=status, dispute=found, labels=LABELS, text_max=REASON_MAX, kinds=KINDS,
        days=book.days("dispute.proposal_days"), evidence=await queries.evidence_of(found.id), **typed,
    )  # fmt: skip


@post("/disputes/{number:str}/proposal")
@comes_back_to(_proposal_page)
async def propose(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await _proposer(request, number)
    new = parse_proposal(await read_form(request), amount=found.amount)
    await agreeing.propose(number, new, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("The proposal is recorded and waits for its answer."))


async def _answering(request: AnyRequest, number: str) -> tuple[Viewer, DisputeView, Side, ProposalView]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    found, side = await queries.access_as_side(viewer, number)
    offer = found.waiting
    rules.check_answering(found.facts, offer.facts if offer else None, side, now=arrived_at(request))
    assert offer is not None
    return viewer, found, side, offer


@get("/disputes/{number:str}/reply")
async def reply_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _reply_page(request, number)


async def _reply_page(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, found, side, offer = await _answering(request, number)
    return render(request, "disputes/reply.html", dispute=found, side=side, offer=offer, labels=LABELS, **typed)


@post("/disputes/{number:str}/reply")
@comes_back_to(_reply_page)
async def reply(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found, _, offer = await _answering(request, number)
    accepts = parse_reply(await read_form(request))
    await agreeing.answer_proposal(number, no=offer.no, accepts=accepts, viewer=viewer, calendar=running(request).calendar,
                                   now=arrived_at(request))  # fmt: skip
    return redirect(request, found.url, notice=N_("Your answer to the proposal is recorded."))


@get("/disputes/{number:str}/referral")
async def referral_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _referral_page(request, number)


async def _referral_page(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, found = await _mediator(request, number)
    return render(request, "disputes/referral.html", dispute=found, labels=LABELS, text_max=REASON_MAX, **typed)


@post("/disputes/{number:str}/referral")
@comes_back_to(_referral_page)
async def give_up(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await _mediator(request, number)
    reason = parse_reason(await read_form(request))
    await agreeing.give_up(number, reason, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("The dispute is with the regulator."))


routes: list[Any] = [take, proposal_form, propose, reply_form, reply, referral_form, give_up]
