"""What programs send, act by act. Members are named like the fields of the pages' forms."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from market.api.sending import Amount, Body, Moment, Number, SentFile
from market.api.words import enumerated
from market.kernel.i18n import N_
from market.payments.rules import Means
from projects.disputes.rules import Division
from projects.disputes.rules import Kind as Disputed
from projects.fulfilment.clock.rules import Kind
from projects.fulfilment.rescission.rules import Ground
from projects.fulfilment.termination.queries import CAUSES
from projects.payments.invoices.rules import KINDS as INVOICES
from projects.posting.answers import LABELS
from projects.posting.forms import LISTS, SINGLE
from projects.selection.methods import METHODS
from ratings.honours.rules import Level

Date = Annotated[str, Meta(description=N_("Day in Beijing."), examples=["2026-06-22"])]
Sha256 = Annotated[
    str, Meta(description=N_("SHA-256 in hexadecimal."), examples=["9f86d081884c7d659a2feaa0c55ad015" * 2])
]


def _notice_members() -> list[tuple[str, Any, Any]]:
    """Every answer of the notice's form, from the form's own list of them."""
    kinds: dict[str, Any] = {
        "method": enumerated(METHODS), "service_mode": enumerated(("all", "any")), "requirement_mode": enumerated(("all", "any")),
        "funding": enumerated(("none", "all", "part")), "estimate": enumerated(("yes", "no")),
        "quote": enumerated(("price", "discount")), "access": enumerated(("open", "invited")),
        "not_excluded": bool, "service_days": Number, "fiscal_percent": Number, "practitioners_needed": Number,
        "budget": Amount, "price": Amount, "ceiling": Amount, "floor": Amount, "sign_up_closes_at": Moment,
        "bidding_starts_at": Moment,
    }  # fmt: skip
    single = sorted(SINGLE - {"agency_search"})
    members: list[tuple[str, Any, Any]] = [
        (name, Annotated[kinds.get(name, str), Meta(description=LABELS.get(name, name))] | None, None)
        for name in single
    ]
    members += [(name, list[str], msgspec.field(default_factory=list)) for name in LISTS]
    needs = Annotated[dict[str, str], Meta(description=N_("Qualification and speciality, such as surveying-mapping:engineering, to = and the least level, such as =b, or no."))]  # fmt: skip
    return [*members, ("needs", needs, msgspec.field(default_factory=dict))]


NoticeAnswers: Any = msgspec.defstruct(
    "NoticeAnswers", _notice_members(), bases=(Body,), module=__name__, forbid_unknown_fields=True, omit_defaults=True
)


class Publication(Body):
    seen: Annotated[
        str, Meta(description=N_("`fingerprint` of the draft as you read it: exactly that is published."))
    ] = ""


class Reason(Body):
    reason: str = ""


class Document(Body):
    document: SentFile | None = None
    label: str = ""


class ImportedList(Body):
    list: Annotated[
        str, Meta(description=N_("Key of one of the five lists, as the public reading of them gives it."))
    ] = ""
    source: Annotated[str, Meta(description=N_("Where it was read, always in the same words."))] = ""
    queried_at: Moment = ""
    file: SentFile | None = None


class Discard(Body):
    pass


AmendedAnswers: Any = msgspec.defstruct(
    "AmendedAnswers", [*_notice_members(), ("reason", str, "")], bases=(Body,), module=__name__,
    forbid_unknown_fields=True, omit_defaults=True,
)  # fmt: skip


class SignUp(Body):
    authorised_person: Annotated[str, Meta(description=N_("Id of one of your own accepted authorised persons."))] = ""
    practitioners: list[str] = msgspec.field(default_factory=list)
    agreed: Annotated[bool, Meta(description=N_("You have read the notice and want to take part."))] = False


class SealedBid(Body):
    authorised_person: str = ""
    practitioners: list[str] = msgspec.field(default_factory=list)
    agreed: bool = False
    nonce: Annotated[str, Meta(description=N_("32 hexadecimal digits of your own; the same ones make the same bid."),
                               examples=["0123456789abcdef0123456789abcdef"])] = ""  # fmt: skip
    ciphertext: Annotated[str | None, Meta(description=N_("The bid as an age file, sealed to the beacon round of the notice: nobody can read it before."))] = None  # fmt: skip
    encrypted: Annotated[SentFile | None, Meta(description=N_("The encrypted proposal, where experts score."))] = None
    amount: Annotated[str | None, Meta(description=N_("Instead of `ciphertext`: yuan or percent, sealed by the server the moment it arrives."))] = None  # fmt: skip
    proposal: Annotated[
        SentFile | None, Meta(description=N_("With `amount`: the readable proposal, where experts score."))
    ] = None
    replaces: Annotated[
        str | None, Meta(description=N_("Id of your standing bid, where this one takes its place."))
    ] = None


class Row(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    share: Annotated[Number, Meta(description=N_("Percent of the price."))]
    days: Number


class Terms(Body):
    milestones: list[Row] = msgspec.field(default_factory=list)
    language: str = ""
    special: Annotated[str, Meta(description=N_("Special terms, one a line."))] = ""


class TermsAnswer(Body):
    no: Number = ""
    answer: enumerated(("agree", "decline")) | None = None  # type: ignore[valid-type]
    reason: str = ""


class Delivery(Body):
    statement: str = ""
    practitioner: str | None = None
    files: list[SentFile] = msgspec.field(default_factory=list)


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    where: str
    what: str


class AcceptanceAnswer(Body):
    decision: enumerated(("accept", "return")) | None = None  # type: ignore[valid-type]
    reasons: Annotated[list[Fault], Meta(description=N_("With return: what has to be put right, and where."))] = (
        msgspec.field(default_factory=list)
    )


class TimeRequest(Body):
    kind: enumerated(Kind) | None = None  # type: ignore[valid-type]
    cause: Annotated[
        str | None, Meta(description=N_("With a stop: one of the rulebook's fulfilment.suspension_kinds."))
    ] = None
    days: Number | None = None
    reason: str = ""


class EndRequest(Body):
    cause: enumerated(CAUSES) | None = None  # type: ignore[valid-type]
    reason: str = ""
    settlement: Amount | None = None


class PaymentStart(Body):
    means: enumerated(Means) | None = None  # type: ignore[valid-type]


class Transfer(Body):
    amount: Amount | None = None
    paid_on: Date = ""
    bank_reference: str = ""
    proof: SentFile | None = None


class TransferAnswer(Body):
    answer: enumerated(("confirmed", "denied")) | None = None  # type: ignore[valid-type]
    reason: str = ""


class Rating(Body):
    marks: Annotated[dict[str, int], Meta(description=N_("Dimension of the rulebook (rating.dimensions, rating.owner_dimensions) to stars."), examples=[{"quality": 5}])] = msgspec.field(default_factory=dict)  # fmt: skip
    reasons: str = ""


class Reply(Body):
    reply: str = ""


class Grounds(Body):
    grounds: str = ""


class Statement(Body):
    statement: str = ""


class Complaint(Body):
    grounds: str = ""
    request: str = ""
    files: list[SentFile] = msgspec.field(default_factory=list)


class Correction(Body):
    correction: str = ""
    files: list[SentFile] = msgspec.field(default_factory=list)


class Table(Body):
    file: Annotated[
        SentFile | None, Meta(description=N_("xlsx or CSV with the headings of the template at /bulk/template/."))
    ] = None


class TableOfNotices(Body):
    what: enumerated(("drafts", "publish")) | None = None  # type: ignore[valid-type]


class Pick(Body):
    agency: Annotated[
        str, Meta(description=N_("Code of one of those who signed up, or other: then name the agency in the draft."))
    ] = ""
    reason: str = ""


class ChangedRow(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    amount: Amount
    days: Annotated[Number, Meta(description=N_("Working days."))]


class Change(Body):
    milestones: list[ChangedRow] = msgspec.field(default_factory=list)
    content: str = ""
    scale: str = ""
    other_requirements: str = ""
    special: Annotated[str, Meta(description=N_("Special terms, one a line."))] = ""
    reason: str = ""


class Filing(Body):
    authority: str = ""
    reference: str = ""
    filed_on: Date = ""


class WarningOfEnd(Body):
    warned: enumerated([one for one in Ground if one.warns]) | None = None  # type: ignore[valid-type]
    warning: Annotated[str, Meta(description=N_("Reason."))] = ""


class EndNotice(Body):
    ground: enumerated(Ground) | None = None  # type: ignore[valid-type]
    notice_reason: str = ""
    notice_settlement: Annotated[
        Amount | None, Meta(description=N_("What is paid for work in hand, in yuan; 0 where nothing is."))
    ] = None


class EndNoticeAnswer(Body):
    notice_answer: enumerated(("object", "accept")) | None = None  # type: ignore[valid-type]
    objection: Annotated[str, Meta(description=N_("With object: why."))] = ""


class SettlementSeen(Body):
    sha256: Annotated[str, Meta(description=N_("Fingerprint of the settlement as you read it."))] = ""


class BondAsked(Body):
    amount: Amount | None = None


class BondDeclined(Body):
    decline_reason: str = ""


class BondWaived(Body):
    waive_reason: str = ""


class BondReturned(Body):
    returned: Amount | None = None


class BondClaim(Body):
    claim_amount: Amount | None = None
    claim_reason: str = ""


YesOrNo: Any = enumerated(("yes", "no"))


class BondClaimAnswer(Body):
    claim_answer: YesOrNo | None = None
    claim_refusal: Annotated[str, Meta(description=N_("With no: why."))] = ""


class Guarantee(Body):
    number: str = ""
    bank: str = ""
    guaranteed: Amount | None = None
    valid_until: Date = ""
    letter: SentFile | None = None


class GuaranteeAnswer(Body):
    guarantee_answer: YesOrNo | None = None
    guarantee_refusal: Annotated[str, Meta(description=N_("With no: why."))] = ""


class SentInvoice(Body):
    kind: enumerated(INVOICES) | None = None  # type: ignore[valid-type]
    number: str = ""
    code: Annotated[str, Meta(description=N_("Only beside a number of 8 digits."))] = ""
    issued_on: Date = ""
    amount: Amount | None = None
    net: Amount | None = None
    tax: Amount | None = None
    tax_rate: Annotated[Number | None, Meta(description=N_("In percent."))] = None
    buyer_name: str = ""
    buyer_code: str = ""
    file: SentFile | None = None


class InvoiceAnswer(Body):
    answer: enumerated(("confirmed", "returned")) | None = None  # type: ignore[valid-type]
    reason: str = ""


class RefundRequest(Body):
    refund: Amount | None = None
    refund_reason: str = ""


class RefundAnswer(Body):
    refund_answer: enumerated(("agree", "refuse")) | None = None  # type: ignore[valid-type]
    refund_refusal: Annotated[str, Meta(description=N_("With refuse: why."))] = ""


class Honour(Body):
    level: enumerated(Level) | None = None  # type: ignore[valid-type]
    title: str = ""
    issuer: str = ""
    certificate: Annotated[str, Meta(description=N_("Number of the certificate or document"))] = ""
    awarded_on: Date = ""
    file: SentFile | None = None


class Divided(Body):
    """What is to happen with the money of a milestone."""

    division: enumerated(Division) | None = None  # type: ignore[valid-type]
    refund: Annotated[Amount | None, Meta(description=N_("With part: how much goes back to the owner, in yuan."))] = (
        None
    )


class Dispute(Divided):
    kind: enumerated(Disputed) | None = None  # type: ignore[valid-type]
    statement: str = ""
    files: list[SentFile] = msgspec.field(default_factory=list)


class DisputeAnswer(Body):
    answer: str = ""
    files: list[SentFile] = msgspec.field(default_factory=list)


class Evidence(Body):
    files: list[SentFile] = msgspec.field(default_factory=list)


class LastWord(Body):
    word: str = ""


class Proposal(Divided):
    reasons: str = ""


class ProposalAnswer(Body):
    reply: enumerated(("accepted", "refused")) | None = None  # type: ignore[valid-type]


class DisputeTransfer(Body):
    paid_on: Date = ""
    bank_reference: str = ""


class DisputeTransferAnswer(Body):
    received: enumerated(("confirmed", "denied")) | None = None  # type: ignore[valid-type]
    reasons: str = ""


class CaseStatement(Body):
    text: str = ""
    files: list[SentFile] = msgspec.field(default_factory=list)
    asks_hearing: bool = False


class Appeal(Body):
    appeal: str = ""
    files: list[SentFile] = msgspec.field(default_factory=list)


class Repair(Body):
    correction: str = ""
    pledge: str = ""
    files: list[SentFile] = msgspec.field(default_factory=list)


class Account(Body):
    answer: str = ""
