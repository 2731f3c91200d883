"""The page of a contract's bond, for its parties, the operator, and the regulators whose field it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.kernel.errors import NotFound
from market.kernel.files import ENDINGS, keep, stored
from market.kernel.i18n import N_
from market.payments import bond_queries
from market.payments.actions import bonds, claims, guarantees
from market.payments.actions.guarantees import NewGuarantee
from market.payments.bond_rules import REMINDED, BondStanding, Mode
from market.payments.opening import gateway_in_force
from market.payments.queries import sub_merchant_of
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import read_form
from market.web.pages import render
from market.web.qr import qr_code
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.bonds import actions
from projects.bonds.forms import (
    REASON_MAX,
    parse_amount,
    parse_answer,
    parse_claim,
    parse_guarantee,
    parse_reason,
    parse_ruling,
)
from projects.bonds.panels import explained
from projects.contracts.queries import ContractView, access_as_party, access_full_text, rulebook_of
from projects.oversight import watches

AnyRequest = Request[Any, Any, Any]


@get("/contracts/{number:str}/bond")
async def bond_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _page(request, number)


async def _page(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    viewer = require_viewer(request)
    contract = await access_full_text(viewer, number)
    now, demand = arrived_at(request), await bond_queries.demand_of(contract.number)
    book = await rulebook_of(contract)
    return render(
        request, "bonds/bond.html", status=status, contract=contract, demand=demand,
        side=contract.side_of(viewer.organisation_id), may_ask=actions.may_ask(contract),
        most=contract.price.share(book.share(actions.SHARE)), mode=_mode(request), modes=Mode, reason_max=REASON_MAX,
        words=explained(demand, now) if demand else None, standings=BondStanding, accept=",".join(ENDINGS),
        rules_here=await watches(viewer, contract), **await _given(contract, demand, now=now), **typed,
    )  # fmt: skip


async def _given(contract: ContractView, demand: bond_queries.DemandView | None, *, now: Any) -> dict[str, Any]:
    """What was given, claimed, and what is left to do about it."""
    freezes = await bond_queries.freezes_of(demand.id) if demand else []
    asked = next((one for one in freezes if one.state == "asked"), None)
    live = [one for one in freezes if one.state == "frozen"]
    address = asked.code if asked and _is_address(asked.code) else ""
    account = await sub_merchant_of(contract.owner_id)
    return {
        "freezes": freezes, "asked": asked, "address": address, "code": qr_code(asked.code) if asked and asked.code else None,
        "may_freeze": not asked and all(now >= one.expires_at - REMINDED for one in live),
        "guarantees": await bond_queries.guarantees_of(demand.id) if demand else [],
        "claims": await bond_queries.claims_of(demand.id) if demand else [],
        "standing": demand.standing(now) if demand else None, "owner_ready": bool(account and account["state"] == "active"),
    }  # fmt: skip


def _is_address(code: str) -> bool:
    """Whether what the picture says may stand on the page as a link: Alipay's https, or the simulator's own address."""
    gateway, address = gateway_in_force(), urlsplit(code)
    near = gateway is not None and address.netloc == urlsplit(gateway.client.account.url).netloc
    return address.scheme == "https" or (address.scheme == "http" and near)


def _mode(request: AnyRequest) -> Mode:
    return Mode(running(request).settings.bonds)


async def _party(request: AnyRequest, number: str, kind: str) -> Viewer:
    """Who signs for this side of the contract."""
    viewer = require_viewer(request, kind, role="signatory")
    await access_as_party(viewer, number)
    return viewer


def _back(request: AnyRequest, number: str, notice: str) -> Response[Any]:
    return redirect(request, f"/contracts/{number}/bond", notice=notice)


@post("/contracts/{number:str}/bond", status_code=200)
@comes_back_to(_page)
async def ask(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "owner")
    amount = parse_amount(await read_form(request), "amount")
    await actions.ask(number, amount.fen, mode=_mode(request), viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("The bond is asked for; the agency is told."))


@post("/contracts/{number:str}/bond/decline", status_code=200)
@comes_back_to(_page)
async def decline(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "agency")
    await actions.decline(
        number, reason=parse_reason(await read_form(request), "decline_reason"), viewer=viewer, now=arrived_at(request)
    )
    return _back(request, number, N_("The bond is declined; the owner is told."))


@post("/contracts/{number:str}/bond/waive", status_code=200)
@comes_back_to(_page)
async def waive(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "owner")
    await bonds.waive(
        number, reason=parse_reason(await read_form(request), "waive_reason"), viewer=viewer, now=arrived_at(request)
    )
    return _back(request, number, N_("The bond is waived; what was given goes back."))


@post("/contracts/{number:str}/bond/freeze", status_code=200)
@comes_back_to(_page)
async def freeze(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "agency")
    await bonds.offer_freeze(number, viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("Alipay is asked for a code; reload this page in a moment."))


@post("/contracts/{number:str}/bond/freeze/withdraw", status_code=200)
@comes_back_to(_page)
async def withdraw(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "agency")
    await bonds.withdraw_offer(number, viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("The code is given up."))


@post("/contracts/{number:str}/bond/freeze/ask", status_code=200)
@comes_back_to(_page)
async def ask_again(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "agency")
    await bonds.hurry(number, viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("Alipay is being asked; reload this page in a moment."))


@post("/contracts/{number:str}/bond/guarantee", status_code=200)
@comes_back_to(_page)
async def hand_in(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "agency")
    here, now = running(request), arrived_at(request)
    given = await parse_guarantee(await read_form(request), limit=here.settings.upload_limit_bytes)
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    kept = await keep(here.files, given.letter, owner=viewer.organisation_id, by=viewer.person_id, now=now)
    new = NewGuarantee(given.number, given.bank, given.amount.fen, given.valid_until, kept.id)
    await guarantees.hand_in(number, new, viewer=viewer, now=now)
    return _back(request, number, N_("The guarantee is handed in; the owner checks it."))


@post("/contracts/{number:str}/bond/guarantee-answer", status_code=200)
@comes_back_to(_page)
async def answer_guarantee(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "owner")
    confirms, reason = parse_answer(await read_form(request), "guarantee")
    await guarantees.answer(number, confirms=confirms, reason=reason, viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("Your answer is recorded."))


@get("/contracts/{number:str}/bond/guarantees/{guarantee_id:uuid}")
async def letter(request: AnyRequest, number: FromPath[str], guarantee_id: FromPath[UUID]) -> Stream:
    viewer = require_viewer(request)
    await access_full_text(viewer, number)
    demand = await bond_queries.demand_of(number)
    found = [one for one in (await bond_queries.guarantees_of(demand.id) if demand else []) if one.id == guarantee_id]
    if not found:
        raise NotFound
    return await download(request, await stored(found[0].file_id))


@post("/contracts/{number:str}/bond/return", status_code=200)
@comes_back_to(_page)
async def give_back(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "owner")
    await bonds.give_back(
        number, parse_amount(await read_form(request), "returned").fen, viewer=viewer, now=arrived_at(request)
    )
    return _back(request, number, N_("It goes back to the agency; Alipay is told."))


@post("/contracts/{number:str}/bond/claims", status_code=200)
@comes_back_to(_page)
async def claim(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "owner")
    amount, reason = parse_claim(await read_form(request))
    await claims.claim(number, amount.fen, reason=reason, viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("The claim is recorded; the agency is asked."))


@post("/contracts/{number:str}/bond/claim-answer", status_code=200)
@comes_back_to(_page)
async def answer_claim(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = await _party(request, number, "agency")
    agrees, reason = parse_answer(await read_form(request), "claim")
    await claims.answer(number, agrees=agrees, reason=reason, viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("Your answer is recorded."))


@post("/contracts/{number:str}/bond/claim-ruling", status_code=200)
@comes_back_to(_page)
async def rule(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "regulator", role="signatory")
    await access_full_text(viewer, number)
    granted, ruling = parse_ruling(await read_form(request))
    await claims.rule(number, granted.fen, ruling=ruling, viewer=viewer, now=arrived_at(request))
    return _back(request, number, N_("The ruling is recorded and carried out."))


routes: list[Any] = [
    bond_page, ask, decline, waive, freeze, withdraw, ask_again, hand_in, answer_guarantee, letter, give_back, claim,
    answer_claim, rule,
]  # fmt: skip
