"""Reading disputes: the list, the case with everything that was said, shown and done, the letter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from market.kernel.errors import NotFound
from market.kernel.files import ENDINGS
from market.payments.panels import explained
from market.register.queries import entry
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.pages import render
from market.web.qr import qr_code
from market.web.viewer import require_viewer
from projects.contracts.rules import Side
from projects.disputes import queries
from projects.disputes.forms import FILES_MOST, LABELS
from projects.disputes.panels import lamp_of
from projects.disputes.rules import may_rule
from projects.page.dispute_notes import KINDS, REFERRALS

AnyRequest = Request[Any, Any, Any]
READERS = ("owner", "agency", "operator", "regulator")


@get("/disputes")
async def list_page(request: AnyRequest) -> Response[Any]:
    viewer, now = require_viewer(request, *READERS), arrived_at(request)
    found = await queries.disputes_for(viewer)
    lamps = {one.id: await lamp_of(one, now, running(request).calendar) for one in found}
    return render(request, "disputes/list.html", disputes=found, lamps=lamps, kinds=KINDS)


@get("/disputes/{number:str}")
async def case_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await shown(request, number)


async def shown(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    """The page of the case; what was typed belongs to the form about a transfer back."""
    viewer, now = require_viewer(request, *READERS), arrived_at(request)
    found = await queries.access_dispute(viewer, number)
    in_charge = await queries.in_field(viewer, found) and found.authority_id in (None, viewer.organisation_id)
    return render(
        request, "disputes/dispute.html", status=status, dispute=found, entry=await entry(found.entry_id), kinds=KINDS,
        referrals=REFERRALS, evidence=await queries.evidence_of(found.id), where=await queries.whereabouts(found),
        step=await lamp_of(found, now, running(request).calendar), side=found.contract.side_of(viewer.organisation_id),
        in_charge=in_charge, rulable=may_rule(found.facts, now=now), explained=explained, labels=LABELS,
        sides=tuple(Side), **typed,
    )  # fmt: skip


@get("/disputes/{number:str}/letter")
async def letter(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """The ruling, or the settlement, as an official letter, for paper."""
    found = await queries.access_dispute(require_viewer(request, *READERS), number)
    act = await queries.ruling_entry(found)
    if act is None:
        raise NotFound
    address = running(request).settings.public_url + found.url
    return render(request, "disputes/letter.html", dispute=found, act=act, address=address, qr=qr_code(address),
                  evidence=await queries.evidence_of(found.id), kinds=KINDS)  # fmt: skip


@get("/disputes/{number:str}/files/{file_id:uuid}")
async def evidence_file(request: AnyRequest, number: FromPath[str], file_id: FromPath[UUID]) -> Stream:
    """Always as a download under its own name; never shown inside the site."""
    return await download(request, await queries.access_evidence(require_viewer(request, *READERS), number, file_id))


def upload_words(request: AnyRequest) -> dict[str, Any]:
    megabytes = running(request).settings.upload_limit_bytes // (1024 * 1024)
    return {"accept": ",".join(ENDINGS), "files_most": FILES_MOST, "megabytes": megabytes}


routes: list[Any] = [list_page, case_page, letter, evidence_file]
