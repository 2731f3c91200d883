"""The bidding form: a file sealed in the browser, or an amount that the server seals the moment it arrives."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from litestar.datastructures import UploadFile

from market.beacon.rules import Chain
from market.beacon.timelock import seal
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.web.forms import Fields, percent_of
from projects.experts.proposals import OVERHEAD, Proposal, ProposalInvalid, ProposalSeal, check_form, encrypt_proposal
from projects.queries import ProjectView
from projects.selection.bids.text import Belonging, write
from projects.selection.methods.terms import Quote
from projects.selection.sign_ups.actions import SealedBid

AMOUNT: Final = N_("Your amount")
PROPOSAL: Final = N_("Proposal")


@dataclass(frozen=True)
class Limits:
    """Between which a quote lies: fen, or basis points of discount."""

    quote: Quote
    low: int
    high: int


def limits_of(project: ProjectView) -> Limits:
    if project.quote == Quote.DISCOUNT:
        assert project.smallest_discount is not None
        assert project.largest_discount is not None
        return Limits(Quote.DISCOUNT, project.smallest_discount, project.largest_discount)
    assert project.ceiling_fen is not None
    return Limits(Quote.PRICE, max(project.floor_fen or 0, 1), project.ceiling_fen)


def fresh_nonce() -> str:
    return secrets.token_hex(16)


def read_file(fields: Fields) -> SealedBid | None:
    """A bid that was sealed before it was sent; None after noting what is wrong. Browsers send line ends of their own,
    a sealed file has one spelling."""
    nonce, given = fields.raw("nonce"), fields.raw("ciphertext")
    if not _nonce_holds(fields, nonce):
        return None
    return SealedBid(nonce, given.replace("\r\n", "\n") + "\n", "browser")


def seal_amount(
    fields: Fields, project: ProjectView, agency_code: str, chain: Chain, number: int,
    proposal: ProposalSeal | None = None,
) -> SealedBid | None:  # fmt: skip
    """Seals the amount of a form before anything is kept of it; None after noting what is wrong. Nothing is known of the
    amount afterwards. `proposal`: what opens the proposal, where experts score."""
    nonce, limits = fields.raw("nonce"), limits_of(project)
    quoted = read_amount(fields, limits)
    if quoted is None or not _nonce_holds(fields, nonce):
        return None
    belonging = Belonging(project.number, agency_code, number, chain.hash, nonce, limits.quote)
    return SealedBid(nonce, seal(chain, number, write(belonging, quoted, proposal)), "server")


def _nonce_holds(fields: Fields, nonce: str) -> bool:
    if len(nonce) == 32 and set(nonce) <= set("0123456789abcdef"):
        return True
    fields.wrong("amount", N_("This form is not complete any more. Open the bidding page again."))
    return False


def read_amount(fields: Fields, limits: Limits) -> int | None:
    """Fen or basis points; None after noting what is wrong. The messages do not repeat what was typed."""
    text = fields.raw("amount")
    if not text:
        fields.wrong("amount", N_("Please type your amount."))
        return None
    quoted = percent_of(text) if limits.quote is Quote.DISCOUNT else _fen(text)
    if quoted is None:
        fields.wrong("amount", N_("This is not an amount such as 12300 or 12,300.50.") if limits.quote is Quote.PRICE
                     else N_("This is not a percentage such as 12.5 with at most two decimals."))  # fmt: skip
        return None
    if not limits.low <= quoted <= limits.high:
        fields.wrong("amount", N_("The amount lies outside the limits of the notice."))
        return None
    return quoted


def _fen(text: str) -> int | None:
    try:
        return Money.parse(text).fen
    except ValueError:
        return None


def read_replaces(fields: Fields) -> UUID | None:
    """The bid that the agency saw standing when it opened the form."""
    return fields.identifier("replaces", AMOUNT, required=False)


async def encrypt_upload(fields: Fields, *, limit: int) -> tuple[bytes, ProposalSeal] | None:
    """A proposal that arrived readable is encrypted before anything is kept of it; None after noting what is wrong."""
    upload = await fields.upload("proposal", PROPOSAL, limit=limit)
    return encrypt_proposal(Proposal(upload.name, upload.content)) if upload else None


async def read_encrypted(fields: Fields, *, limit: int) -> bytes | None:
    """A proposal that was encrypted before it was sent, if one was sent; None also after noting what is wrong."""
    part = fields.form.get("encrypted")
    if not isinstance(part, UploadFile) or not part.filename:
        return None
    content = await part.read(limit + OVERHEAD + 1)
    if len(content) > limit + OVERHEAD:
        fields.wrong("proposal", N_("The proposal is larger than {limit} MB."), limit=limit // (1024 * 1024))
        return None
    try:
        check_form(content)
    except ProposalInvalid:
        fields.wrong("proposal", N_("The proposal did not arrive encrypted, so that others could have read it."))
        return None
    return content
