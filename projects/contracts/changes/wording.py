"""The wording of a change, in both languages, and its PDF: written down once, signed with the rest, and only set later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from market.kernel.calendar import beijing_date
from market.kernel.capitals import in_capitals
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.kernel.typesetting import typeset
from market.web.display import money
from projects.contracts.changes.rules import differences
from projects.contracts.changes.terms import ChangeTerms
from projects.contracts.clauses import article, words
from projects.contracts.documents.paper import Said, proof_of, said, set_article, signature_boxes
from projects.contracts.documents.paper import parties as party_facts

_PREAMBLE: Final = N_("Both sides of contract {number} change it by this supplement No. {no}, under Article 543 of the Civil Code and the contract's own terms on changes:")  # fmt: skip


def composed(terms: ChangeTerms) -> ChangeTerms:
    """The same change with its wording."""
    preamble = words(Message(_PREAMBLE, {"number": terms.contract, "no": terms.no}))
    articles = [
        article(no, title, paragraphs, milestones=title == _CHANGES)
        for no, (title, paragraphs) in enumerate(_drafts(terms), 1)
    ]
    return replace(terms, preamble=preamble, articles=tuple(articles))


_CHANGES: Final = N_("What is changed")


def _drafts(terms: ChangeTerms) -> Iterator[tuple[str, list[Message]]]:
    yield N_("Reason for the change"), [Message("{words}", {"words": terms.reason})]
    yield _CHANGES, [Message(N_("The terms in the table below change; what stands there as the present wording takes the place of the former."))]  # fmt: skip
    yield N_("Contract price"), _price(terms)
    yield N_("Time for the service"), [
        Message(N_("The time for the whole service comes to {n} working days."), {"n": terms.after.days}),
        Message(N_("A milestone whose time is running gets the further working days from the end of its limit; what was accepted or paid stays as it is.")),
    ]  # fmt: skip
    yield N_("What stays"), [
        Message(N_("All else stays as the contract and its earlier supplements say. This supplement is part of contract {number}."), {"number": terms.contract}),
    ]  # fmt: skip
    yield N_("Coming into force"), [
        Message(N_("The supplement comes into force when both sides have signed it on the market; the market's register keeps it with all earlier versions.")),
        Message(N_("Its electronic form is the original; where languages differ, the Chinese text decides.")),
    ]  # fmt: skip


def _price(terms: ChangeTerms) -> list[Message]:
    before, after = Money(terms.before.price_fen), Money(terms.after.price_fen)
    facts = {"before": before, "after": after, "capitals": in_capitals(after)}
    if before == after:
        return [Message(N_("The contract price remains {after} ({capitals})."), facts)]
    changed = Message(N_("The contract price was {before}; by this supplement it is {after} ({capitals}), taxes included."), facts)  # fmt: skip
    if not terms.added_fen:
        return [changed]
    in_all = {
        "added": Money(terms.limit.added_before_fen + terms.added_fen), "most": Money(terms.limit.most_fen),
        "signed": Money(terms.signed_price_fen),
    }  # fmt: skip
    return [changed, Message(N_("All supplements together add {added} to the signed price of {signed}; at most {most} may be added, for services of the same kind."), in_all)]  # fmt: skip


async def change_pdf(terms: ChangeTerms, *, issuer: str, address: str) -> bytes:
    """The same terms give the same bytes. `address`: where this supplement can be checked."""
    return await typeset("contracts/contract.typ", _paper_of(terms, issuer=issuer, address=address))


def _paper_of(terms: ChangeTerms, *, issuer: str, address: str) -> dict[str, Any]:
    on = beijing_date(datetime.fromisoformat(terms.proposed_at))
    assert terms.preamble is not None
    return {
        "language": terms.language,
        "title": said(N_("Supplement No. {no}"), no=terms.no),
        "number": terms.number,
        "issuer": issuer,
        "date": [on.year, on.month, on.day],
        "foot": f"SHA-256 {terms.sha256[:16]}…{terms.sha256[-8:]}",
        "project": terms.title,
        "facts": _facts(terms),
        "preamble": {"zh": terms.preamble.zh, "en": terms.preamble.en},
        "articles": [set_article(one, _table(terms) if one.milestones else None) for one in terms.articles],
        **signature_boxes(terms.owner, terms.agency),
        **proof_of(terms.sha256, address),
    }


def _facts(terms: ChangeTerms) -> list[dict[str, Any]]:
    amount = Money(terms.after.price_fen)
    return [
        *party_facts(terms.owner, terms.agency),
        {"label": said(N_("Contract number")), "value": terms.contract},
        {"label": said(N_("Contract price")), "value": f"{money(amount)}　{in_capitals(amount)}"},
        {"label": said(N_("Project number")), "value": terms.project},
    ]


def _table(terms: ChangeTerms) -> dict[str, Any]:
    rows = [
        [_said(one.what)["zh"], _cell(one.before), _cell(one.after)] for one in differences(terms.before, terms.after)
    ]
    head = [said(N_("Clause")), said(N_("Former wording")), said(N_("Present wording"))]
    return {"widths": [4, 12, 12], "right": [], "head": head, "rows": rows}


def _said(message: Message) -> Said:
    both = words(message)
    return {"zh": both.zh, "en": both.en}


def _cell(message: Message | None) -> str:
    return _said(message)["zh"] if message else "—"
