"""Pages of a contract as a file: text, signed document, paper, and the check that anybody can make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.kernel.i18n import N_
from market.register.queries import Entry
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download, pdf_response
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer, viewer_of
from projects.contracts import queries, rules
from projects.contracts.documents import actions
from projects.contracts.documents.forms import PaperAnswer, parse_paper, parse_paper_answer, parse_shown_file
from projects.contracts.documents.paper import contract_pdf
from projects.contracts.documents.queries import DocumentView, access_document, documents_of
from projects.contracts.documents.showing import Shown, look
from projects.contracts.forms import REASON_MAX
from projects.contracts.panels import lit_signing
from projects.contracts.queries import ContractView
from projects.contracts.rules import Side
from projects.contracts.signing import certificates

AnyRequest = Request[Any, Any, Any]


@get("/contracts/{number:str}/text.pdf")
async def text_pdf(request: AnyRequest, number: FromPath[str]) -> Response[bytes]:
    """The text as it is signed, before any signature: whoever asks gets the same bytes."""
    viewer = require_viewer(request)
    contract = await queries.access_full_text(viewer, number)
    settings = running(request).settings
    content = await contract_pdf(
        await queries.full_terms(contract),
        issuer=settings.site_name,
        address=actions.verify_address(settings, contract),
    )
    return pdf_response(content, f"{contract.number}.pdf")


@get("/contracts/{number:str}/documents/{document_id:uuid}")
async def document_file(request: AnyRequest, number: FromPath[str], document_id: FromPath[UUID]) -> Stream:
    return await download(request, await access_document(require_viewer(request), number, document_id))


@get("/contracts/authority.pem")
async def authority_file(request: AnyRequest) -> Response[bytes]:
    """For everybody: the roots under which contracts are signed, so that any program can verify them without us."""
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in await certificates.roots())
    headers = {"content-disposition": 'attachment; filename="authority.pem"'}
    return Response(pem, media_type="application/x-pem-file", headers=headers)


@dataclass(frozen=True)
class Proof:
    """What the market knows of one side's signature: the act, and the certificate in the document."""

    side: Side
    act: Entry | None
    serial: str
    chain: tuple[str, ...]


@get("/contracts/{number:str}/verify")
async def verify_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """For everybody: what a code on paper leads to. Names of people stay with those concerned."""
    return await _verify(request, number)


async def _verify(request: AnyRequest, number: str, *, shown: Shown | None = None, **typed: Any) -> Response[str]:
    contract = await queries.contract_by_number(number)
    made = await documents_of(contract.id)
    signed = next((one for one in made if one.kind == "signed"), None)
    return render(
        request, "contracts/verify.html", contract=contract, signed=signed, shown=shown,
        paper=next((one for one in made if one.kind == "paper" and one.confirmed_at), None),
        proofs=[await _proof(contract, side, signed) for side in Side], sides=tuple(Side),
        full=await queries.may_read_all(viewer_of(request), contract),
        entry=await queries.act_of(contract, "contract.documented"), opened=await queries.terms_entry(contract),
        **typed,
    )  # fmt: skip


async def _proof(contract: ContractView, side: Side, signed: DocumentView | None) -> Proof:
    act = await queries.act_of(contract, "contract.signed", side)
    certificate_id = signed.certificate_of(side) if signed else None
    if certificate_id is None:
        return Proof(side, act, "", ())
    own, *above = await certificates.chain_of(certificate_id)
    return Proof(side, act, f"{own.serial_number:x}", tuple(certificates.holder_name(one) for one in above))


@post("/contracts/{number:str}/verify", status_code=200)
@comes_back_to(_verify)
async def verify(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """Anybody may show a file; it is looked at and not kept."""
    contract = await queries.contract_by_number(number)
    upload = await parse_shown_file(await read_form(request), limit=running(request).settings.upload_limit_bytes)
    return await _verify(request, number, shown=await look(upload, await documents_of(contract.id)))


@get("/contracts/{number:str}/paper")
async def paper_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _paper_form(request, number)


async def _signatory(request: AnyRequest, number: str) -> tuple[Viewer, ContractView, Side]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    return viewer, contract, side


async def _paper_form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, contract, side = await _signatory(request, number)
    rules.check_paper(contract.facts, now=arrived_at(request))
    made = await documents_of(contract.id)
    return render(
        request, "contracts/paper.html", contract=contract, side=side,
        waiting=next((one for one in made if one.waits), None), reason_max=REASON_MAX,
        megabytes=running(request).settings.upload_limit_bytes // (1024 * 1024),
        step=await lit_signing(request, contract, arrived_at(request)), **typed,
    )  # fmt: skip


@post("/contracts/{number:str}/paper", status_code=200)
@comes_back_to(_paper_form)
async def send_paper(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, contract, _ = await _signatory(request, number)
    here, now = running(request), arrived_at(request)
    rules.check_paper(contract.facts, now=now)
    sent = await parse_paper(await read_form(request), limit=here.settings.upload_limit_bytes)
    await actions.send_paper(number, sent.upload, viewer=viewer, terms_sha256=sent.terms_sha256, files=here.files,
                               calendar=here.calendar, now=now)  # fmt: skip
    return redirect(request, contract.url, notice=N_("The paper contract is sent, and your signature is recorded."))


@post("/contracts/{number:str}/paper/answer", status_code=200)
@comes_back_to(_paper_form)
async def answer_paper(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, contract, _ = await _signatory(request, number)
    return await _answer(request, viewer, contract, parse_paper_answer(await read_form(request)))


async def _answer(request: AnyRequest, viewer: Viewer, contract: ContractView, answer: PaperAnswer) -> Response[Any]:
    now = arrived_at(request)
    if not answer.confirms:
        await actions.refuse_paper(contract.number, viewer=viewer, reason=answer.reason, now=now)
        return redirect(
            request, contract.url, notice=N_("You did not confirm the paper contract; the other side is told.")
        )
    await actions.confirm_paper(
        contract.number, viewer=viewer, sha256=answer.sha256, terms_sha256=answer.terms_sha256,
        calendar=running(request).calendar, now=now,
    )  # fmt: skip
    return redirect(
        request, contract.url, notice=N_("You confirmed the paper contract, and your signature is recorded.")
    )


routes: list[Any] = [authority_file, text_pdf, document_file, verify_page, verify, paper_page, send_paper, answer_paper]
