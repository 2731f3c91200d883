"""What the two sides do: open, answer, add evidence, say their last word, withdraw."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.contracts.queries import ContractView, MilestoneView, access_as_party, rulebook_of
from projects.contracts.rules import Side
from projects.disputes import queries, rules
from projects.disputes.actions import opening, ruling
from projects.disputes.forms import LABELS, TEXT_MAX, parse_answer, parse_dispute, parse_evidence, parse_word
from projects.disputes.queries import DisputeView
from projects.disputes.routes.cases import upload_words
from projects.page.dispute_notes import KINDS

AnyRequest = Request[Any, Any, Any]


async def _party(request: AnyRequest, number: str, no: int) -> tuple[Viewer, ContractView, Side, MilestoneView]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await access_as_party(viewer, number)
    return viewer, contract, side, await queries.milestone_by(contract, no)


@get("/contracts/{number:str}/milestones/{no:int}/dispute")
async def opening_form(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    *_, milestone = await _party(request, number, no)
    known = await queries.standing_dispute(milestone.id)
    if known is not None:
        return redirect(request, known.url)
    return await _opening_page(request, number, no)


async def _opening_page(request: AnyRequest, number: str, no: int, *, status: int = 200, **typed: Any) -> Response[Any]:
    _, contract, side, milestone = await _party(request, number, no)
    payable = await opening.check_opening(contract, milestone, now=arrived_at(request))
    book = await rulebook_of(contract)
    return render(
        request, "disputes/new.html", status=status, contract=contract, side=side, milestone=milestone, payable=payable,
        labels=LABELS, kinds=KINDS, text_max=TEXT_MAX, answer_days=book.days("dispute.answer_days"),
        mediation_days=book.days("dispute.mediation_days"), ruling_days=book.days("dispute.ruling_days"),
        **upload_words(request), **typed,
    )  # fmt: skip


@post("/contracts/{number:str}/milestones/{no:int}/dispute")
@comes_back_to(_opening_page)
async def open_dispute(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    viewer, *_, milestone = await _party(request, number, no)
    here, amount = running(request), Money(milestone.price_fen)
    new = await parse_dispute(await read_form(request), amount=amount, limit=here.settings.upload_limit_bytes)
    found = await opening.open_dispute(
        number, no, new, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    return redirect(
        request, found.url, notice=N_("The dispute is open; what Alipay holds for the milestone stays held.")
    )


async def _side(request: AnyRequest, number: str, role: str = "handler") -> tuple[Viewer, DisputeView, Side]:
    viewer = require_viewer(request, "owner", "agency", role=role)
    return viewer, *await queries.access_as_side(viewer, number)


def _page(request: AnyRequest, template: str, found: DisputeView, **typed: Any) -> Response[Any]:
    return render(request, template, dispute=found, labels=LABELS, text_max=TEXT_MAX, kinds=KINDS, **upload_words(request),
                  **typed)  # fmt: skip


@get("/disputes/{number:str}/answer")
async def answer_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _answer_page(request, number)


async def _answer_page(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, found, side = await _side(request, number)
    rules.check_answer(found.facts, side)
    return _page(request, "disputes/answer.html", found, **typed)


@post("/disputes/{number:str}/answer")
@comes_back_to(_answer_page)
async def answer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found, side = await _side(request, number)
    rules.check_answer(found.facts, side)
    here = running(request)
    text, uploads = await parse_answer(await read_form(request), limit=here.settings.upload_limit_bytes)
    await opening.answer(number, text, uploads, viewer=viewer, files=here.files, calendar=here.calendar,
                         now=arrived_at(request))  # fmt: skip
    return redirect(request, found.url, notice=N_("Your answer is recorded; the operator mediates."))


@get("/disputes/{number:str}/evidence")
async def evidence_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _evidence_page(request, number)


async def _evidence_page(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, found, _ = await _side(request, number)
    rules.check_evidence(found.facts)
    return _page(request, "disputes/evidence.html", found, **typed)


@post("/disputes/{number:str}/evidence")
@comes_back_to(_evidence_page)
async def add_evidence(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found, _ = await _side(request, number)
    rules.check_evidence(found.facts)
    here = running(request)
    uploads = await parse_evidence(await read_form(request), limit=here.settings.upload_limit_bytes)
    await opening.add_evidence(number, uploads, viewer=viewer, files=here.files, now=arrived_at(request))
    return redirect(request, f"{found.url}#evidence", notice=N_("Your evidence is recorded with its fingerprint."))


@get("/disputes/{number:str}/last-word")
async def word_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _word_page(request, number)


async def _word_page(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, found, side = await _side(request, number)
    rules.check_word(found.facts, side, now=arrived_at(request))
    return _page(request, "disputes/last_word.html", found, **typed)


@post("/disputes/{number:str}/last-word")
@comes_back_to(_word_page)
async def say_last_word(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found, side = await _side(request, number)
    rules.check_word(found.facts, side, now=arrived_at(request))
    word = parse_word(await read_form(request))
    await ruling.say_last_word(number, word, viewer=viewer, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("Your last word is recorded; the regulator rules."))


async def _opener(request: AnyRequest, number: str) -> tuple[Viewer, DisputeView]:
    viewer, found, side = await _side(request, number, "signatory")
    if side is not found.side:
        raise NotFound
    return viewer, found


@get("/disputes/{number:str}/withdrawal")
async def withdrawal_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await _opener(request, number)
    rules.check_open(found.facts)
    return _page(request, "disputes/withdraw_confirm.html", found)


@post("/disputes/{number:str}/withdrawal")
async def withdraw(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await _opener(request, number)
    await opening.withdraw(number, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("The dispute is withdrawn; money and time go on as they stood."))


routes: list[Any] = [
    opening_form, open_dispute, answer_form, answer, evidence_form, add_evidence, word_form, say_last_word, withdrawal_form,
    withdraw,
]  # fmt: skip
