"""Recording that a contract was filed with the authority."""

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
from projects.contracts.filing import actions
from projects.contracts.filing.forms import parse_filing
from projects.contracts.filing.queries import filing_of
from projects.contracts.queries import ContractView

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]


@get("/contracts/{number:str}/filing")
async def filing_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _form(request, number)


async def _to_file(request: AnyRequest, number: str) -> ContractView:
    """The owner's contract; NotFound for others, and where nothing has to be filed."""
    contract, _ = await queries.access_as_party(require_viewer(request, "owner", role="handler"), number)
    if await filing_of(contract.id) is None:
        raise NotFound
    return contract


async def _form(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    contract = await _to_file(request, number)
    filing = await filing_of(contract.id)
    return render(request, "contracts/filing.html", status=status, contract=contract, filing=filing, **typed)


@post("/contracts/{number:str}/filing", status_code=200)
@comes_back_to(_form)
async def record_filing(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    contract = await _to_file(request, number)
    new = parse_filing(await read_form(request))
    await actions.record_filing(number, new, viewer=require_viewer(request), now=arrived_at(request))
    return redirect(request, contract.url, notice=N_("The filing is recorded."))


routes: list[Any] = [filing_page, record_filing]
