"""A contract over another price than the published result. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import WHOLE, Case, Figure, Lead, Numbers, Reads, Screen, each, within
from ratings.flags.screens.pricing import yuan


def _find(case: Case, numbers: Numbers) -> Lead | None:
    if case.contract_fen is None or case.price_fen is None or case.contract_fen == case.price_fen:
        return None
    text = Message(
        N_("The contract for {project} is over {contract}; the published result says {price}."),
        {"project": case.title, "contract": yuan(case.contract_fen), "price": yuan(case.price_fen)},
    )
    figures = (Figure(N_("Price of the contract"), yuan(case.contract_fen), f"= {yuan(case.price_fen)}"),)
    score = within(6_000 + abs(case.contract_fen - case.price_fen) * WHOLE // case.price_fen)
    parties = (case.owner_code, *((case.winner,) if case.winner else ()))
    evidence = case.evidence("contract.in_force", "selection.decided", "draw.made")
    return Lead(case.number, text, score, parties, (case.number,), evidence, figures)


SCREEN = Screen(
    code="contract_price", version=1, title=N_("Contract over another price than the result"), reads=Reads.CONTRACT,
    basis=N_("Tendering Law, Art. 46: no agreement that departs from the substance of the result"),
    reckoning=N_("The price of the contract in force is compared with the price of the published result, to the fen."),
    inputs=N_("The price of one published result and of its contract in force"), acts=("selection.decided", "draw.made", "contract.in_force"),
    since=date(2026, 11, 22),
    rules=(), find=each(_find),
)  # fmt: skip
