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


def _said(text: str, **facts: Any) -> Said:
    both = words(Message(text, facts))
    return {"zh": both.zh, "en": both.en}


def side_name(side: Side) -> Said:
    return _said(_SIDES[side])


async def contract_pdf(terms: Terms, *, issuer: str, address: str) -> bytes:
    """`terms` with their wording; `address`: where this contract can be checked."""
    return await typeset("contracts/contract.typ", paper_of(terms, issuer=issuer, address=address))


def paper_of(terms: Terms, *, issuer: str, address: str) -> dict[str, Any]:
    final_on = beijing_date(datetime.fromisoformat(terms.award.final_at))
    assert terms.preamble is not None
    return {
        "language": terms.language,
        "title": _said(N_("Service contract")),
        "number": terms.contract,
        "issuer": issuer,
        "date": [final_on.year, final_on.month, final_on.day],
        "foot": f"SHA-256 {terms.sha256[:16]}…{terms.sha256[-8:]}",
        "hash": terms.sha256,
        "project": terms.title,
        "facts": _facts(terms),
        "preamble": {"zh": terms.preamble.zh, "en": terms.preamble.en},
        "articles": [_article(one, terms) for one in terms.articles],
        "end": _said(N_("(The signatures follow; there is no further text.)")),
        "signatures": [
            {"side": side_name(Side.OWNER), "name": terms.owner.name},
            {"side": side_name(Side.AGENCY), "name": terms.agency.name},
        ],
        "qr": qr_svg(address),
        "address": address,
        "verify": _said(N_("Scan or open this address to check the contract and its signatures")),
        "hash_label": _said(N_("Fingerprint of the terms (SHA-256)")),
    }


def qr_svg(address: str) -> str:
    inline: str = segno.make(address, micro=False).svg_inline(border=0)
    return inline.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _facts(terms: Terms) -> list[dict[str, Any]]:
    amount = Money(terms.price_fen)
    return [
        {"label": side_name(Side.OWNER), "value": terms.owner.name, "note": _about(terms.owner)},
        {"label": side_name(Side.AGENCY), "value": terms.agency.name, "note": _about(terms.agency)},
        {"label": _said(N_("Contract price")), "value": f"{money(amount)}　{in_capitals(amount)}"},
        {
            "label": _said(N_("Time for the service")),
            "value": _said(N_("{n} working days"), n=terms.service_days)["zh"],
        },
        {"label": _said(N_("Project number")), "value": terms.project},
    ]


def _about(party: Party) -> str:
    code = _said(N_("Unified social credit code"))["zh"]
    person = _said(N_("Legal representative"))["zh"]
    parts = [f"{code} {party.code}", f"{person} {party.legal_representative}", party.address]
    return " · ".join(part for part in parts if part.strip())


def _article(article: Article, terms: Terms) -> dict[str, Any]:
    return {
        "no": {"zh": article.no.zh, "en": article.no.en},
        "title": {"zh": article.title.zh, "en": article.title.en},
        "paragraphs": [{"zh": one.zh, "en": one.en} for one in article.paragraphs],
        "table": _milestones(terms) if article.milestones and terms.milestones else None,
    }


def _milestones(terms: Terms) -> dict[str, Any]:
    return {
        "widths": [2, 11, 4, 6, 5],
        "right": [2, 3, 4],
        "head": [
            _said(N_("No.")), _said(N_("What is delivered")), _said(N_("Share")), _said(N_("Amount")), _said(N_("Time for the service")),
        ],
        "rows": [
            [
                str(one.no), one.title, percent(one.share), money(Money(one.price_fen)),
                _said(N_("{n} working days"), n=one.days)["zh"],
            ]
            for one in terms.milestones
        ],
    }  # fmt: skip
