"""Who may score a project, how many do, what a mark needs, and how far marks lie from those of the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isqrt
from typing import Final

from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.kernel.stages import first_that_holds

FULL_MARK: Final = 100
GRADES: Final[Mapping[str, str]] = {
    "excellent": N_("excellent"),
    "adequate": N_("adequate"),
    "inadequate": N_("inadequate"),
}


class Stage(StrEnum):
    """Where an expert's entry into the pool stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ADMITTED = "admitted"
    REFUSED = "refused"
    EXITED = "exited"


# The expert writes the application in these.
OPEN_STAGES: Final = frozenset({Stage.DRAFT, Stage.RETURNED, Stage.REFUSED, Stage.EXITED})


@dataclass(frozen=True)
class Facts:
    """Handing in again clears everything but `submitted_at`; the register keeps the history."""

    submitted_at: datetime | None = None
    returned_at: datetime | None = None
    admitted_at: datetime | None = None
    refused_at: datetime | None = None
    exited_at: datetime | None = None


def stage_of(facts: Facts) -> Stage:
    return first_that_holds(
        (facts.exited_at, Stage.EXITED), (facts.refused_at, Stage.REFUSED), (facts.admitted_at, Stage.ADMITTED),
        (facts.returned_at, Stage.RETURNED), (facts.submitted_at, Stage.SUBMITTED), otherwise=Stage.DRAFT,
    )  # fmt: skip


# Avoidance


@dataclass(frozen=True)
class Party:
    """The owner or a bidder. `head`: who controls it, or whose branch it is."""

    code: str
    name: str
    legal_representative: str
    head: tuple[str, ...] = ()

    @property
    def family(self) -> frozenset[str]:
        return frozenset({self.code, *self.head})


@dataclass(frozen=True)
class Candidate:
    """An admitted expert with the speciality of the project. `employer_heads` and `employer_representative`: of the
    employer, where it is known to the market. `draws`: panels within the window; `row`: the newest draws that this
    expert was among the candidates of and was drawn in, without a break."""

    code: str
    name: str
    employer_name: str
    employer_code: str | None
    employer_heads: tuple[str, ...]
    employer_representative: str
    region_code: str
    conflicts: frozenset[str]
    suspended_until: datetime | None = None
    draws: int = 0
    row: int = 0

    @property
    def employers(self) -> frozenset[str]:
        return frozenset({self.employer_code, *self.employer_heads} - {None, ""})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Limits:
    """The rulebook's numbers of drawing experts."""

    draws_max: int
    consecutive_max: int
    avoid_same_county: bool
    owner_county: str


def obstacles(expert: Candidate, owner: Party, bidders: Iterable[Party], limits: Limits, at: datetime) -> list[Message]:
    """Every reason for which this expert may not be drawn; none means: a candidate."""
    parties = (owner, *bidders)
    found = [found for party in parties for found in _affinities(expert, party)]
    if limits.avoid_same_county and _county(expert.region_code) == _county(limits.owner_county):
        found.append(Message(N_("Comes from the owner's own county.")))
    if expert.suspended_until is not None and at < expert.suspended_until:
        found.append(Message(N_("Is suspended.")))
    if expert.draws >= limits.draws_max:
        found.append(Message(N_("Was drawn {draws} times in the period; at most {most} are allowed."),
                             {"draws": expert.draws, "most": limits.draws_max}))  # fmt: skip
    if expert.row >= limits.consecutive_max:
        found.append(Message(N_("Was drawn {row} times in a row."), {"row": expert.row}))
    return found


def _affinities(expert: Candidate, party: Party) -> list[Message]:
    facts = {"party": party.name}
    found = []
    if expert.employers & party.family or expert.employer_name == party.name:
        found.append(Message(N_("Works for {party}, or for a firm of the same house."), facts))
    if expert.conflicts & party.family:
        found.append(Message(N_("Declared a conflict of interest with {party}."), facts))
    if expert.name == party.legal_representative:
        found.append(Message(N_("Bears the name of the legal representative of {party}."), facts))
    elif expert.employer_representative and expert.employer_representative == party.legal_representative:
        found.append(Message(N_("The employer and {party} have a legal representative of the same name."), facts))
    return found


def _county(region_code: str) -> str:
    return region_code[:6]


def panel_size(amount_fen: int, *, smallest: int, large: int, large_above_fen: int) -> int:
    """Odd, and larger above an amount; an even number of the rulebook is raised to the next odd one."""
    size = large if amount_fen > large_above_fen else smallest
    return size if size % 2 else size + 1


# Marks


@dataclass(frozen=True)
class Band:
    """Marks outside need a reason."""

    low: int
    high: int

    def needs_reason(self, mark: int) -> bool:
        return not self.low <= mark <= self.high


@dataclass(frozen=True)
class Mark:
    """`mark`: 0 to 100; None in a draft."""

    agency: str
    criterion: int
    mark: int | None
    reason: str = ""


def check_signable(marks: Sequence[Mark], *, agencies: Iterable[str], criteria: int, band: Band) -> None:
    """Everything is marked and every mark outside of the band has its reason. Raises Refusal."""
    given = {(one.agency, one.criterion) for one in marks if one.mark is not None}
    missing = [(code, no) for code in agencies for no in range(1, criteria + 1) if (code, no) not in given]
    if missing:
        raise Refusal(
            "marks.incomplete", N_("{count} marks are still missing."), count=len(missing),
            todo=N_("Mark every offer on every criterion, then sign."),
        )  # fmt: skip
    bare = [one for one in marks if one.mark is not None and band.needs_reason(one.mark) and not one.reason.strip()]
    if bare:
        raise Refusal(
            "marks.reason_missing", N_("{count} marks below {low} or above {high} are without a reason."), count=len(bare),
            low=band.low, high=band.high, rule="expert.reason_below", todo=N_("Write why, then sign."),
        )  # fmt: skip


@dataclass(frozen=True)
class Given:
    """A signed mark with who gave it."""

    expert: str
    agency: str
    criterion: int
    mark: int
    reason: str = ""


def deviations(marks: Sequence[Given]) -> dict[tuple[str, str, int], int]:
    """How far each mark lies from the panel's median on that cell, in hundredths of the panel's standard deviation.

    The standard deviation is the root of the mean square of all distances of this panel from their medians; where all
    agree there is none. Rounded towards nothing. Keys: (expert, agency, criterion).
    """
    cells: dict[tuple[str, int], list[int]] = {}
    for one in marks:
        cells.setdefault((one.agency, one.criterion), []).append(one.mark)
    medians = {cell: sorted(values)[len(values) // 2] for cell, values in cells.items()}
    away = {(one.expert, one.agency, one.criterion): one.mark - medians[one.agency, one.criterion] for one in marks}
    squares = sum(distance**2 for distance in away.values())
    return {key: _hundredths(distance, squares, len(away)) for key, distance in away.items()}


def _hundredths(distance: int, squares: int, count: int) -> int:
    if not squares:
        return 0
    size = isqrt(10_000 * distance**2 * count // squares)
    return size if distance >= 0 else -size
