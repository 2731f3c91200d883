"""Direct selection (直接选取): the owner names one agency and a reason; it takes the job by signing up, or nobody does.

Allowed only where the rulebook lets owners pick freely, or after selections that failed. Evidence: {"reason"}.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.selection.methods.decision import Decision
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.named import award, only_entry, stated
from projects.selection.methods.published import Published
from projects.selection.methods.terms import Entry, Terms

CODE = "direct"


def sentence(terms: Terms) -> Message:
    return Message(
        N_("The owner names one agency, with a reason that everybody can read. It may take the job at the fixed price or leave it; nothing is left to chance.")
    )  # fmt: skip


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """The one agency that was named and signed up; without it the selection fails."""
    return award(CODE, terms, entries)


def entries_from(published: Published) -> Sequence[Entry]:
    stated(published, "reason")
    return only_entry(published)


METHOD = Method(
    code=CODE,
    name=N_("Direct selection"),
    sentence=sentence,
    checkable=N_(
        "The agency, the reason and the limit below which owners may pick freely are public, and so is the share of direct selections of every owner."
    ),
    needs=frozenset({Need.FIXED_PRICE}),
    entry=EntryKind.SIGN_UP,
    opens=Opens.AT_CLOSE,
    decide=decide,
    figures=(),
    purposes=(),
    entries_from=entries_from,
    beacon=False,
    alone=True,
)
