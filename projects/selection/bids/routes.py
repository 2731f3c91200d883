"""An agency hands in a sealed bid, and keeps its receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.beacon.rules import round_time
from market.beacon.source import Beacon
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import Fields, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.experts.actions import keep_encrypted
from projects.queries import ProjectView, project_by_number
from projects.selection.bids import actions
from projects.selection.bids import queries as bid_queries
from projects.selection.bids import rules as bidding
from projects.selection.bids.forms import (
    encrypt_upload,
    fresh_nonce,
    limits_of,
    read_encrypted,
    read_file,
    read_replaces,
    seal_amount,
)
from projects.selection.bids.queries import BidView
from projects.selection.bids.receipts import receipt_of
from projects.selection.bids.rules import Bidding, bidding_of
from projects.selection.methods import merit
from projects.selection.rounds.queries import open_round
from projects.selection.sign_ups import actions as sign_up_actions
from projects.selection.sign_ups.actions import SealedBid
from projects.selection.sign_ups.forms import LABELS, read_offer
from projects.selection.sign_ups.queries import sign_up_of
from projects.selection.sign_ups.rules import check_window
from projects.selection.sign_ups.showing import check_items, entry_marks, sign_up_facts

AnyRequest = Request[Any, Any, Any]


def _agency(request: AnyRequest) -> Viewer:
    return require_viewer(request, "agency", role="handler")


@get("/projects/{number:str}/bid")
async def bid_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, now = _agency(request), arrived_at(request)
    project = await project_by_number(number)
    if bidding_of(project.method) is Bidding.NONE:
        return redirect(request, f"{project.url}/sign-up")
    if not project.sign_up_open(now) and await bid_queries.bids_of(project.id, viewer.organisation_id):
        return redirect(request, f"{project.url}/bids")
    return await _form(request, number)


async def _form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    viewer, now = _agency(request), arrived_at(request)
    project = await project_by_number(number)
    bidding.check_asked(project.method, sealed=True)  # where there are no bids there is no form to show again
    check_window(project.stage, project.sign_up_opens_at, project.sign_up_closes_at, now)
    beacon: Beacon = running(request).beacon
    current = await open_round(project.id)
    if current is None or current.beacon_round is None or current.beacon_chain != beacon.chain.hash:
        raise _no_round()
    return render(
        request, "selection/bid.html", project=project, labels=LABELS, lines=check_items,
        facts=await sign_up_facts(project, viewer, now), limits=limits_of(project), round=current, chain=beacon.chain,
        opens_at=round_time(beacon.chain, current.beacon_round), demonstration=beacon.demonstration, nonce=fresh_nonce(),
        standing=await bid_queries.standing_bid(project.id, viewer.organisation_id),
        optional=bidding_of(project.method) is Bidding.OPTIONAL, proposal=project.method == merit.CODE,
        **{"values": await _prefilled(project, viewer), **typed},
    )  # fmt: skip


async def _prefilled(project: ProjectView, viewer: Viewer) -> dict[str, Any]:
    """Who acts, as the agency said the last time."""
    mine = await sign_up_of(project.id, viewer.organisation_id)
    if mine is None or mine.withdrawn_at is not None:
        return {}
    practitioners = [str(one) for one in mine.practitioner_ids]
    return {"authorised_person": str(mine.authorised_person_id), "practitioners": practitioners}


def _no_round() -> Refusal:
    return Refusal(
        "bid.no_round", N_("The notice names no beacon round that bids could be sealed to here."),
        todo=N_("Tell the operator of the market; nothing can be handed in until this is settled."),
    )  # fmt: skip


@post("/projects/{number:str}/bid")
@comes_back_to(_form, lists=("practitioners",), unkept=("amount", "ciphertext", "nonce"))
async def hand_in(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, now, form = _agency(request), arrived_at(request), await read_form(request)
    taken = await _hand_in(request, viewer, number, form, now)
    notice = N_("This form was sent before: what arrived first stands, and nothing was changed.")
    return redirect(
        request, f"/projects/{number}/bids/{taken.bid_id}", notice=notice if taken.repeated else None, tone="info"
    )


async def _hand_in(
    request: AnyRequest, viewer: Viewer, number: str, form: FormMultiDict, now: datetime
) -> sign_up_actions.Taken:
    fields = Fields(form)
    offer, replaces = read_offer(fields), read_replaces(fields)
    project_id = await bid_queries.project_id_of(number)
    sealed, proposal = await _sealed(request, fields, viewer, number)
    if fields.errors:  # none of them matters where no bid is asked for
        bidding.check_asked((await project_by_number(number)).method, sealed=True)
    fields.check()
    assert sealed is not None
    if proposal is not None:
        sealed = replace(sealed, proposal_file_id=await _keep(request, proposal, viewer, now))
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return await actions.submit_bid(
        project_id, viewer.organisation_id, offer, sealed, by=viewer.person_id, now=now, replaces=replaces,
        marks=entry_marks(request, project_id),
    )  # fmt: skip


async def _sealed(
    request: AnyRequest, fields: Fields, viewer: Viewer, number: str
) -> tuple[SealedBid | None, bytes | None]:
    """The sealed bid, and the encrypted proposal beside it. What was sealed in the browser needs nothing from the project;
    only an amount does."""
    limit = running(request).settings.upload_limit_bytes
    if fields.raw("ciphertext"):
        return read_file(fields), await read_encrypted(fields, limit=limit)
    project = await project_by_number(number)
    current = await open_round(project.id)
    beacon: Beacon = running(request).beacon
    bidding.check_asked(project.method, sealed=True)
    if current is None or current.beacon_round is None or current.beacon_chain != beacon.chain.hash:
        raise _no_round()
    encrypted = await encrypt_upload(fields, limit=limit) if project.method == merit.CODE else None
    file, seal = encrypted or (None, None)
    return seal_amount(fields, project, viewer.organisation_code, beacon.chain, current.beacon_round, seal), file


async def _keep(request: AnyRequest, proposal: bytes, viewer: Viewer, now: datetime) -> UUID:
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    kept = await keep_encrypted(
        running(request).files, proposal, owner=viewer.organisation_id, by=viewer.person_id, now=now
    )
    return kept.id


@get("/projects/{number:str}/bids")
async def own_bids(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    project = await project_by_number(number)
    bids = await bid_queries.bids_of(project.id, viewer.organisation_id)
    if not bids:
        raise NotFound
    return render(
        request, "selection/bids.html", project=project, bids=bids, opens_at=_opens_at(request, bids[0]),
        open=project.sign_up_open(arrived_at(request)), may_bid=viewer.has_role("handler"),
        optional=bidding_of(project.method) is Bidding.OPTIONAL,
    )  # fmt: skip


@get("/projects/{number:str}/bid/withdraw")
async def withdraw_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, project = _agency(request), await project_by_number(number)
    bid = await bid_queries.standing_bid(project.id, viewer.organisation_id)
    if bid is None:
        raise NotFound
    bidding.check_reserve(project.method)
    if not project.sign_up_open(arrived_at(request)):
        return redirect(request, f"{project.url}/bids")
    return render(request, "selection/withdraw_reserve.html", project=project, bid=bid)


@post("/projects/{number:str}/bid/withdraw")
async def withdraw_reserve(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, project = _agency(request), await project_by_number(number)
    assert viewer.organisation_id is not None
    bid_id = await sign_up_actions.withdraw_reserve(project.id, viewer.organisation_id, now=arrived_at(request))
    notice = N_("Your reserve price is taken back. Your sign-up stands: you may still bid live.")
    return redirect(request, f"{project.url}/bids/{bid_id}", notice=notice)


def _opens_at(request: AnyRequest, bid: BidView) -> datetime | None:
    chain = running(request).beacon.chain
    return round_time(chain, bid.beacon_round) if chain.hash == bid.beacon_chain else None


@get("/projects/{number:str}/bids/{bid_id:uuid}")
async def receipt_page(request: AnyRequest, number: FromPath[str], bid_id: FromPath[UUID]) -> Response[Any]:
    project, bid = await _own(require_viewer(request, "agency"), number, bid_id)
    return render(
        request, "selection/bid_receipt.html", project=project, bid=bid, entry=await entry(bid.entry_id),
        ending=await entry(bid.end_entry_id) if bid.end_entry_id else None, opens_at=_opens_at(request, bid),
        open=project.sign_up_open(arrived_at(request)), demonstration=running(request).beacon.demonstration,
        optional=bidding_of(project.method) is Bidding.OPTIONAL,
    )  # fmt: skip


@get("/projects/{number:str}/bids/{bid_id:uuid}/receipt.json")
async def receipt_file(request: AnyRequest, number: FromPath[str], bid_id: FromPath[UUID]) -> Response[bytes]:
    """Everything that the agency needs to prove later what it handed in, and when."""
    viewer = require_viewer(request, "agency")
    project, bid = await _own(viewer, number, bid_id)
    data = await receipt_of(project, bid, viewer, _opens_at(request, bid), running(request).settings.public_url)
    return _file(data, f"receipt-{project.number}-{bid.ciphertext_sha256[:8]}.json", "application/json")


@get("/projects/{number:str}/bids/{bid_id:uuid}/sealed.age")
async def sealed_file(request: AnyRequest, number: FromPath[str], bid_id: FromPath[UUID]) -> Response[bytes]:
    """The agency's own file, byte for byte as it is kept; once erased it is gone."""
    project, bid = await _own(require_viewer(request, "agency"), number, bid_id)
    if bid.ciphertext is None:
        raise NotFound
    name = f"bid-{project.number}-{bid.ciphertext_sha256[:8]}.age"
    return _file(bid.ciphertext.encode(), name, "application/octet-stream")


def _file(data: bytes, name: str, media_type: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(data, media_type=media_type, headers=headers)


async def _own(viewer: Viewer, number: str, bid_id: UUID) -> tuple[ProjectView, BidView]:
    project = await project_by_number(number)
    return project, await bid_queries.access_bid(viewer, project.id, bid_id)


routes: list[Any] = [
    bid_page, hand_in, own_bids, withdraw_page, withdraw_reserve, receipt_page, receipt_file, sealed_file,
]  # fmt: skip
