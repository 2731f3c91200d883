"""The demonstration's money: agencies with an Alipay account, and finished work that was paid by bank."""

from __future__ import annotations

from contextlib import suppress

from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.kernel.errors import Refusal
from market.payments.actions.payables import NewTransfer, answer_transfer, register_account, state_transfer
from market.payments.queries import payables_about
from market.payments.rules import Standing
from market.web.viewer import Viewer


async def pay_by_bank(world: World, project_number: str, owner: Viewer, agency: Viewer) -> None:
    """What is owed in this project is transferred and confirmed the same day. What Alipay takes is left to visitors."""
    for one in await payables_about(project_number):
        if one.standing is Standing.TO_PAY:
            new = NewTransfer(one.amount_fen, beijing_date(world.now), f"ICBC{one.reference[3:]}", None)
            await state_transfer(one.reference, new, viewer=owner, now=world.now)
            await answer_transfer(one.reference, received=True, reason="", viewer=agency, now=world.now)


async def register_alipay(world: World, agency: Viewer) -> None:
    """Asked for here; the simulated Alipay hears of it when the market is first served."""
    with suppress(Refusal):
        await register_account(
            f"pay-{agency.organisation_code[-6:].lower()}@demo.example", viewer=agency, now=world.now
        )
