"""Scenes of money in the last days of the demonstration: invoices in every state, a payment made late, a transfer stated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from market.demo.agencies import paper
from market.demo.payments import pay_by_bank
from market.demo.story import STORY_ENDS, City
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch
from market.kernel.money import BASIS_POINTS, divide_half_up
from market.payments.actions.payables import NewTransfer, state_transfer
from market.web.viewer import Viewer
from projects.payments.invoices import actions as invoices
from projects.payments.invoices.queries import check_list, invoices_of
from projects.payments.invoices.rules import Invoice
from projects.payments.overdue.queries import NATURAL_PERSON, TermView, all_late, term_of

INVOICES, UNANSWERED, TAX_RATE = 9, 2, 600
_ACCEPTED = "SELECT k.payable_id FROM payment_term k JOIN payable p ON p.id = k.payable_id WHERE p.release_at IS NOT NULL ORDER BY p.reference LIMIT $1"


def plan_payments(city: City) -> None:
    city.script.at(STORY_ENDS - timedelta(days=5, hours=3), _hand_in(city))
    city.script.at(STORY_ENDS - timedelta(days=4, hours=2), _answer(city))
    city.script.at(STORY_ENDS - timedelta(days=2, hours=1), _pay_late(city))


def _viewer(city: City, organisation_id: UUID) -> Viewer | None:
    everybody = [*city.owners, *(agent.viewer for agent in city.agents)]
    return next((one for one in everybody if one.organisation_id == organisation_id), None)


async def _accepted() -> list[TermView]:
    return [await term_of(row["payable_id"]) for row in await fetch(_ACCEPTED, INVOICES)]


def _hand_in(city: City) -> Callable[[], Any]:
    """Every third one names the wrong buyer."""

    async def act() -> None:
        world = city.world
        for place, term in enumerate(await _accepted()):
            agency = _viewer(city, term.agency_id)
            if agency is None:
                continue
            net = divide_half_up(term.amount_fen * BASIS_POINTS, BASIS_POINTS + TAX_RATE)
            invoice = Invoice(
                "special" if place % 2 else "ordinary", "", f"2637200000{place + 1:010d}", beijing_date(world.now),
                term.owner_name if place % 3 < 2 else f"{term.owner_name}办公室",
                "" if term.owner_kind == NATURAL_PERSON else term.owner_code, term.amount_fen, net, term.amount_fen - net, TAX_RATE,
            )  # fmt: skip
            await invoices.hand_in(
                term.reference,
                invoice,
                paper(f"发票{invoice.number}"),
                viewer=agency,
                files=world.running.files,
                now=world.now,
            )

    return act


def _answer(city: City) -> Callable[[], Any]:
    """Owners confirm what is right and return the rest; the last invoices still wait."""

    async def act() -> None:
        for term in (await _accepted())[:-UNANSWERED]:
            owner, found = _viewer(city, term.owner_id), await invoices_of(term.payable_id)
            if owner is None or not found:
                continue
            right = all(check.passed for check in await check_list(term, found[0]))
            reason = "" if right else "购买方名称与本单位全称不一致，请重新开具。"
            await invoices.answer(term.reference, confirmed=right, reason=reason, viewer=owner, now=city.world.now)

    return act


def _pay_late(city: City) -> Callable[[], Any]:
    """Of what is late one is paid at last, and for another a transfer is stated; the rest stays late."""

    async def act() -> None:
        now = city.world.now
        late = [(one, _viewer(city, one.owner_id), _viewer(city, one.agency_id)) for one in await all_late(now)]
        waiting = [(one, owner, agency) for one, owner, agency in late if one.waits and owner and agency]
        for place, (one, owner, agency) in enumerate(waiting[1:3]):
            assert owner is not None
            assert agency is not None
            if place == 0:
                await pay_by_bank(city.world, one.project, owner, agency)
            else:
                new = NewTransfer(one.amount_fen, beijing_date(now), f"ICBC{one.reference[3:]}", None)
                await state_transfer(one.reference, new, viewer=owner, now=now)

    return act
