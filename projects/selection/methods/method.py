"""The one interface of all selection methods. A method is a value, made in its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.kernel.errors import Message
from projects.selection.methods.decision import Decision
from projects.selection.methods.published import Published, entries_of_pool
from projects.selection.methods.terms import Entry, Quote, Terms, TermsInvalid


class Need(StrEnum):
    """What the notice must state."""

    FIXED_PRICE = "fixed_price"
    CEILING = "ceiling"
    FLOOR = "floor"
    CRITERIA = "criteria"


class EntryKind(StrEnum):
    """What an agency hands in."""

    SIGN_UP = "sign_up"
    SEALED_BID = "sealed_bid"
    NONE = "none"


class Opens(StrEnum):
    """When entries can be read: sign-ups as soon as the list is frozen, sealed bids with the beacon round, all at
    once."""

    AT_CLOSE = "at_close"
    AT_ROUND = "at_round"


Decide = Callable[[Terms, Iterable[Entry], bytes], Decision]
EntriesFrom = Callable[[Published], Sequence[Entry]]


@dataclass(frozen=True)
class Method:
    """One way of selecting.

    `sentence` says in plain words how it decides under given terms, `checkable` what a bidder can check afterwards.
    `decide(terms, entries, randomness)` is pure: the same published inputs give the same decision, in whatever order
    entries came. `figures` are the steps of its reckoning, `purposes` the lots it may draw: with terms, entries and
    the round they are what its dossier holds.

    `entries_from` makes the entries of what is published, pure too; it judges the method's own evidence and raises
    EvidenceInvalid. `beacon`: a round opens the bids or decides a lot; without one, commitment and beacon are absent
    from the dossier, and terms have the chain "" and the round 0. `live`: agencies still bid after the pool is frozen,
    until the deadline from which the round is reckoned. `alone`: the notice itself names the one agency, so that one entry
    is enough whatever the funds.
    """

    code: str
    name: str
    sentence: Callable[[Terms], Message]
    checkable: str
    needs: frozenset[Need]
    entry: EntryKind
    opens: Opens
    decide: Decide
    figures: tuple[str, ...]
    purposes: tuple[str, ...]
    entries_from: EntriesFrom = entries_of_pool
    beacon: bool = True
    live: bool = False
    alone: bool = False

    def missing(self, terms: Terms) -> frozenset[Need]:
        """What the notice still has to state."""
        return frozenset(need for need in self.needs if not _stated(need, terms))

    def run(self, terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
        """Decide, once the notice is found complete. Raises TermsInvalid, EntriesInvalid, DrawInvalid."""
        if missing := self.missing(terms):
            raise TermsInvalid(f"the notice does not state: {', '.join(sorted(missing))}")
        return self.decide(terms, entries, randomness)


def _stated(need: Need, terms: Terms) -> bool:
    if need is Need.FIXED_PRICE:
        return terms.price_fen is not None
    if need is Need.CRITERIA:
        return terms.merit is not None
    if terms.limits is None:
        return False
    # A discount has a largest value as a price has a floor; both keep bids from being given away.
    return need is Need.CEILING or terms.limits.floor_fen > 0 or terms.quote is Quote.DISCOUNT
