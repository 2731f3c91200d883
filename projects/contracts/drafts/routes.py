"""The page on which owner and agency settle milestones, language and special terms before they sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.errors import Message, NotFound
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.contracts import queries
from projects.contracts.drafts import actions
from projects.contracts.drafts.forms import parse_draft_answer, parse_plan
from projects.contracts.drafts.queries import VersionView, versions_of
from projects.contracts.drafts.rules import changes
from projects.contracts.forms import REASON_MAX
from projects.contracts.panels import lit_signing
from projects.contracts.rules import Side
from projects.contracts.terms import Terms
from projects.queries import stated_milestones

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]


@get("/contracts/{number:str}/draft")
async def draft_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _page(request, number)


def _as_typed(terms: Terms) -> dict[str, str]:
    """The form as the terms would fill it."""
    values = {"language": terms.language, "special": "\n".join(terms.special)}
    for one in terms.milestones:
        share = f"{one.share // 100}.{one.share % 100:02d}".rstrip("0").rstrip(".")
        values |= {f"title_{one.no}": one.title, f"share_{one.no}": share, f"days_{one.no}": str(one.days)}
    return values


async def _page(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    """Filled with the terms that stand until somebody has typed into it."""
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    book, versions = await queries.rulebook_of(contract), await versions_of(contract.id)
    return render(
        request, "contracts/draft.html", status=status, contract=contract, side=side,
        versions=[(one, _changed(one, versions)) for one in versions], waiting=next((one for one in versions if one.waits), None),
        rows=range(1, book.integer("contract.milestones_max") + 1), special_most=book.integer("contract.special_terms_max"),
        step=await lit_signing(request, contract, arrived_at(request)), reason_max=REASON_MAX,
        stated=await stated_milestones(contract.project_id), **{"values": _as_typed(contract.terms), **typed},
    )  # fmt: skip


def _changed(version: VersionView, versions: list[VersionView]) -> tuple[Any, ...]:
    """Against the terms that stood when it was proposed: the last agreed before it, or those of the result."""
    before = next((one for one in versions if one.no < version.no and (one.agreed_at or one.kind == "result")), None)
    return changes(before.terms, version.terms) if before else ()


@post("/contracts/{number:str}/draft", status_code=200)
@comes_back_to(_page)
async def propose(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    if side is not Side.OWNER:
        raise NotFound
    form, book = await read_form(request), await queries.rulebook_of(contract)
    plan = parse_plan(
        form, price_fen=contract.price_fen, service_days=contract.terms.service_days, number=book.integer,
        stated=await stated_milestones(contract.project_id),
    )  # fmt: skip
    await actions.propose(number, plan, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"{contract.url}/draft", notice=N_("Your proposal is recorded; the agency is told."))


@post("/contracts/{number:str}/draft/answer", status_code=200)
@comes_back_to(_page)
async def answer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    if side is not Side.AGENCY:
        raise NotFound
    given = parse_draft_answer(await read_form(request))
    await actions.answer(
        number, no=given.no, agrees=given.agrees, reason=given.reason, viewer=viewer, now=arrived_at(request)
    )
    if given.agrees:
        return redirect(
            request, f"{contract.url}/sign", notice=N_("You agreed; read the terms as they are now and sign them.")
        )
    return redirect(request, f"{contract.url}/draft", notice=N_("You declined; the owner is told."))


routes: list[Any] = [draft_page, propose, answer]
