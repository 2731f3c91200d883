"""Pages of changes: their facts for everybody, proposing, answering and signing for the parties, the check of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.register.acts import act_name
from market.register.queries import Entry, history_of
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download, pdf_response
from market.web.forms import keep_values, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer, viewer_of
from projects.contracts.changes import actions, queries, rules
from projects.contracts.changes.documents import change_address
from projects.contracts.changes.forms import as_typed, parse_answer, parse_change, parse_signature
from projects.contracts.changes.queries import ChangeView
from projects.contracts.changes.terms import Content
from projects.contracts.changes.wording import change_pdf
from projects.contracts.documents.forms import parse_shown_file
from projects.contracts.documents.showing import Shown, look
from projects.contracts.forms import REASON_MAX
from projects.contracts.queries import (
    ContractView,
    access_as_party,
    access_full_text,
    contract_by_number,
    lit,
    may_read_all,
    rulebook_of,
)
from projects.contracts.rules import Side
from projects.contracts.signing import certificates
from projects.rules import Stage

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]


@get("/contracts/{number:str}/changes")
async def changes_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """For everybody: what stands, and every change with what became of it."""
    viewer, contract = viewer_of(request), await contract_by_number(number)
    changes, full = await queries.changes_of(contract.id), await may_read_all(viewer, contract)
    open_to = contract.project_stage is Stage.FULFILMENT and not (changes and changes[0].waits)
    return render(
        request, "contracts/changes/list.html", contract=contract, full=full, side=contract.side_of(viewer.organisation_id),
        changes=[(one, _differences(one, full=full)) for one in changes], stands=queries.content_in_force(contract, changes),
        frame=await queries.frame_of(contract, changes), proposing=open_to,
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One difference, its texts cut into what stands on both sides and what on one."""

    what: Message
    before: Message | None
    after: Message | None
    old: tuple[rules.Piece, ...] = ()
    new: tuple[rules.Piece, ...] = ()


def _differences(change: ChangeView, *, full: bool) -> list[Row]:
    return _rows(change.terms.before, change.terms.after, full=full)


def _rows(before: Content, after: Content, *, full: bool) -> list[Row]:
    return [
        Row(one.what, one.before, one.after, *_pieces(one.before, one.after))
        for one in rules.differences(before, after, special=full)
    ]


def _pieces(before: Message | None, after: Message | None) -> tuple[tuple[rules.Piece, ...], tuple[rules.Piece, ...]]:
    """Free words are compared letter by letter; sums and times are read as a whole."""
    if before is None or after is None or "words" not in before.facts or "words" not in after.facts:
        return (), ()
    return rules.compared(before.facts["words"], after.facts["words"])


@get("/contracts/{number:str}/changes/new")
async def new_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _form(request, number)


async def _form(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    """Filled with what stands until somebody has typed into it."""
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, _ = await access_as_party(viewer, number)
    actions.check_running(contract)
    book, changes = await rulebook_of(contract), await queries.changes_of(contract.id)
    stands, frame = queries.content_in_force(contract, changes), await queries.frame_of(contract, changes)
    return render(
        request, "contracts/changes/new.html", status=status, contract=contract,
        rows=range(1, book.integer("contract.milestones_max") + 1), progress={one.no: one for one in frame.progress},
        frame=frame, reason_max=REASON_MAX, special_most=book.integer("contract.special_terms_max"),
        stands=stands, waits=bool(changes and changes[0].waits), **{"values": as_typed(stands), **typed},
    )  # fmt: skip


@post("/contracts/{number:str}/changes", status_code=200)
@comes_back_to(_form)
async def propose(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """First shows what it changes; sent again with `confirmed` it is proposed."""
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await access_as_party(viewer, number)
    form, changes = await read_form(request), await queries.changes_of(contract.id)
    before, frame = queries.content_in_force(contract, changes), await queries.frame_of(contract, changes)
    new = parse_change(form, before, frame, (await rulebook_of(contract)).integer)
    if not form.get("confirmed"):
        rows = _rows(before, actions.kept_shares(before, actions.planned_content(new)), full=True)
        return render(request, "contracts/changes/preview.html", contract=contract, side=side, rows=rows, new=new,
                      values=keep_values(form))  # fmt: skip
    made = await actions.propose(
        number, new, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request)
    )
    return _to(request, contract, made.no, N_("Your proposal is recorded; the other side is told."))


@get("/contracts/{number:str}/changes/{no:int}")
async def change_page(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    """For everybody; special terms and names of people for those concerned."""
    return await _page(request, number, no)


async def _page(
    request: AnyRequest, number: str, no: int, *, status: int = 200, shown: Shown | None = None, **typed: Any
) -> Response[Any]:
    contract, change = await queries.contract_and_change(number, no)
    viewer, step = viewer_of(request), change.step
    full, document = await may_read_all(viewer, contract), await queries.document_of(change.id)
    lamp = step and lit(step, await rulebook_of(contract), now=arrived_at(request), calendar=running(request).calendar)
    entries = [
        one for one in await history_of(contract.project_number)
        if one.kind.startswith("change.") and one.data.get("contract") == contract.number and one.data.get("no") == change.no
    ]  # fmt: skip
    return render(
        request, "contracts/changes/change.html", status=status, contract=contract, change=change, full=full, sides=tuple(Side),
        side=contract.side_of(viewer.organisation_id), rows=_differences(change, full=full), step=lamp, document=document,
        certificates=await _serials(document), entries=entries, act_name=act_name,
        shown=shown, reason_max=REASON_MAX, proposed=_act(entries, "change.proposed"), turn=change.facts.turn,
        state=change.facts.state, **typed,
    )  # fmt: skip


def _act(entries: list[Entry], kind: str) -> Entry | None:
    return next((one for one in entries if one.kind == kind), None)


async def _serials(document: queries.ChangeDocument | None) -> dict[str, str]:
    """The serial number of each side's certificate, once there is a document."""
    if document is None:
        return {}
    return {
        str(side): f"{(await certificates.chain_of(document.certificate_of(side)))[0].serial_number:x}" for side in Side
    }


@post("/contracts/{number:str}/changes/{no:int}/answer", status_code=200)
@comes_back_to(_page)
async def answer(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, _ = await access_as_party(viewer, number)
    given, now = parse_answer(await read_form(request)), arrived_at(request)
    if not given.accepts:
        await actions.refuse(number, no, reason=given.reason, viewer=viewer, now=now)
        return _to(request, contract, no, N_("Your refusal is recorded; the other side is told."))
    await actions.sign(number, no, terms_sha256=given.terms_sha256, viewer=viewer, calendar=running(request).calendar,
                       now=now)  # fmt: skip
    return _to(request, contract, no, N_("Your signature is recorded; the other side signs now."))


@post("/contracts/{number:str}/changes/{no:int}/sign", status_code=200)
@comes_back_to(_page)
async def sign(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, _ = await access_as_party(viewer, number)
    shown = parse_signature(await read_form(request))
    await actions.sign(number, no, terms_sha256=shown, viewer=viewer, calendar=running(request).calendar,
                       now=arrived_at(request))  # fmt: skip
    return _to(request, contract, no, N_("Your signature is recorded; the change is in force."))


@post("/contracts/{number:str}/changes/{no:int}/withdraw", status_code=200)
async def withdraw(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, _ = await access_as_party(viewer, number)
    await actions.withdraw(number, no, viewer=viewer, now=arrived_at(request))
    return _to(request, contract, no, N_("Your proposal is withdrawn; the other side is told."))


@post("/contracts/{number:str}/changes/{no:int}/verify", status_code=200)
@comes_back_to(_page)
async def verify(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    """Anybody may show a file; it is looked at and not kept."""
    _, change = await queries.contract_and_change(number, no)
    upload = await parse_shown_file(await read_form(request), limit=running(request).settings.upload_limit_bytes)
    made = await queries.document_of(change.id)
    return await _page(request, number, no, shown=await look(upload, [made] if made else []))


@get("/contracts/{number:str}/changes/{no:int}/text.pdf")
async def text_pdf(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[bytes]:
    """The text as it is signed, before any signature: whoever asks gets the same bytes."""
    contract = await access_full_text(require_viewer(request), number)
    change, settings = await queries.change_of(contract.id, no), running(request).settings
    address = change_address(settings.public_url, contract, change)
    return pdf_response(
        await change_pdf(change.terms, issuer=settings.site_name, address=address), f"{change.number}.pdf"
    )


@get("/contracts/{number:str}/changes/{no:int}/document")
async def document_file(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Stream:
    return await download(request, await queries.access_document(require_viewer(request), number, no))


def _to(request: AnyRequest, contract: ContractView, no: int, notice: str) -> Response[Any]:
    return redirect(request, f"{contract.url}/changes/{no}", notice=notice)


routes: list[Any] = [
    changes_page, new_page, propose, change_page, answer, sign, withdraw, verify, text_pdf, document_file,
]  # fmt: skip
