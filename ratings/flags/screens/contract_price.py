"""A contract over another price than the published result, or one that has grown by a supplement. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import WHOLE, Case, Figure, Lead, Numbers, Reads, Screen, each, percent, within
from ratings.flags.screens.pricing import yuan

_ADDED = "screen.added_share"
_ACTS = ("selection.decided", "draw.made", "contract.in_force", "change.in_force")


def _find(case: Case, numbers: Numbers) -> Lead | None:
    result, signed = case.price_fen, case.contract_fen
    if not result or signed is None:
        return None
    stands = case.changed_fen or signed
    added = (stands - result) * WHOLE
    if signed == result and added < result * max(numbers[_ADDED], 1):
        return None
    said = (
        N_("The contract for {project} is over {contract}; the published result says {price}.")
        if signed != result else
        N_("A supplement has brought the contract for {project} to {contract}; the published result says {price}.")
    )  # fmt: skip
    shown = {"project": case.title, "contract": yuan(stands), "price": yuan(result)}
    figures = (
        Figure(N_("Price of the contract"), yuan(signed), f"= {yuan(result)}"),
        Figure(N_("Added to the price of the result"), percent(added // result), f"< {percent(numbers[_ADDED])}"),
    )
    parties = (case.owner_code, *((case.winner,) if case.winner else ()))
    score = within((6_000 if signed != result else 3_000) + abs(added) // result)
    return Lead(case.number, Message(said, shown), score, parties, (case.number,), case.evidence(*_ACTS), figures)


SCREEN = Screen(
    code="contract_price", version=2, title=N_("Contract over another price than the result"), reads=Reads.CONTRACT,
    basis=N_("Tendering Law, Art. 46: no agreement that departs from the substance of the result; research on contracts that grow after the award"),
    reckoning=N_("The price of the contract in force is compared with the price of the published result, to the fen. What supplements have added is compared with the rulebook's share: a supplement is lawful, and a cheap bid that becomes dear with one is worth a look."),
    inputs=N_("The price of one published result, of its contract in force and of its supplements in force"), acts=_ACTS,
    since=date(2026, 11, 22),
    rules=(_ADDED,), find=each(_find),
)  # fmt: skip
