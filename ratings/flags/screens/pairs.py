"""Two agencies that nearly always take part together, and win only one or turn by turn. Pure."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import WHOLE, Case, Figure, History, Lead, Numbers, Reads, Screen, percent, within


def _find(history: History, numbers: Numbers) -> list[Lead]:
    contests = [case for case in history.cases if case.bids and case.winner]
    entered: defaultdict[str, list[Case]] = defaultdict(list)
    together: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in contests:
        codes = sorted({bid.code for bid in case.bids})
        for code in codes:
            entered[code].append(case)
        for pair in combinations(codes, 2):
            together[pair].append(case)
    found = (_lead(pair, cases, entered, history, numbers) for pair, cases in sorted(together.items()))
    return [lead for lead in found if lead is not None]


def _lead(
    pair: tuple[str, str], cases: list[Case], entered: dict[str, list[Case]], history: History, numbers: Numbers
) -> Lead | None:
    first, second = pair
    least, overlap_least = numbers["screen.pair_together_min"], numbers["screen.pair_overlap"]
    if len(cases) < max(least, 1):
        return None
    # Of all contests in which either took part, the share in which both did (Jaccard).
    overlap = len(cases) * WHOLE // (len(entered[first]) + len(entered[second]) - len(cases))
    wins = {code: sum(case.winner == code for case in cases) for code in pair}
    share = sum(wins.values()) * WHOLE // len(cases)
    if overlap < overlap_least or share < numbers["screen.pair_wins"]:
        return None
    said = (
        N_("{first} and {second} bid together {count} times; they won in turn.") if all(wins.values())
        else N_("{first} and {second} bid together {count} times; only one of them ever won.")
    )  # fmt: skip
    names = {code: cases[-1].name_of(code) for code in pair}
    text = Message(said, {"first": names[first], "second": names[second], "count": len(cases)})
    figures = (
        Figure(N_("Bid together"), str(len(cases)), f"≥ {least}"),
        Figure(N_("Share of their contests with both"), percent(overlap), f"≥ {percent(overlap_least)}"),
        Figure(N_("Share of these that one of the two won"), percent(share), f"≥ {percent(numbers['screen.pair_wins'])}"),
    )  # fmt: skip
    return Lead(
        f"{first}+{second}:{history.period}", text, within((overlap + share) // 2), pair,
        tuple(case.number for case in cases), _evidence(cases), figures,
        tuple((names[code], str(wins[code])) for code in pair),
    )  # fmt: skip


def _evidence(cases: list[Case]) -> tuple[int, ...]:
    return tuple(sorted({number for case in cases for number in case.result_evidence}))


SCREEN = Screen(
    code="pairs", version=1, title=N_("Pairs that always bid together"), reads=Reads.MARKET,
    basis=N_("Research on networks of co-bidders (Imhof and others; Wallimann and others): groups that often meet, with rotating winners"),
    reckoning=N_("Over the period two agencies bid together at least as often as the rulebook says, hardly ever without each other, and one of the two won nearly always."),
    rules=("screen.pair_together_min", "screen.pair_overlap", "screen.pair_wins"), find=_find,
)  # fmt: skip
