"""How an agency takes part under a method, in words: it signs up, bids, or answers the owner that named it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from market.kernel.i18n import N_
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind


@dataclass(frozen=True)
class WayIn:
    """Message ids for everything that pages say about taking part. `stage`: the project while it waits for agencies;
    `closes`, `closed`: the end of that time; `act`: the button; `done`: what stands once it is used; `recorded`, `taken_back`,
    `given_up`: titles of receipts."""

    stage: str
    name: str
    own: str
    closes: str
    closed: str
    count: str
    act: str
    done: str
    may: str
    may_not: str
    recorded: str
    take_back: str
    taken_back: str
    withdraw: str
    since: str
    again: str


SIGNING_UP: Final = WayIn(
    stage=N_("Open for sign-up"),
    name=N_("Sign-up"),
    own=N_("Your sign-up"),
    closes=N_("Sign-up closes"),
    closed=N_("Sign-up closed"),
    count=N_("Signed up so far"),
    act=N_("Sign up"),
    done=N_("Your organisation has signed up"),
    may=N_("Your organisation may sign up. It needs a colleague who is a handler."),
    may_not=N_("Your organisation cannot sign up for this project now"),
    recorded=N_("Your sign-up is recorded"),
    take_back=N_("Take your sign-up back?"),
    taken_back=N_("Your sign-up is taken back"),
    withdraw=N_("Withdraw the sign-up"),
    since=N_("Signed up at"),
    again=N_("While sign-up is open you can sign up again."),
)
BIDDING: Final = WayIn(
    stage=N_("Open for bids"),
    name=N_("Sealed bids"),
    own=N_("Your bid"),
    closes=N_("Bids close"),
    closed=N_("Bids closed"),
    count=N_("Bids received"),
    act=N_("Hand in a sealed bid"),
    done=N_("Your organisation has handed in a bid"),
    may=N_("Your organisation may bid. It needs a colleague who is a handler."),
    may_not=N_("Your organisation cannot bid for this project now"),
    recorded=N_("Your bid is recorded"),
    take_back=N_("Take your bid back?"),
    taken_back=N_("Your bid is taken back"),
    withdraw=N_("Withdraw the bid"),
    since=N_("Taking part since"),
    again=N_("While bids are taken you can hand in another one."),
)
LIVE: Final = replace(
    SIGNING_UP,
    stage=N_("Open for sign-up, then live bidding"),
    name=N_("Sign-up for the live bidding"),
    done=N_("Your organisation has signed up for the live bidding"),
)
ANSWERING: Final = WayIn(
    stage=N_("Waiting for the named agency"),
    name=N_("Answer of the agency"),
    own=N_("Your answer"),
    closes=N_("Answer until"),
    closed=N_("The time to answer ended"),
    count=N_("Answers"),
    act=N_("Take the job"),
    done=N_("Your organisation has taken the job"),
    may=N_("Your organisation was named and may take the job. It needs a colleague who is a handler."),
    may_not=N_("Your organisation cannot take this job now"),
    recorded=N_("Your answer is recorded: you take the job"),
    take_back=N_("Take your answer back?"),
    taken_back=N_("Your answer is taken back"),
    withdraw=N_("Withdraw the answer"),
    since=N_("Answered at"),
    again=N_("Until the time is over you can still take the job."),
)
REGISTERING: Final = replace(ANSWERING, stage=N_("Being registered"), name=N_("Registration"))


def _way(code: str) -> WayIn:
    method = METHODS[code]
    if method.entry is EntryKind.NONE:
        return REGISTERING
    if method.alone:
        return ANSWERING
    if method.live:
        return LIVE
    return BIDDING if method.entry is EntryKind.SEALED_BID else SIGNING_UP


WAYS_IN: Final[Mapping[str, WayIn]] = MappingProxyType({code: _way(code) for code in METHODS})
