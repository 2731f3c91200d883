"""What the methods share whose notice names the agency: nothing is compared and nothing is left to chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from projects.selection.methods.decision import Decision, Failure, Line
from projects.selection.methods.offers import EntriesInvalid, once
from projects.selection.methods.published import EvidenceInvalid, Published
from projects.selection.methods.terms import Entry, Terms, TermsInvalid


def award(method: str, terms: Terms, entries: Iterable[Entry]) -> Decision:
    """The only entry, at the fixed price."""
    if terms.price_fen is None:
        raise TermsInvalid("an agency that is named works for a fixed price")
    given = once(entries)
    lines = tuple(Line(entry.code, None, terms.price_fen) for entry in given)
    if not given:
        return Decision(method, lines, failure=Failure.TOO_FEW)
    if len(given) > 1:
        raise EntriesInvalid("the notice names one agency")
    return Decision(method, lines, winner=given[0].code, price_fen=terms.price_fen)


def only_entry(published: Published) -> Sequence[Entry]:
    return [Entry(one.code, None, one.tickets) for one in published.pool]


def stated(published: Published, *names: str) -> None:
    """The evidence has these members, none of them empty, and no others."""
    evidence = published.evidence
    if evidence is None or set(evidence) != set(names) or not all(evidence[name] for name in names):
        raise EvidenceInvalid(f"the notice states: {', '.join(names)}")
