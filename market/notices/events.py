"""Everything that people are told of: who in an organisation should hear of it, by which ways unless they choose others,
and which facts of it may leave the market.

A message's cause begins with its event (`contract.opened:QD-…`); an entry here covers that event and what is refined from
it by a dot. What no entry covers stays in the inbox, and outside it is announced without a word of its content.
The words of a message are its message id and that id's translation: inbox, e-mail and text message all say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from market.kernel.i18n import N_


class Urgency(StrEnum):
    """LEGAL: a right or a duty changes with it; DEADLINE: somebody is on turn until a day; NEWS: good to know."""

    LEGAL = "legal"
    DEADLINE = "deadline"
    NEWS = "news"


KINDS: Final = {
    "reminder": N_("Reminders of deadlines"),
    "selection": N_("Notices and selection"),
    "contract": N_("Contracts"),
    "fulfilment": N_("Fulfilment"),
    "payment": N_("Payments and bonds"),
    "dispute": N_("Objections, complaints, disputes"),
    "credit": N_("Ratings and credit"),
    "case": N_("Cases and tips"),
    "entry": N_("Entry and certificates"),
    "technical": N_("Technical"),
}
EVERYONE: Final = frozenset({"admin", "handler", "signatory"})
ACTING: Final = frozenset({"handler", "signatory"})
SIGNING: Final = frozenset({"signatory"})
MANAGING: Final = frozenset({"admin"})
EMAIL, SMS = "email", "sms"


@dataclass(frozen=True)
class Event:
    """`id`: what a person's choices are kept under; `covers`: first words of causes; `audience`: roles that hear of it;
    `channels`: the market's proposal beside the inbox; `facts`: names of the facts that may leave the market."""

    id: str
    kind: str
    name: str
    urgency: Urgency
    covers: tuple[str, ...]
    facts: frozenset[str]
    audience: frozenset[str] = EVERYONE
    channels: frozenset[str] = frozenset({EMAIL})

    @property
    def must_stand_in_the_inbox(self) -> bool:
        return self.urgency is not Urgency.NEWS


def _event(
    kind: str, name: str, urgency: Urgency, covers: str, facts: str = "", *, audience: frozenset[str] = EVERYONE,
    sms: bool = False, email: bool = True,
) -> Event:  # fmt: skip
    words = tuple(covers.split())
    channels = frozenset(one for one, wanted in ((EMAIL, email), (SMS, sms)) if wanted)
    return Event(words[0], kind, name, urgency, words, frozenset(facts.split()), audience, channels)


_L, _D, _N = Urgency.LEGAL, Urgency.DEADLINE, Urgency.NEWS

EVENTS: Final = (
    _event("reminder", N_("A deadline of your organisation comes near"), _D, "reminder", "project title milestone number agency owner firm name authority", sms=True),
    _event("selection", N_("You are invited to a project, or named for it"), _D, "invited picked", "owner title number", audience=ACTING),
    _event("selection", N_("A notice you signed up for was amended"), _L, "amended", "number title", audience=ACTING),
    _event("selection", N_("A notice you signed up for was withdrawn"), _L, "withdrawn", "number title", audience=ACTING),
    _event("selection", N_("Your organisation was left out of a pool"), _L, "pool.frozen bids.opened", "project", audience=ACTING),
    _event("selection", N_("Live bidding begins"), _D, "pool.sealed", "project starts_at", audience=ACTING, sms=True),
    _event("selection", N_("The result of a selection"), _L, "draw.made selection.decided result.annulled", "project winner price"),
    _event("selection", N_("A further selection, or one that failed"), _L, "draw.committed project.failed", "project"),
    _event("selection", N_("A saved search found something"), _N, "search", "name count titles"),
    _event("selection", N_("You were drawn as an expert"), _D, "panel.invited", "number", sms=True),
    _event("dispute", N_("Objections to results"), _L, "objection", "project due"),
    _event("dispute", N_("Complaints about results"), _L, "complaint", "project due"),
    _event("dispute", N_("Disputes on milestones"), _L, "dispute", "milestone project due refund release back days most"),
    _event("dispute", N_("Verdicts of courts and authorities"), _L, "verdict", "authority project"),
    _event("contract", N_("A contract waits for signature"), _D, "contract.opened contract.paper_sent", "project side", audience=ACTING, sms=True),
    _event("contract", N_("Draft terms of a contract"), _D, "contract.draft_proposed contract.draft_answered", "owner agency project", audience=ACTING),
    _event("contract", N_("A contract is in force, refused or lapsed"), _L, "contract", "project"),
    _event("contract", N_("Changes of a contract"), _D, "change", "side project", audience=ACTING),
    _event("contract", N_("The end of a contract before its time"), _L, "termination rescission settlement", "side project"),
    _event("fulfilment", N_("A delivery waits for your answer"), _D, "delivery.made delivery.reminded", "agency project no", audience=ACTING),
    _event("fulfilment", N_("Your delivery was accepted or returned"), _L, "delivery.accepted delivery.returned", "project no"),
    _event("fulfilment", N_("A delivery is due or late"), _D, "delivery.due delivery.overdue", "project agency", sms=True),
    _event("fulfilment", N_("Stops and extensions of the time"), _L, "clock", "side project"),
    _event("payment", N_("Your account for payments"), _L, "payment.account payment.account_refused payment.account_frozen payment.account_works"),
    _event("payment", N_("A payment is due or late"), _D, "payment.reminder payment.overdue", "amount title day rate days interest", sms=True),
    _event("payment", N_("Money was paid, released or returned"), _L, "payment", "amount title"),
    _event("payment", N_("Invoices"), _D, "invoice", "title"),
    _event("payment", N_("Bonds"), _L, "bond", "title amount"),
    _event("credit", N_("Points, pauses and your credit score"), _L, "credit warning pause", "project points score limit pause until"),
    _event("credit", N_("Lists of the market"), _L, "red red-lost list-removed list-over", "day limit"),
    _event("credit", N_("Lists of other authorities"), _L, "imported", "source firm project"),
    _event("credit", N_("A partner waits for your rating"), _D, "rating-open", "project", audience=ACTING),
    _event("credit", N_("Ratings of your organisation"), _L, "rating-low rating-shown rating-reply rating-struck rating-restored", "organisation project decision"),
    _event("credit", N_("Honours"), _L, "honour honour-withdrawn", "title"),
    _event("case", N_("Cases about your organisation, or before you"), _L, "case", "number firm authority due at project until"),
    _event("case", N_("Questions of a regulator"), _D, "flag", "authority"),
    _event("case", N_("A matter was assigned to you"), _D, "assigned", "number", audience=ACTING),
    _event("case", N_("Tips"), _N, "tip", "number count name months"),
    _event("entry", N_("Your application for entry, and your changes"), _L, "agency", "ends_at due returned"),
    _event("entry", N_("A certificate expires"), _D, "agency.expiring", "number until", sms=True),
    _event("entry", N_("Your application as an expert"), _L, "expert"),
    _event("technical", N_("A webhook of yours fails or was turned off"), _D, "webhook", "host since until", audience=MANAGING),
)  # fmt: skip
BY_ID: Final[Mapping[str, Event]] = {one.id: one for one in EVENTS}
_BY_WORD: Final = {word: one for one in EVENTS for word in one.covers}
ANNOUNCEMENT: Final = N_("There is a message for your organisation. Sign in to read it.")
WITHHELD: Final = "…"


def event_of(word: str) -> Event | None:
    """The entry that covers a cause's first word: the nearest by dots, or None."""
    while word not in _BY_WORD:
        shorter, dot, _ = word.rpartition(".")
        if not dot:
            numbered, dash, number = word.rpartition("-")
            return _BY_WORD.get(numbered) if dash and number.isdigit() else None
        word = shorter
    return _BY_WORD[word]


def outside(event: Event | None, text: str, facts: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """What of a message may leave the market: its message id with the facts on the event's list, the others withheld.
    What no event covers is announced without its content."""
    if event is None:
        return ANNOUNCEMENT, {}
    return text, {name: str(value) if name in event.facts else WITHHELD for name, value in facts.items()}


def events_of_kind(kind: str) -> tuple[Event, ...]:
    return tuple(one for one in EVENTS if one.kind == kind)
