"""What every screen is: what it reads, its numbers, its law or research, how it reckons, and the leads it finds. Pure.

A lead is a reason to look, never a finding. Shares are basis points, measures ten-thousandths, money fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from market.kernel.errors import Message
from market.kernel.i18n import N_

Numbers = Mapping[str, int]  # rulebook key -> number, for the keys that a screen names
WHOLE = 10_000
# What figures count.
TIMES, DAYS, WORKING_DAYS, PROJECTS, NOTICES, PAYMENTS, FIRMS, BIDS, MEASURES = (
    N_("times"), N_("days"), N_("working days"), N_("projects"), N_("notices"), N_("payments"), N_("firms"), N_("bids"), N_("measures"),
)  # fmt: skip
MULTIPLE = "×"
_NAMED = frozenset({"direct", "outside_tender"})
RESULT_ACTS = ("bids.opened", "selection.decided", "draw.made")


class Reads(StrEnum):
    """What a screen looks at, and so when it runs: at once after the act (of sign-up the notice, and again what came of it),
    or over a period of the whole market."""

    NOTICE = "notice"
    SIGN_UP = "sign_up"
    RESULT = "result"
    CONTRACT = "contract"
    MARKET = "market"


@dataclass(frozen=True)
class Firm:
    """An agency of a pool as it stood in the market. `tickets`: its chances in a draw; `authorised`: telephone
    numbers of the persons who act for it; `devices`, `networks`: marks of where its entry came from, which mean
    nothing outside this project."""

    code: str
    name: str
    legal_representative: str = ""
    address: str = ""
    phone: str = ""
    parent_code: str = ""
    authorised: frozenset[str] = frozenset()
    tickets: int = 1
    devices: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Bid:
    """A valid bid as the published decision counted it."""

    code: str
    price_fen: int


@dataclass(frozen=True)
class Usual:
    """How long notices stay open to sign up. `days`: the median, in whole working days; `notices`: how many it comes from."""

    days: int
    notices: int


@dataclass(frozen=True)
class Case:
    """What is published about one project. Pool, bids and winner are empty before the result is published, whatever
    the market knows: nothing here may tell of a sealed bid. `window_days`: working days to sign up as the notice first
    gave them, `usual`: of the notices of its method before it, None where there are none or nobody asked; `came`: agencies
    in the pool, None before a result or the failure is published; `contract_fen`: the price of the contract as signed,
    `changed_fen`: after its last change in force, if there is one; `matching`: agencies that could have signed up when the
    notice appeared, None where that was not asked; `entries`: kind of act -> number of its last register entry."""

    number: str
    title: str
    owner_code: str
    owner_name: str
    method: str
    items: frozenset[str]
    published_at: datetime
    published_on_working_day: bool
    published_hour: int
    window_days: int
    amount_fen: int = 0
    ceiling_fen: int | None = None
    matching: int | None = None
    usual: Usual | None = None
    came: int | None = None
    pool: tuple[Firm, ...] = ()
    bids: tuple[Bid, ...] = ()
    winner: str | None = None
    abandoned: tuple[str, ...] = ()
    price_fen: int | None = None
    contract_fen: int | None = None
    changed_fen: int | None = None
    entries: Mapping[str, int] = field(default_factory=dict)

    def evidence(self, *kinds: str) -> tuple[int, ...]:
        """Numbers of the register entries of these kinds of acts, as far as there are any."""
        return tuple(sorted(self.entries[kind] for kind in kinds if kind in self.entries))

    @property
    def named(self) -> bool:
        """The owner named the agency itself: nobody else could come."""
        return self.method in _NAMED

    @property
    def result_evidence(self) -> tuple[int, ...]:
        return self.evidence(*RESULT_ACTS)

    @cached_property
    def ordered(self) -> list[Bid]:
        """Cheapest first."""
        return sorted(self.bids, key=lambda bid: (bid.price_fen, bid.code))

    def name_of(self, code: str) -> str:
        return next((firm.name for firm in self.pool if firm.code == code), code)


@dataclass(frozen=True)
class Expert:
    """An expert over the period. `far`: marks beyond the rulebook's distance from the panel's median; `draws`: how
    often drawn within the rulebook's shorter period, at most."""

    code: str
    organisation_code: str
    marks: int
    far: int
    draws: int
    projects: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True)
class Payer:
    """An owner's payments that fell due over the period. `late`: (reference, days late) of those paid late or not yet,
    the longest first; `waiting`: how many of these are unpaid still."""

    code: str
    name: str
    due: int
    late: tuple[tuple[str, int], ...]
    waiting: int
    projects: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True)
class Practitioner:
    """A registered professional whom more than one agency claims. `key`: means nothing outside the market; `shown`: the
    masked number; `at_once`: (code, name) of agencies that list the person now; `bound`: of those that had the person
    accepted over the period, in order; `same_number`: of those whose other person bears the same certificate."""

    key: str
    name: str
    shown: str
    at_once: tuple[tuple[str, str], ...] = ()
    bound: tuple[tuple[str, str], ...] = ()
    same_number: tuple[tuple[str, str], ...] = ()
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True)
class History:
    """Cases of a period, oldest first; for a screen of single projects just those to look at. `period` names it in
    keys of leads, so that the same pattern may be found again in another year. `subjects`: codes to be judged, where
    only of these all cases of the period are here; None: everybody."""

    cases: tuple[Case, ...] = ()
    experts: tuple[Expert, ...] = ()
    payers: tuple[Payer, ...] = ()
    practitioners: tuple[Practitioner, ...] = ()
    period: str = ""
    subjects: frozenset[str] | None = None

    def judges(self, code: str) -> bool:
        return self.subjects is None or code in self.subjects


class Tally(Protocol):
    """What one screen keeps of cases that pass by once, in any order: counts by firm, and no case. `suspects` are the
    codes worth a closer look; whoever `find` would name is among them."""

    def see(self, case: Case) -> None: ...

    def suspects(self) -> Iterable[str]: ...


@dataclass(frozen=True)
class Figure:
    """A line of the reckoning: what was found against what the rulebook says (empty where nothing is compared), and what
    both count (empty where they say it themselves, as shares and money do)."""

    label: str
    value: str
    limit: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Lead:
    """`key`: the same lead found again has the same key; `parties`: organisation codes it concerns, in order;
    `score`: how far beyond the limits, 0 to 10,000, to sort by and for nothing else; `rows`: who and how much."""

    key: str
    text: Message
    score: int
    parties: tuple[str, ...]
    projects: tuple[str, ...]
    evidence: tuple[int, ...]
    figures: tuple[Figure, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Screen:
    """`basis`: law or research behind it; `reckoning`: how it computes, for people; `inputs`: what it looks at; `acts`:
    kinds of register entries that its leads rest on; `rules`: the rulebook keys whose numbers it gets; `version`, in
    force `since` a day, changes with the way it computes. `tally`: of a screen of cases over a period; `rows_unit`: what the
    rows of its leads count, empty where they say it themselves."""

    code: str
    version: int
    title: str
    reads: Reads
    basis: str
    reckoning: str
    inputs: str
    acts: tuple[str, ...]
    since: date
    rules: tuple[str, ...]
    find: Callable[[History, Numbers], Iterable[Lead]]
    tally: Callable[[Numbers], Tally] | None = None
    groups: bool = False
    rows_unit: str = ""


def lead_over(
    cases: Sequence[Case], subject: str, text: Message, score: int, *, history: History, parties: tuple[str, ...],
    figures: tuple[Figure, ...], rows: tuple[tuple[str, str], ...] = (), acts: Sequence[str] = RESULT_ACTS,
) -> Lead:  # fmt: skip
    """From several cases of the period: it rests on these acts in all of them."""
    evidence = tuple(sorted({number for case in cases for number in case.evidence(*acts)}))
    return Lead(f"{subject}:{history.period}", text, within(score), parties, tuple(case.number for case in cases), evidence,
                figures, rows)  # fmt: skip


def by_party(
    parties: Callable[[Case], Iterable[str]], find: Callable[[str, list[Case], History, Numbers], Lead | None]
) -> Callable[[History, Numbers], list[Lead]]:
    """A screen of the whole history from one that looks at all cases of one party. `parties`: whose case it is, nobody's
    where it does not count."""

    def over_all(history: History, numbers: Numbers) -> list[Lead]:
        cases: defaultdict[str, list[Case]] = defaultdict(list)
        for case in history.cases:
            for code in parties(case):
                cases[code].append(case)
        found = (find(code, cases[code], history, numbers) for code in sorted(cases) if history.judges(code))
        return [lead for lead in found if lead is not None]

    return over_all


def each(find: Callable[[Case, Numbers], Lead | None]) -> Callable[[History, Numbers], list[Lead]]:
    """A screen of the whole history from one that looks at a single case."""

    def over_all(history: History, numbers: Numbers) -> list[Lead]:
        return [lead for case in history.cases if (lead := find(case, numbers)) is not None]

    return over_all


def within(score: int) -> int:
    return max(0, min(score, WHOLE))


def percent(basis_points: int) -> str:
    sign, size = "-" if basis_points < 0 else "", abs(basis_points)
    return f"{sign}{size // 100}.{size % 100:02d}%"


def decimal(ten_thousandths: int) -> str:
    sign, size = "-" if ten_thousandths < 0 else "", abs(ten_thousandths)
    return f"{sign}{size // WHOLE}.{size % WHOLE:04d}"
