"""What the contract has to say about its bond: who may ask for one and until when, and what follows from its own acts."""

from __future__ import annotations

from datetime import datetime

from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.payments.actions import bonds
from market.payments.actions.bonds import NewDemand
from market.payments.bond_queries import demand_of
from market.payments.bond_rules import Ended, Mode, check_demand, retained_is_small_enough
from market.web.viewer import Viewer
from projects.contracts.actions import lock_as_party
from projects.contracts.queries import ContractView, contract_by_number, rulebook_of
from projects.contracts.rules import Side, State
from projects.payments.milestones import milestones_of, reference_of

SHARE = "contract.performance_bond_share_max"


def may_ask(contract: ContractView) -> bool:
    """Before the agency has signed: what it signs must be all that it takes on."""
    return contract.state is State.SIGNING and contract.agency_signed_at is None


async def ask(number: str, amount_fen: int, *, mode: Mode, viewer: Viewer, now: datetime) -> None:
    """Raises NotFound for strangers, Refusal by the rules and beyond the rulebook's share of the price."""
    async with transaction():
        contract, side = await lock_as_party(number, viewer)
        if side is not Side.OWNER:
            raise NotFound
        if not may_ask(contract):
            raise Refusal(
                "bond.too_late", N_("A bond can be asked for only before the agency has signed the contract."),
                todo=N_("Secure the contract by its milestones instead."),
            )  # fmt: skip
        book = await rulebook_of(contract)
        check_demand(amount_fen=amount_fen, price_fen=contract.price_fen, share_max=book.share(SHARE))
        new = NewDemand(
            contract.number, contract.project_number, contract.title, contract.agency_id, contract.owner_id, mode, amount_fen
        )  # fmt: skip
        await bonds.demand(new, viewer=viewer, now=now)


async def decline(number: str, *, reason: str, viewer: Viewer, now: datetime) -> None:
    """The agency gives no bond; its award stays. Raises NotFound for strangers, Refusal once it has signed."""
    async with transaction():
        contract, side = await lock_as_party(number, viewer)
        if side is not Side.AGENCY or await demand_of(number) is None:
            raise NotFound
        if not may_ask(contract):
            raise Refusal(
                "bond.accepted_by_signing", N_("Your organisation signed the contract knowing of the bond; it cannot be declined any more."),
                todo=N_("Give the bond, or ask the owner to waive it."),
            )  # fmt: skip
        await bonds.decline(number, reason=reason, viewer=viewer, now=now)


async def begin(number: str, *, calendar: Calendar, at: datetime) -> None:
    """The contract is in force: the bond falls due, and the last payment is held back where that was agreed."""
    found = await demand_of(number)
    if found is None:
        return
    contract = await contract_by_number(number)
    book, last = await rulebook_of(contract), milestones_of(contract)[-1]
    small = retained_is_small_enough(
        last_fen=last.amount.fen, price_fen=contract.price_fen, share_max=book.share(SHARE)
    )
    retained = reference_of(number, last.no) if found.mode is Mode.RETENTION and small else None
    async with transaction():
        await bonds.come_into_force(
            number, due_at=deadline(book, "contract.bond_days", at, calendar), retained=retained
        )  # fmt: skip


async def finish(number: str, *, calendar: Calendar, at: datetime) -> None:
    """The contract is performed or ended: what is left goes back after the time that the rulebook gives for claims."""
    if await demand_of(number) is None:
        return
    book = await rulebook_of(await contract_by_number(number))
    async with transaction():
        await bonds.set_return(number, deadline(book, "contract.bond_return_days", at, calendar))


async def void(number: str, *, now: datetime) -> None:
    """No contract came about."""
    if await demand_of(number) is not None:
        async with transaction():
            await bonds.end(number, Ended.VOID, now=now)
