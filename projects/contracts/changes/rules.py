"""What a contract in force may be changed to, by whom and until when. Pure: numbers come from the rulebook, times as
arguments.

Others lost on the result, so a change may not become another contract: what supplements add to the price is limited in
all, a higher price needs more service, and what was accepted or paid stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, Money
from projects.contracts.changes.terms import Content, Limit
from projects.contracts.drafts.rules import Change, milestone_changes, special_changes, special_mistakes
from projects.contracts.rules import Side
from projects.contracts.terms import Milestone

Numbers = Callable[[str], int]
_LEAST_MATCH: Final = 2  # a single character in common is chance, not the same wording


class State(StrEnum):
    PROPOSED = "proposed"
    TO_SIGN = "to_sign"
    IN_FORCE = "in_force"
    ENDED = "ended"


class Ending(StrEnum):
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Facts:
    """What happened to one change so far; its state follows."""

    proposed_side: Side
    answer_due_at: datetime
    sign_due_at: datetime | None = None
    in_force_at: datetime | None = None
    ended: Ending | None = None

    @property
    def state(self) -> State:
        if self.ended is not None:
            return State.ENDED
        if self.in_force_at is not None:
            return State.IN_FORCE
        return State.PROPOSED if self.sign_due_at is None else State.TO_SIGN

    @property
    def due_at(self) -> datetime:
        """Until when the side on turn has to act."""
        return self.sign_due_at or self.answer_due_at

    @property
    def turn(self) -> Side | None:
        """Who is waited for: first the other side's answer, then the proposer's signature."""
        match self.state:
            case State.PROPOSED:
                return self.proposed_side.other
            case State.TO_SIGN:
                return self.proposed_side
        return None


@dataclass(frozen=True)
class Progress:
    """How far one milestone of the contract has come. `paid`: money for it is held, paid or on its way."""

    no: int
    running: bool = False
    delivered: bool = False
    accepted: bool = False
    paid: bool = False


@dataclass(frozen=True)
class Frame:
    """What a change is measured by. `days_most`: the most working days that the contract may have in all."""

    progress: Sequence[Progress]
    limit: Limit
    days_most: int


def added_limit(signed_price_fen: int, share: int) -> int:
    """What supplements may add in all, in fen, rounded down: the limit itself is never passed."""
    return signed_price_fen * share // BASIS_POINTS


def longest(days_of_result: int, share: int) -> int:
    """The most working days of a contract after changes."""
    return days_of_result + days_of_result * share // BASIS_POINTS


def mistakes(before: Content, after: Content, frame: Frame, number: Numbers) -> list[tuple[Message, str | None]]:
    """Everything for which this cannot be agreed, each with the rule that forbids it; empty where it can."""
    if before == after:
        return [(Message(N_("The proposal says what the contract says already.")), None)]
    return [
        *_of_milestones(before, after, frame, number),
        *_of_price(before, after, frame),
        *_of_time(after, frame),
        *_of_words(after, number),
    ]


def _of_milestones(before: Content, after: Content, frame: Frame, number: Numbers) -> list[tuple[Message, str | None]]:
    found: list[tuple[Message, str | None]] = []
    if len(after.milestones) < len(before.milestones):
        found.append((Message(N_("A milestone cannot be left out; lower its amount, or end the contract.")), None))
    if len(after.milestones) > (most := number("contract.milestones_max")):
        found.append(
            (Message(N_("A contract has at most {most} milestones."), {"most": most}), "contract.milestones_max")
        )
    progress = {one.no: one for one in frame.progress}
    for old, new in zip(before.milestones, after.milestones, strict=False):
        how = progress.get(old.no, Progress(old.no))
        found += [(one, None) for one in _of_one(old, new, how)]
    return found


def _of_one(old: Milestone, new: Milestone, how: Progress) -> list[Message]:
    same = (old.title, old.price_fen, old.days) == (new.title, new.price_fen, new.days)
    if same:
        return []
    facts = {"no": old.no}
    if how.accepted:
        return [Message(N_("Milestone {no} is accepted; it cannot be changed."), facts)]
    if how.delivered:
        return [Message(N_("Milestone {no} is delivered and waits for its answer; it cannot be changed."), facts)]
    found = []
    if how.paid and old.price_fen != new.price_fen:
        found.append(Message(N_("Milestone {no} is paid, or being paid; its amount cannot be changed."), facts))
    if how.running and new.days < old.days:
        found.append(Message(N_("The time of milestone {no} is running; it can be lengthened, not shortened."), facts))
    return found


def _of_price(before: Content, after: Content, frame: Frame) -> list[tuple[Message, str | None]]:
    added = max(after.price_fen - before.price_fen, 0)
    rule = "contract.supplement_share_max"
    if added and frame.limit.added_before_fen + added > frame.limit.most_fen:
        facts = {
            "most": Money(frame.limit.most_fen), "added": Money(added), "before": Money(frame.limit.added_before_fen),
            "left": Money(max(frame.limit.most_fen - frame.limit.added_before_fen, 0)),
        }  # fmt: skip
        text = N_("Supplements may add at most {most} to the price in all. Earlier ones added {before}, this one would add {added}; {left} are left.")  # fmt: skip
        return [(Message(text, facts), rule)]
    if added and _scope(before) == _scope(after) and len(before.milestones) == len(after.milestones):
        return [(Message(N_("A higher price needs more service: say in the scope, or with a further milestone, what is added.")), rule)]  # fmt: skip
    return []


def _scope(content: Content) -> tuple[str, str, str]:
    return content.content, content.scale, content.other_requirements


def _of_time(after: Content, frame: Frame) -> list[tuple[Message, str | None]]:
    if after.days <= frame.days_most:
        return []
    text = N_("The times come to {days} working days; with changes this contract has at most {most}.")
    return [(Message(text, {"days": after.days, "most": frame.days_most}), "contract.change_days_share_max")]


def _of_words(after: Content, number: Numbers) -> list[tuple[Message, str | None]]:
    rule = "contract.special_terms_max"
    found: list[tuple[Message, str | None]] = [(one, None) for text in after.special for one in special_mistakes(text)]
    if len(after.special) > (most := number(rule)):
        found.append((Message(N_("At most {most} special terms can be agreed."), {"most": most}), rule))
    return found


def check_change(before: Content, after: Content, frame: Frame, number: Numbers) -> None:
    """Raises Refusal with the first thing that forbids it; forms show all of them beforehand."""
    for message, rule in mistakes(before, after, frame, number):
        raise Refusal(
            "change.not_allowed", message.text, rule=rule,
            todo=N_("Open the change to see how the contract stands, and propose one that keeps within it."), **message.facts,
        )  # fmt: skip


def check_answer(facts: Facts, side: Side, *, now: datetime) -> None:
    """The other side accepts or refuses in its time. Raises Refusal."""
    _check_state(facts, State.PROPOSED)
    if side is facts.proposed_side:
        raise Refusal("change.own", N_("The other side has to answer this proposal."), todo=N_("Wait for the answer."))
    _check_time(facts, now=now)


def check_countersigning(facts: Facts, side: Side, *, now: datetime) -> None:
    """The proposer signs after the other side has. Raises Refusal."""
    _check_state(facts, State.TO_SIGN)
    if side is not facts.proposed_side:
        raise Refusal(
            "change.signed", N_("Your side has signed this change; the other side's signature is missing."),
            todo=N_("Wait for the signature."),
        )  # fmt: skip
    _check_time(facts, now=now)


def check_withdrawal(facts: Facts, side: Side) -> None:
    """The proposer takes it back until the other side has answered. Raises Refusal."""
    _check_state(facts, State.PROPOSED)
    if side is not facts.proposed_side:
        raise Refusal(
            "change.not_yours", N_("The side that proposed a change can withdraw it."),
            todo=N_("Accept the proposal, or refuse it with your reason."),
        )  # fmt: skip


def _check_state(facts: Facts, wanted: State) -> None:
    if facts.state is not wanted:
        raise Refusal(
            "change.elsewhere", N_("This change does not wait for that any more."),
            todo=N_("Open the change to see how it stands."),
        )  # fmt: skip


def _check_time(facts: Facts, *, now: datetime) -> None:
    if now >= facts.due_at:
        raise Refusal(
            "change.time_over", N_("The time for this change ended at {due}; your form arrived at {now}."),
            rule="contract.sign_days" if facts.sign_due_at else "contract.confirm_days",
            todo=N_("Propose the change anew."), due=facts.due_at, now=now,
        )  # fmt: skip


def is_lapsed(facts: Facts, *, now: datetime) -> bool:
    return facts.state in {State.PROPOSED, State.TO_SIGN} and now >= facts.due_at


def shares(amounts: Sequence[int]) -> tuple[int, ...]:
    """The basis points of amounts, at least one each and 10,000 in all: the largest takes what rounding leaves."""
    total = sum(amounts)
    each = [max(one * BASIS_POINTS // total, 1) for one in amounts]
    each[max(range(len(amounts)), key=amounts.__getitem__)] += BASIS_POINTS - sum(each)
    return tuple(each)


def differences(before: Content, after: Content, *, special: bool = True) -> tuple[Change, ...]:
    """What a change changes, term by term. `special`: with the special terms, which are not for everybody."""
    found = [
        Change(Message(N_("Contract price")), _amount(before), _amount(after)),
        Change(Message(N_("Time for the service")), _days(before), _days(after)),
        *milestone_changes(before, after),
        Change(Message(N_("Content of the service")), _text(before.content), _text(after.content)),
        Change(Message(N_("Scale")), _text(before.scale), _text(after.scale)),
        Change(Message(N_("Further requirements")), _text(before.other_requirements), _text(after.other_requirements)),
        *(special_changes(before, after) if special else ()),
    ]
    return tuple(one for one in found if one.before != one.after)


def _amount(content: Content) -> Message:
    return Message("{amount}", {"amount": Money(content.price_fen)})


def _days(content: Content) -> Message:
    return Message(N_("{n} working days"), {"n": content.days})


def _text(words: str) -> Message | None:
    return Message("{words}", {"words": words}) if words else None


Piece = tuple[bool, str]  # whether it stands on both sides, and its words


def compared(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts cut into pieces that stand on both sides and pieces that stand on one."""
    old: list[Piece] = []
    new: list[Piece] = []
    left = right = 0
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    for block in blocks:
        if 0 < block.size < _LEAST_MATCH:
            continue
        old += [(False, before[left : block.a])] if before[left : block.a] else []
        new += [(False, after[right : block.b])] if after[right : block.b] else []
        if block.size:
            kept = before[block.a : block.a + block.size]
            old.append((True, kept))
            new.append((True, kept))
        left, right = block.a + block.size, block.b + block.size
    return tuple(old), tuple(new)
