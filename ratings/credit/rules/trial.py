"""A rulebook's numbers tried on the history there is: the same acts, charged as if these numbers had always held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.credit.rules.kinds import ACTS, HONOUR_KINDS, Charge, Numbers, charges, low_rating
from ratings.credit.rules.pauses import PauseRules
from ratings.credit.rules.position import Position
from ratings.credit.rules.score import CORRECTION, HUNDRED, CreditRules, Event
from ratings.periods import add_months


@dataclass(frozen=True)
class Act:
    """A register entry that credit follows from."""

    id: UUID
    kind: str
    at: datetime
    project_number: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    code: str
    name: str
    before: Position
    after: Position

    @property
    def change(self) -> int:
        return self.after.points - self.before.points

    @property
    def moved(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Summary:
    """How many agencies there are, and how many of them move in which way."""

    agencies: int
    moved: int
    up: int
    down: int
    stars_changed: int
    paused: int
    freed: int
    most_lost: int
    most_won: int


def charged_anew(
    code: str, events: Iterable[Event], acts: Mapping[UUID, Act], number: Numbers, *, window_months: int,
    honours: Sequence[int],
) -> list[Event]:  # fmt: skip
    """One agency's events under other numbers: those that would not have been charged are left out, those that only
    these numbers charge are added at the time of their act. Corrections stay. `acts`: all that name this agency; `honours`:
    hundredths that an honour of each level adds."""
    known = list(events)
    told = [_told_anew(code, event, acts, number, honours) for event in known]
    kept = [event for event in told if event is not None]
    there = {(event.evidence_id, event.kind) for event in known}
    added = [
        _event(act, charge)
        for act in acts.values()
        for charge in charges(act.kind, act.data, number)
        if charge.code == code and (act.id, charge.kind) not in there
    ]
    return [_with_term(event, window_months) for event in (*kept, *added)]


def summary(moves: Sequence[Move]) -> Summary:
    changes = [move.change for move in moves]
    return Summary(
        agencies=len(moves),
        moved=sum(move.moved for move in moves),
        up=sum(change > 0 for change in changes),
        down=sum(change < 0 for change in changes),
        stars_changed=sum(move.before.band != move.after.band for move in moves),
        paused=sum(move.before.paused_until is None and move.after.paused_until is not None for move in moves),
        freed=sum(move.before.paused_until is not None and move.after.paused_until is None for move in moves),
        most_lost=min([0, *changes]),
        most_won=max([0, *changes]),
    )


def inconsistencies(credit: CreditRules, rules: PauseRules) -> list[Message]:
    """What makes numbers unusable together: gaps and overlaps of bands and tiers, a base outside of its limits."""
    found = []
    if not credit.floor <= credit.base <= credit.cap:
        found.append(Message(N_("the base score must lie between the lowest and the highest score")))
    if len(credit.bands) != 4 or list(credit.bands) != sorted(set(credit.bands), reverse=True):
        found.append(Message(N_("the least scores of the stars must be four falling numbers: no gap, no overlap")))
    limits = [tier.points for tier in rules.tiers] + [rules.talk_below, rules.reminder_below]
    if limits != sorted(limits):
        found.append(Message(N_("the tiers must rise: severe, long pause, pause, talk, reminder")))
    return found


def _told_anew(
    code: str, event: Event, acts: Mapping[UUID, Act], number: Numbers, honours: Sequence[int]
) -> Event | None:
    if event.kind == CORRECTION:
        return event
    if event.kind in HONOUR_KINDS:
        return replace(event, points=honours[HONOUR_KINDS.index(event.kind)])
    if event.kind == "low_rating":
        return replace(event, points=low_rating(code, number).points)
    act = acts.get(event.evidence_id) if event.evidence_id else None
    if act is None:
        sign = -1 if event.points < 0 else 1
        return replace(event, points=sign * number(event.rule) * HUNDRED)
    due = [one for one in charges(act.kind, act.data, number) if (one.code, one.kind) == (code, event.kind)]
    return replace(event, points=due[0].points) if due else None


def _event(act: Act, charge: Charge) -> Event:
    assert act.kind in ACTS
    return Event(act.id, charge.kind, charge.points, act.at, act.at, act.at, rule=charge.rule, evidence_id=act.id,
                 project_number=act.project_number)  # fmt: skip


def _with_term(event: Event, months: int) -> Event:
    if event.kind == CORRECTION:
        return event
    return replace(event, valid_until=add_months(event.occurred_at, months))
