"""A group that fills the pools of draws together and never bids on a price. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.companions import Companions, overlap_of
from ratings.flags.screens.interface import (
    FIRMS,
    RESULT_ACTS,
    TIMES,
    WHOLE,
    Case,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    lead_over,
    percent,
)
from ratings.flags.screens.pricing import is_draw

_OVERLAP, _TOGETHER, _GROUP = "screen.pair_overlap", "screen.phantom_together_min", "screen.phantom_group_min"


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least = max(numbers[_TOGETHER], 1)
        self.companions = Companions(numbers[_OVERLAP])
        self.bidders: set[str] = set()

    def see(self, case: Case) -> None:
        self.bidders.update(bid.code for bid in case.bids)
        if is_draw(case):
            self.companions.meet({firm.code for firm in case.pool})

    def suspects(self) -> Iterator[str]:
        for pair in self.companions.suspected(self.least):
            if self.bidders.isdisjoint(pair):
                yield from pair


def _find(history: History, numbers: Numbers) -> list[Lead]:
    draws, bidders = defaultdict[str, list[Case]](list), set[str]()
    for case in history.cases:
        bidders.update(bid.code for bid in case.bids)
        if is_draw(case):
            for code in {firm.code for firm in case.pool}:
                draws[code].append(case)
    idle = {code for code in draws if code not in bidders and history.judges(code)}
    groups: dict[str, tuple[str, ...]] = {}
    for code in sorted(idle):
        group = tuple(sorted({code, *_companions(code, draws, idle, numbers)}))
        # The same group is found from each of its members.
        if len(group) >= max(numbers[_GROUP], 2) and len(group) > len(groups.get(group[0], ())):
            groups[group[0]] = group
    return [_lead(group, draws, history, numbers) for group in groups.values()]


def _companions(code: str, draws: dict[str, list[Case]], idle: set[str], numbers: Numbers) -> Iterator[str]:
    together: defaultdict[str, int] = defaultdict(int)
    for case in draws[code]:
        for other in {firm.code for firm in case.pool} - {code}:
            together[other] += 1
    for other, count in together.items():
        if other not in idle or count < max(numbers[_TOGETHER], 1):
            continue
        if overlap_of(count, len(draws[code]), len(draws[other])) >= numbers[_OVERLAP]:
            yield other


def _lead(group: tuple[str, ...], draws: dict[str, list[Case]], history: History, numbers: Numbers) -> Lead:
    cases = list({case.number: case for code in group for case in draws[code]}.values())
    filled = sum(sum(firm.code in group for firm in case.pool) for case in cases)
    share = filled * WHOLE // sum(len(case.pool) for case in cases)
    names = {firm.code: firm.name for case in cases for firm in case.pool}
    text = Message(
        N_("{count} agencies fill the pools of {draws} draws together and never bid on a price: {names}."),
        {"count": len(group), "draws": len(cases), "names": "、".join(names[code] for code in group)},
    )
    figures = (
        Figure(N_("Agencies always together"), str(len(group)), f"≥ {numbers[_GROUP]}", unit=FIRMS),
        Figure(N_("Draws that they entered"), str(len(cases)), f"≥ {numbers[_TOGETHER]}", unit=TIMES),
        Figure(N_("Their share of these pools"), percent(share)),
        Figure(N_("Draws that one of them won"), str(sum(case.winner in group for case in cases)), unit=TIMES),
    )
    rows = tuple((names[code], str(len(draws[code]))) for code in group)
    return lead_over(cases, group[0], text, 4_000 + share * 6 // 10, history=history, parties=group, figures=figures,
                     rows=rows)  # fmt: skip


SCREEN = Screen(
    code="phantom_pool", version=1, title=N_("A group that fills pools"), reads=Reads.MARKET,
    basis=N_("Tendering Law, Art. 32: no collusion among bidders; practice of draws: shell firms that only raise a controller's chances"),
    reckoning=N_("Over the period the same agencies entered draws together at least as often as the rulebook says, hardly ever without each other, and none of them handed in a single bid on a price. Beside each stands in how many draws it was."),
    inputs=N_("Pool and winner of every draw of the period, and who bid in contests on price"),
    acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=(_TOGETHER, _GROUP, _OVERLAP), find=_find, tally=_Tally, groups=True, rows_unit=TIMES,
)  # fmt: skip
