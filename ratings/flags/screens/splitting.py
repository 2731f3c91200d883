"""Equal jobs of one owner, each just under a limit and together above it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    PROJECTS,
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
from ratings.flags.screens.pricing import yuan

_LIMITS = (
    "posting.free_pick_below", "posting.limit.procurement_city", "posting.limit.procurement_province",
    "posting.limit.must_tender", "posting.limit.open_tender",
)  # fmt: skip

_ACTS = ("project.published",)


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.near: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])

    def see(self, case: Case) -> None:
        for key in _LIMITS:
            if just_under(case, self.numbers[key], self.numbers):
                for item in case.items:
                    found = self.near[case.owner_code, item, key]
                    found[0] += 1
                    found[1] += case.amount_fen

    def suspects(self) -> Iterator[str]:
        least = max(self.numbers["screen.splitting_min"], 2)
        return (
            owner
            for (owner, _, key), (count, total) in self.near.items()
            if count >= least and total >= self.numbers[key]
        )


def just_under(case: Case, limit: int, numbers: Numbers) -> bool:
    return case.amount_fen * WHOLE >= limit * numbers["screen.splitting_share"] and case.amount_fen < limit


def _find(history: History, numbers: Numbers) -> list[Lead]:
    jobs: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in history.cases:
        for item in case.items if history.judges(case.owner_code) else ():
            jobs[case.owner_code, item].append(case)
    found = []
    for (owner, item), cases in sorted(jobs.items()):
        for key in _LIMITS:
            lead = _lead(owner, item, cases, key, history, numbers)
            found += [lead] if lead else []
    return found


def _lead(owner: str, item: str, cases: list[Case], key: str, history: History, numbers: Numbers) -> Lead | None:
    limit, share = numbers[key], numbers["screen.splitting_share"]
    near = [case for case in cases if just_under(case, limit, numbers)]
    total = sum(case.amount_fen for case in near)
    if len(near) < max(numbers["screen.splitting_min"], 2) or total < limit:
        return None
    text = Message(
        N_("{owner} posted {count} jobs of item {item} just under {limit}; together they come to {total}."),
        {"owner": near[-1].owner_name, "count": len(near), "item": item, "limit": yuan(limit), "total": yuan(total)},
    )
    figures = (
        Figure(N_("Jobs just under the limit"), str(len(near)), f"≥ {numbers['screen.splitting_min']}", unit=PROJECTS),
        Figure(N_("Just under means from this share of the limit on"), percent(share)),
        Figure(N_("Together"), yuan(total), f"≥ {yuan(limit)}"),
    )
    rows = tuple((case.title, yuan(case.amount_fen)) for case in near)
    return lead_over(near, f"{owner}:{item}:{key}", text, 3_000 + 1_500 * len(near), history=history, parties=(owner,),
                     figures=figures, rows=rows, acts=_ACTS)  # fmt: skip


SCREEN = Screen(
    code="splitting", version=1, title=N_("Split just under a limit"), reads=Reads.MARKET,
    basis=N_("Tendering Law, Art. 4: no splitting of a whole to avoid a tender; Prozorro rule on yearly splitting"),
    reckoning=N_("For every owner and service item the jobs of the period just under each limit of the rulebook are counted and added up."),
    inputs=N_("Owner, service item and amount of every project of the period with a result"), acts=_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.splitting_share", "screen.splitting_min", *_LIMITS), find=_find, tally=_Tally,
)  # fmt: skip
