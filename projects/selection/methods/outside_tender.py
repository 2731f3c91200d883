"""Outside tender (公开招标结果登记): a tender held elsewhere chose the agency, and its result is registered here.

Evidence: {"notice_number", "platform", "files": [SHA-256 of the published documents, …]}.
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

CODE = "outside_tender"


def sentence(terms: Terms) -> Message:
    return Message(
        N_("A tender outside this market chose the agency. The owner registers its result with the number of the notice and the documents; the market decides nothing itself.")
    )  # fmt: skip


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """The agency that the tender chose, if it is admitted and may work here."""
    return award(CODE, terms, entries)


def entries_from(published: Published) -> Sequence[Entry]:
    stated(published, "notice_number", "platform", "files")
    return only_entry(published)


METHOD = Method(
    code=CODE,
    name=N_("Result of an outside tender"),
    sentence=sentence,
    checkable=N_(
        "The notice number leads to the tender on the platform that held it; the documents filed here can be compared with those published there by their hashes."
    ),
    needs=frozenset({Need.FIXED_PRICE}),
    entry=EntryKind.NONE,
    opens=Opens.AT_CLOSE,
    decide=decide,
    figures=(),
    purposes=(),
    entries_from=entries_from,
    beacon=False,
    alone=True,
)
