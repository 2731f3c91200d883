"""An agency that wins draws more often than its chances allow. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    RESULT_ACTS,
    TIMES,
    Case,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    by_party,
    lead_over,
)
from ratings.flags.screens.pricing import is_draw

_MILLION = 1_000_000


def at_least(chances: Sequence[Fraction], wins: int) -> Fraction:
    """The exact probability of this many wins or more in independent draws with these chances (Poisson binomial)."""
    if wins <= 0:
        return Fraction(1)
    # ways[k] / whole: the probability of exactly k wins so far, for all k below what is asked; whole numbers only, since
    # shortening fractions at every step would take most of the time.
    ways, whole = [1], 1
    for chance in chances:
        win, lose = chance.numerator, chance.denominator - chance.numerator
        longer = [way * lose for way in ways]
        for k, way in enumerate(ways[: wins - 1]):
            if k + 1 < len(longer):
                longer[k + 1] += way * win
            else:
                longer.append(way * win)
        ways, whole = longer, whole * chance.denominator
    return 1 - Fraction(sum(ways), whole)


def chance(case: Case, code: str) -> Fraction:
    return Fraction(
        sum(firm.tickets for firm in case.pool if firm.code == code), max(sum(firm.tickets for firm in case.pool), 1)
    )


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least, self.most = max(numbers["screen.odds_wins_min"], 1), numbers["screen.odds_below"]
        # Code -> (own tickets, all tickets) of each draw that it entered: a fraction costs more than both.
        self.chances: defaultdict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
        self.wins: Counter[str] = Counter()

    def see(self, case: Case) -> None:
        if is_draw(case):
            self.wins[str(case.winner)] += 1
            own: Counter[str] = Counter()
            for firm in case.pool:
                own[firm.code] += firm.tickets
            whole = max(own.total(), 1)
            for firm in case.pool:
                self.chances[firm.code][own[firm.code], whole] += 1

    def suspects(self) -> Iterator[str]:
        for code, wins in self.wins.items():
            if wins < self.least:
                continue
            chances = [(Fraction(*one), times) for one, times in self.chances[code].items()]
            # As many wins as expected or fewer are no surprise: their probability is a half or more.
            if wins <= sum(one * times for one, times in chances):
                continue
            each = [one for one, times in chances for _ in range(times)]
            if int(at_least(each, wins) * _MILLION) <= self.most:
                yield code


def _drawn_among(case: Case) -> Iterator[str]:
    if is_draw(case):
        yield from (firm.code for firm in case.pool)


def _lead(code: str, cases: list[Case], history: History, numbers: Numbers) -> Lead | None:
    won = [case for case in cases if case.winner == code]
    most = numbers["screen.odds_below"]
    if len(won) < max(numbers["screen.odds_wins_min"], 1):
        return None
    probability = int(at_least([chance(case, code) for case in cases], len(won)) * _MILLION)
    if probability > most:
        return None
    name = won[-1].name_of(code)
    text = Message(
        N_("{agency} won {wins} of {count} draws; by its chances that happens {probability} times in a million."),
        {"agency": name, "wins": len(won), "count": len(cases), "probability": probability},
    )
    figures = (
        Figure(N_("Draws won"), str(len(won)), f"≥ {numbers['screen.odds_wins_min']}", unit=TIMES),
        Figure(N_("Exact probability of as many wins or more, in a million"), str(probability), f"≤ {most}"),
    )
    score = 10_000 - probability * 5_000 // max(most, 1)
    return lead_over(won, code, text, score, history=history, parties=(code,), figures=figures)


SCREEN = Screen(
    code="win_odds", version=1, title=N_("Wins against the odds"), reads=Reads.MARKET,
    basis=N_("Exact test of the published draws: every draw's pool and tickets are known"),
    reckoning=N_("From the tickets in every pool in which the agency was drawn, the exact probability of winning as often as it did or more. Among many agencies somebody is lucky: the limit is small, and the dossiers of the draws can be recalculated."),
    inputs=N_("Pool, tickets and winner of every draw of the period"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.odds_wins_min", "screen.odds_below"), find=by_party(_drawn_among, _lead), tally=_Tally,
)  # fmt: skip
