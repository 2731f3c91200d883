"""What the methods share whose notice names the agency: nothing is compared and nothing is left to chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from market.kernel.errors import Message
from projects.selection.methods.decision import Decision, Failure, Line
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import EntriesInvalid, once
from projects.selection.methods.published import EvidenceInvalid, Published
from projects.selection.methods.terms import Entry, Terms, TermsInvalid


@dataclass(frozen=True)
class Named:
    """One such method. `states`: the members of its evidence, as the notice gives them."""

    code: str
    name: str
    sentence: str
    checkable: str
    entry: EntryKind
    states: tuple[str, ...]

    def method(self) -> Method:
        return Method(
            code=self.code,
            name=self.name,
            sentence=lambda terms: Message(self.sentence),
            checkable=self.checkable,
            needs=frozenset({Need.FIXED_PRICE}),
            entry=self.entry,
            opens=Opens.AT_CLOSE,
            decide=self.decide,
            figures=(),
            purposes=(),
            entries_from=self.entries_from,
            beacon=False,
            alone=True,
        )

    def decide(self, terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
        """The only entry, at the fixed price; without it the selection fails."""
        if terms.price_fen is None:
            raise TermsInvalid("an agency that is named works for a fixed price")
        given = once(entries)
        lines = tuple(Line(entry.code, None, terms.price_fen) for entry in given)
        if not given:
            return Decision(self.code, lines, failure=Failure.TOO_FEW)
        if len(given) > 1:
            raise EntriesInvalid("the notice names one agency")
        return Decision(self.code, lines, winner=given[0].code, price_fen=terms.price_fen)

    def entries_from(self, published: Published) -> Sequence[Entry]:
        """The evidence has the members that the notice states, none of them empty, and no others."""
        evidence = published.evidence
        if evidence is None or set(evidence) != set(self.states) or not all(evidence[name] for name in self.states):
            raise EvidenceInvalid(f"the notice states: {', '.join(self.states)}")
        return [Entry(one.code, None, one.tickets) for one in published.pool]
