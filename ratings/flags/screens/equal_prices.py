"""Different bidders with one price to the fen. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import FIRMS, RESULT_ACTS, Case, Figure, Lead, Numbers, Reads, Screen, each, within
from ratings.flags.screens.pricing import prices, rows, sealed, yuan

_ROUND = "screen.round_price"


def _find(case: Case, numbers: Numbers) -> Lead | None:
    if not sealed(case):
        return None
    unit = max(numbers[_ROUND], 1)
    # Two may well think of the same round figure, or both bid exactly the ceiling.
    equal = {price: count for price, count in Counter(prices(case)).items()
             if count > 1 and price % unit and price != case.ceiling_fen}  # fmt: skip
    if not equal:
        return None
    who = tuple(bid.code for bid in case.ordered if bid.price_fen in equal)
    text = Message(
        N_("{count} of the bids for {project} are equal to the fen: {prices}."),
        {"count": len(who), "project": case.title, "prices": "、".join(map(yuan, sorted(equal)))},
    )
    figures = (
        Figure(N_("Bidders with a price that another has too"), str(len(who)), "≥ 2", unit=FIRMS),
        Figure(N_("Multiples of this are round prices"), yuan(unit)),
    )
    return Lead(case.number, text, within(5_000 + 1_000 * len(who)), who, (case.number,), case.result_evidence, figures,
                rows(case))  # fmt: skip


SCREEN = Screen(
    code="equal_prices", version=1, title=N_("Equal prices"), reads=Reads.RESULT,
    basis=N_("Implementing Regulation of the Tendering Law, Art. 40: bids abnormally alike; Cardinal indicator R028"),
    reckoning=N_("Two or more bidders name the same price to the fen, and it is neither a round figure nor the ceiling itself."),
    inputs=N_("The valid sealed bids of one published result, and the ceiling of its notice"),
    acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=(_ROUND,), find=each(_find),
)  # fmt: skip
