"""A contract on paper: what the PDF says, made from the terms alone, so that the same terms give the same bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import segno

from market.kernel.calendar import beijing_date
from market.kernel.capitals import in_capitals
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.kernel.typesetting import typeset
from market.web.display import money, percent
from projects.contracts.clauses import words
from projects.contracts.rules import Side
from projects.contracts.terms import Article, Party, Terms

Said = dict[str, str]

_SIDES: Final = {Side.OWNER: N_("Party A (project owner)"), Side.AGENCY: N_("Party B (agency)")}
# Where the signature of each side appears on the last page, in points from its lower left corner.
SIGNATURE_BOXES: Final = {Side.OWNER: (79, 170, 278, 246), Side.AGENCY: (317, 170, 516, 246)}


def said(text: str, **facts: Any) -> Said:
    """A message in both languages, as the typesetter reads it."""
    both = words(Message(text, facts))
    return {"zh": both.zh, "en": both.en}


def side_name(side: Side) -> Said:
    return said(_SIDES[side])


async def contract_pdf(terms: Terms, *, issuer: str, address: str) -> bytes:
    """`terms` with their wording; `address`: where this contract can be checked."""
    return await typeset("contracts/contract.typ", paper_of(terms, issuer=issuer, address=address))


def paper_of(terms: Terms, *, issuer: str, address: str) -> dict[str, Any]:
    final_on = beijing_date(datetime.fromisoformat(terms.award.final_at))
    assert terms.preamble is not None
    return {
        "language": terms.language,
        "title": said(N_("Service contract")),
        "number": terms.contract,
        "issuer": issuer,
        "date": [final_on.year, final_on.month, final_on.day],
        "foot": f"SHA-256 {terms.sha256[:16]}…{terms.sha256[-8:]}",
        "project": terms.title,
        "facts": _facts(terms),
        "preamble": {"zh": terms.preamble.zh, "en": terms.preamble.en},
        "articles": [
            set_article(one, _milestones(terms) if one.milestones and terms.milestones else None)
            for one in terms.articles
        ],
        **signature_boxes(terms.owner, terms.agency),
        **proof_of(terms.sha256, address),
    }


def signature_boxes(owner: Party, agency: Party) -> dict[str, Any]:
    """The end of a document, where SIGNATURE_BOXES are."""
    return {
        "end": said(N_("(The signatures follow; there is no further text.)")),
        "signatures": [
            {"side": side_name(Side.OWNER), "name": owner.name},
            {"side": side_name(Side.AGENCY), "name": agency.name},
        ],
    }


def proof_of(sha256: str, address: str) -> dict[str, Any]:
    """What the foot of the last page needs to have the document checked at `address`."""
    return {
        "hash": sha256,
        "qr": qr_svg(address),
        "address": address,
        "verify": said(N_("Scan or open this address to check the contract and its signatures")),
        "hash_label": said(N_("Fingerprint of the terms (SHA-256)")),
    }


def qr_svg(address: str) -> str:
    inline: str = segno.make(address, micro=False).svg_inline(border=0)
    return inline.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _facts(terms: Terms) -> list[dict[str, Any]]:
    amount = Money(terms.price_fen)
    return [
        *parties(terms.owner, terms.agency),
        {"label": said(N_("Contract price")), "value": f"{money(amount)}　{in_capitals(amount)}"},
        {
            "label": said(N_("Time for the service")),
            "value": said(N_("{n} working days"), n=terms.service_days)["zh"],
        },
        {"label": said(N_("Project number")), "value": terms.project},
    ]


def parties(owner: Party, agency: Party) -> list[dict[str, Any]]:
    """Who they are, as the head of a document says it."""
    return [
        {"label": side_name(Side.OWNER), "value": owner.name, "note": _about(owner)},
        {"label": side_name(Side.AGENCY), "value": agency.name, "note": _about(agency)},
    ]


def _about(party: Party) -> str:
    code = said(N_("Unified social credit code"))["zh"]
    person = said(N_("Legal representative"))["zh"]
    parts = [f"{code} {party.code}", f"{person} {party.legal_representative}", party.address]
    return " · ".join(part for part in parts if part.strip())


def set_article(article: Article, table: dict[str, Any] | None) -> dict[str, Any]:
    """An article as the typesetter reads it, with the table that stands below it."""
    return {
        "no": {"zh": article.no.zh, "en": article.no.en},
        "title": {"zh": article.title.zh, "en": article.title.en},
        "paragraphs": [{"zh": one.zh, "en": one.en} for one in article.paragraphs],
        "table": table,
    }


def _milestones(terms: Terms) -> dict[str, Any]:
    return {
        "widths": [2, 11, 4, 6, 5],
        "right": [2, 3, 4],
        "head": [
            said(N_("No.")), said(N_("What is delivered")), said(N_("Share")), said(N_("Amount")), said(N_("Time for the service")),
        ],
        "rows": [
            [
                str(one.no), one.title, percent(one.share), money(Money(one.price_fen)),
                said(N_("{n} working days"), n=one.days)["zh"],
            ]
            for one in terms.milestones
        ],
    }  # fmt: skip
