"""An abnormally low price: any of three triggers, and its bidder owes a written note on its cost. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    RESULT_ACTS,
    WHOLE,
    Bid,
    Case,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    percent,
    within,
)
from ratings.flags.screens.pricing import rows, yuan

CODE = "low_price"
_MEAN, _SECOND, _CEILING = (f"selection.low_price.share_of_{name}" for name in ("mean", "second", "ceiling"))


def triggers(bid: Bid, case: Case, numbers: Numbers) -> list[Figure]:
    """Which of the three the bid falls under: half the mean of all valid bids, half the second lowest, 45 % of the
    ceiling, as the rulebook states them."""
    amounts = [one.price_fen for one in case.ordered]
    # What it is measured against, as a sum over so many; a sum of nothing measures nothing.
    measured = (
        (N_("Against the mean of all valid bids"), sum(amounts) if len(amounts) > 1 else 0, len(amounts), _MEAN),
        (N_("Against the second lowest bid"), _second(bid, amounts), 1, _SECOND),
        (N_("Against the ceiling"), case.ceiling_fen or 0, 1, _CEILING),
    )
    return [
        Figure(label, percent(bid.price_fen * WHOLE * many // total), f"< {percent(numbers[key])}")
        for label, total, many, key in measured
        if bid.price_fen * WHOLE * many < numbers[key] * total
    ]


def _second(bid: Bid, amounts: list[int]) -> int:
    """Only the lowest bid is measured by the second lowest."""
    return amounts[1] if len(amounts) > 1 and bid.price_fen == amounts[0] else 0


def _find(history: History, numbers: Numbers) -> list[Lead]:
    return [lead for case in history.cases for bid in case.ordered if (lead := _lead(bid, case, numbers)) is not None]


def _lead(bid: Bid, case: Case, numbers: Numbers) -> Lead | None:
    found = triggers(bid, case, numbers)
    if not found:
        return None
    text = Message(
        N_("{agency} bid {price} for {project}: abnormally low. Its written note on the cost is to be demanded."),
        {"agency": case.name_of(bid.code), "price": yuan(bid.price_fen), "project": case.title},
    )
    score = within(4_000 + 2_000 * len(found))
    key = f"{case.number}:{bid.code}"
    return Lead(key, text, score, (bid.code,), (case.number,), case.result_evidence, tuple(found), rows(case))


SCREEN = Screen(
    code=CODE, version=1, title=N_("Abnormally low price"), reads=Reads.RESULT,
    basis=N_("Pilot on reviewing abnormally low bids (Ministry of Finance, 2024 No. 265)"),
    reckoning=N_("A bid below a share of the mean of all valid bids, of the second lowest bid, or of the ceiling; any one of the three is enough. A low price with a sound reason is lawful."),
    inputs=N_("The valid bids of one published result, and the ceiling of its notice"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=(_MEAN, _SECOND, _CEILING), find=_find,
)  # fmt: skip
