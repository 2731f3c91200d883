"""Tips about breaches: what they may be about, who may deal with them, what is done in which order, and the code with
which an anonymous teller comes back. Pure.

Numbers of days come from the rulebook (`tip.*`); how many upheld complaints end an agency's stay from `entry.*`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.oversight.rules import Scope, in_scope


class About(StrEnum):
    PROJECT = "project"
    FIRM = "firm"
    EXPERT = "expert"
    ACT = "act"
    MARKET = "market"


class State(StrEnum):
    TOLD = "told"
    TAKEN = "taken"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """`ELSEWHERE`: not for this market to decide; the answer says whose it is."""

    FOUNDED = "founded"
    UNFOUNDED = "unfounded"
    ELSEWHERE = "elsewhere"


CODE_LENGTH: Final = 20
_GROUP: Final = 5
# Letters that people read as digits, and the other way round (the alphabet is RFC 4648's base 32).
_MISREAD: Final = str.maketrans({"0": "O", "1": "I", "8": "B"})


def follow_up_code(secret: bytes, form: str) -> str:
    """The code of the tip that comes with this form: 100 bits, in four groups of five letters. The same form, sent twice,
    has the same code, and nobody without the secret can work one out."""
    digest = hmac.new(secret, f"tip:{form}".encode(), hashlib.sha256).digest()
    letters = base64.b32encode(digest).decode()[:CODE_LENGTH]
    return "-".join(letters[start : start + _GROUP] for start in range(0, CODE_LENGTH, _GROUP))


def form_digest(form: str) -> str:
    """What is kept of a form's name: enough to know it again, and too little to work its code out, even with the secret."""
    return hashlib.sha256(f"tip form:{form}".encode()).hexdigest()


def code_digest(typed: str) -> str:
    """Of a code as somebody typed it: case, spaces, hyphens and look-alikes do not matter."""
    letters = "".join(letter for letter in typed.upper().translate(_MISREAD) if letter.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()


@dataclass(frozen=True)
class Handler:
    """Who wants to deal with a tip. `scopes`: a regulator's; the operator's is everywhere."""

    organisation_id: UUID
    kind: str
    scopes: tuple[Scope, ...] = ()


def may_handle(
    handler: Handler, *, about: About, accused: UUID | None, region: str, departments: Collection[str] = ()
) -> bool:
    """Nobody deals with what is told of itself, and the operator not with what is told of the market that it runs.
    `region`: where it happened, "" where it has no place; `departments`: of the services concerned, none where it has no
    industry."""
    if handler.organisation_id == accused:
        return False
    if handler.kind == "operator":
        return about is not About.MARKET
    return handler.kind == "regulator" and in_scope(
        handler.scopes, regions=(region,) if region else None, departments=departments or None
    )


@dataclass(frozen=True)
class Facts:
    """What happened to a tip so far; its state follows."""

    taken_at: datetime | None = None
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None


def state_of(facts: Facts) -> State:
    if facts.withdrawn_at is not None:
        return State.WITHDRAWN
    if facts.answered_at is not None:
        return State.ANSWERED
    return State.TOLD if facts.taken_at is None else State.TAKEN


def check_taking(facts: Facts) -> None:
    _expect(facts, State.TOLD)


def check_answer(facts: Facts) -> None:
    _expect(facts, State.TAKEN)


def check_open(facts: Facts) -> None:
    """For adding something and for taking a tip back."""
    _expect(facts, State.TOLD, State.TAKEN)


def _expect(facts: Facts, *allowed: State) -> None:
    if (state := state_of(facts)) in allowed:
        return
    texts = {
        State.TOLD: N_("Nobody has taken this tip up yet."),
        State.TAKEN: N_("This tip has been taken up already."),
        State.ANSWERED: N_("This tip has been answered."),
        State.WITHDRAWN: N_("This tip was taken back."),
    }
    todos = {
        State.TOLD: N_("Take it up first."),
        State.TAKEN: N_("Open it again to see who deals with it."),
        State.ANSWERED: N_("Tell what is new as a further tip and name the number of this one."),
        State.WITHDRAWN: N_("Tell what is new as a further tip and name the number of this one."),
    }
    raise Refusal("tip.moved_on", texts[state], todo=todos[state])


def check_flood(anonymous_within_an_hour: int, most: int) -> None:
    """So that nobody buries what is true under a thousand inventions."""
    if anonymous_within_an_hour >= most:
        raise Refusal("tip.flood", N_("Very many anonymous tips have come within the last hour."), rule="tip.anonymous_hourly",
                      todo=N_("Try again in an hour, sign in, or call the operator."))  # fmt: skip


def must_leave(founded_at: Iterable[datetime], *, since: datetime, most: int) -> bool:
    """Whether as many complaints about an agency were upheld since then as end its stay in the market
    (`entry.complaints_to_exit` within `entry.complaints_window`). A case has to be opened then; nobody is removed without."""
    return sum(1 for moment in founded_at if moment > since) >= most


def tip_number(year: int, count: int) -> str:
    """The number of a tip: JB-2026-000012."""
    return f"JB-{year}-{count:06d}"
