"""What programs send, act by act. Members are named like the fields of the pages' forms."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from market.api.sending import Amount, Body, Date, Days, Digits, Moment, No, Percent, Ref, SentFile, fits
from market.api.words import enumerated
from market.kernel.i18n import N_
from market.payments.rules import Means
from projects.disputes.rules import Division
from projects.disputes.rules import Kind as Disputed
from projects.fulfilment.clock.rules import Kind
from projects.fulfilment.rescission.rules import Ground
from projects.fulfilment.termination.queries import CAUSES
from projects.payments.invoices.rules import KINDS as INVOICES
from projects.posting.answers import LABELS, LONGEST, MOST_ITEMS
from projects.posting.forms import LISTS, MOST_NEEDS, SINGLE
from projects.selection.methods import METHODS
from ratings.honours.rules import Level

Sha256 = Annotated[str, fits(64, N_("SHA-256 in hexadecimal."), examples=["9f86d081884c7d659a2feaa0c55ad015" * 2])]
MILESTONES = 6  # the rulebook's contract.milestones_max
CODE_LENGTH = 40
SPECIAL = 2000  # five special terms of 300 characters


def _notice_members() -> list[tuple[str, Any, Any]]:
    """Every answer of the notice's form, from the form's own list of them."""
    kinds: dict[str, Any] = {
        "method": enumerated(METHODS), "service_mode": enumerated(("all", "any")), "requirement_mode": enumerated(("all", "any")),
        "funding": enumerated(("none", "all", "part")), "estimate": enumerated(("yes", "no")),
        "quote": enumerated(("price", "discount")), "access": enumerated(("open", "invited")),
        "not_excluded": bool, "service_days": Annotated[int, Meta(ge=1, le=1000)] | Digits,
        "fiscal_percent": Annotated[int, Meta(ge=1, le=99)] | Digits,
        "practitioners_needed": Annotated[int, Meta(ge=0, le=50)] | Digits,
        "budget": Amount, "price": Amount, "ceiling": Amount, "floor": Amount, "sign_up_closes_at": Moment,
        "bidding_starts_at": Moment,
    }  # fmt: skip
    single = sorted(SINGLE - {"agency_search"})
    members: list[tuple[str, Any, Any]] = [
        (
            name,
            Annotated[kinds.get(name) or _text(name), Meta(description=LABELS.get(name, name))] | None,
            None,
        )
        for name in single
    ]
    members += [(name, _texts(name), msgspec.field(default_factory=list)) for name in LISTS]
    needs = Annotated[
        dict[Annotated[str, fits(120)], Annotated[str, fits(20)]],
        fits(MOST_NEEDS, N_("Qualification and speciality, such as surveying-mapping:engineering, to = and the least level, such as =b, or no.")),
    ]  # fmt: skip
    return [*members, ("needs", needs, msgspec.field(default_factory=dict))]


def _text(name: str) -> Any:
    """Codes and shares have no limit of their own in the form; it knows which ones there are."""
    return Annotated[str, fits(LONGEST.get(name, CODE_LENGTH))]


def _texts(name: str) -> Any:
    each: Any = _text(name)
    return Annotated[list[each], fits(MOST_ITEMS)]


NoticeAnswers: Any = msgspec.defstruct(
    "NoticeAnswers", _notice_members(), bases=(Body,), module=__name__, forbid_unknown_fields=True, omit_defaults=True
)


class Publication(Body):
    seen: Annotated[str, fits(64, N_("`fingerprint` of the draft as you read it: exactly that is published."))] = ""


class Reason(Body):
    reason: Annotated[str, fits(1000)] = ""


class Withdrawal(Body):
    reason: Annotated[str, fits(500)] = ""


class Document(Body):
    document: SentFile | None = None
    label: Annotated[str, fits(80)] = ""


class ImportedList(Body):
    list: Annotated[str, fits(40, N_("Key of one of the five lists, as the public reading of them gives it."))] = ""
    source: Annotated[str, fits(100, N_("Where it was read, always in the same words."))] = ""
    queried_at: Moment = ""
    file: SentFile | None = None


class Discard(Body):
    pass


AmendedAnswers: Any = msgspec.defstruct(
    "AmendedAnswers", [*_notice_members(), ("reason", Annotated[str, fits(500)], "")], bases=(Body,), module=__name__,
    forbid_unknown_fields=True, omit_defaults=True,
)  # fmt: skip


class SignUp(Body):
    authorised_person: Annotated[Ref, Meta(description=N_("Id of one of your own accepted authorised persons."))] = ""
    practitioners: Annotated[list[Ref], fits(100)] = msgspec.field(default_factory=list)
    agreed: Annotated[bool, Meta(description=N_("You have read the notice and want to take part."))] = False


class SealedBid(Body):
    authorised_person: Ref = ""
    practitioners: Annotated[list[Ref], fits(100)] = msgspec.field(default_factory=list)
    agreed: bool = False
    nonce: Annotated[str, fits(32, N_("32 hexadecimal digits of your own; the same ones make the same bid."),
                               examples=["0123456789abcdef0123456789abcdef"])] = ""  # fmt: skip
    ciphertext: Annotated[str, fits(8192, N_("The bid as an age file, sealed to the beacon round of the notice: nobody can read it before."))] | None = None  # fmt: skip
    encrypted: Annotated[SentFile | None, Meta(description=N_("The encrypted proposal, where experts score."))] = None
    amount: Annotated[str, fits(20, N_("Instead of `ciphertext`: yuan or percent, sealed by the server the moment it arrives."))] | None = None  # fmt: skip
    proposal: Annotated[
        SentFile | None, Meta(description=N_("With `amount`: the readable proposal, where experts score."))
    ] = None
    replaces: Annotated[
        Ref | None, Meta(description=N_("Id of your standing bid, where this one takes its place."))
    ] = None


class Row(msgspec.Struct, forbid_unknown_fields=True):
    title: Annotated[str, fits(80)]
    share: Annotated[Percent, Meta(description=N_("Percent of the price."))]
    days: Days


class Terms(Body):
    milestones: Annotated[list[Row], fits(MILESTONES)] = msgspec.field(default_factory=list)
    language: Annotated[str, fits(20)] = ""
    special: Annotated[str, fits(SPECIAL, N_("Special terms, one a line."))] = ""


class TermsAnswer(Body):
    no: No = ""
    answer: enumerated(("agree", "decline")) | None = None  # type: ignore[valid-type]
    reason: Annotated[str, fits(1000)] = ""


class Delivery(Body):
    statement: Annotated[str, fits(4000)] = ""
    practitioner: Ref | None = None
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    where: Annotated[str, fits(100)]
    what: Annotated[str, fits(500)]


class AcceptanceAnswer(Body):
    decision: enumerated(("accept", "return")) | None = None  # type: ignore[valid-type]
    reasons: Annotated[list[Fault], fits(6, N_("With return: what has to be put right, and where."))] = msgspec.field(
        default_factory=list
    )


class TimeRequest(Body):
    kind: enumerated(Kind) | None = None  # type: ignore[valid-type]
    cause: Annotated[str, fits(40, N_("With a stop: one of the rulebook's fulfilment.suspension_kinds."))] | None = None
    days: Days | None = None
    reason: Annotated[str, fits(1000)] = ""


class EndRequest(Body):
    cause: enumerated(CAUSES) | None = None  # type: ignore[valid-type]
    reason: Annotated[str, fits(1000)] = ""
    settlement: Amount | None = None


class PaymentStart(Body):
    means: enumerated(Means) | None = None  # type: ignore[valid-type]


class Transfer(Body):
    amount: Amount | None = None
    paid_on: Date = ""
    bank_reference: Annotated[str, fits(80)] = ""
    proof: SentFile | None = None


class TransferAnswer(Body):
    answer: enumerated(("confirmed", "denied")) | None = None  # type: ignore[valid-type]
    reason: Annotated[str, fits(500)] = ""


class Rating(Body):
    marks: Annotated[dict[Annotated[str, fits(40)], Annotated[int, Meta(ge=0, le=10)]], fits(20, N_("Dimension of the rulebook (rating.dimensions, rating.owner_dimensions) to stars."), examples=[{"quality": 5}])] = msgspec.field(default_factory=dict)  # fmt: skip
    reasons: Annotated[str, fits(1000)] = ""


class Reply(Body):
    reply: Annotated[str, fits(1000)] = ""


class Grounds(Body):
    grounds: Annotated[str, fits(4000)] = ""


class Statement(Body):
    statement: Annotated[str, fits(4000)] = ""


class Complaint(Body):
    grounds: Annotated[str, fits(6000)] = ""
    request: Annotated[str, fits(1000)] = ""
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class Correction(Body):
    correction: Annotated[str, fits(6000)] = ""
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class Table(Body):
    file: Annotated[
        SentFile | None, Meta(description=N_("xlsx or CSV with the headings of the template at /bulk/template/."))
    ] = None


class TableOfNotices(Body):
    what: enumerated(("drafts", "publish")) | None = None  # type: ignore[valid-type]


class Pick(Body):
    agency: Annotated[
        str, fits(18, N_("Code of one of those who signed up, or other: then name the agency in the draft."))
    ] = ""
    reason: Annotated[str, fits(500)] = ""


class ChangedRow(msgspec.Struct, forbid_unknown_fields=True):
    title: Annotated[str, fits(80)]
    amount: Amount
    days: Annotated[Days, Meta(description=N_("Working days."))]


class Change(Body):
    milestones: Annotated[list[ChangedRow], fits(MILESTONES)] = msgspec.field(default_factory=list)
    content: Annotated[str, fits(4000)] = ""
    scale: Annotated[str, fits(4000)] = ""
    other_requirements: Annotated[str, fits(4000)] = ""
    special: Annotated[str, fits(SPECIAL, N_("Special terms, one a line."))] = ""
    reason: Annotated[str, fits(1000)] = ""


class Filing(Body):
    authority: Annotated[str, fits(80)] = ""
    reference: Annotated[str, fits(60)] = ""
    filed_on: Date = ""


class WarningOfEnd(Body):
    warned: enumerated([one for one in Ground if one.warns]) | None = None  # type: ignore[valid-type]
    warning: Annotated[str, fits(1000, N_("Reason."))] = ""


class EndNotice(Body):
    ground: enumerated(Ground) | None = None  # type: ignore[valid-type]
    notice_reason: Annotated[str, fits(1000)] = ""
    notice_settlement: Annotated[
        Amount | None, Meta(description=N_("What is paid for work in hand, in yuan; 0 where nothing is."))
    ] = None


class EndNoticeAnswer(Body):
    notice_answer: enumerated(("object", "accept")) | None = None  # type: ignore[valid-type]
    objection: Annotated[str, fits(1000, N_("With object: why."))] = ""


class SettlementSeen(Body):
    sha256: Annotated[str, fits(64, N_("Fingerprint of the settlement as you read it."))] = ""


class BondAsked(Body):
    amount: Amount | None = None


class BondDeclined(Body):
    decline_reason: Annotated[str, fits(500)] = ""


class BondWaived(Body):
    waive_reason: Annotated[str, fits(500)] = ""


class BondReturned(Body):
    returned: Amount | None = None


class BondClaim(Body):
    claim_amount: Amount | None = None
    claim_reason: Annotated[str, fits(500)] = ""


YesOrNo: Any = enumerated(("yes", "no"))


class BondClaimAnswer(Body):
    claim_answer: YesOrNo | None = None
    claim_refusal: Annotated[str, fits(500, N_("With no: why."))] = ""


class Guarantee(Body):
    number: Annotated[str, fits(60)] = ""
    bank: Annotated[str, fits(100)] = ""
    guaranteed: Amount | None = None
    valid_until: Date = ""
    letter: SentFile | None = None


class GuaranteeAnswer(Body):
    guarantee_answer: YesOrNo | None = None
    guarantee_refusal: Annotated[str, fits(500, N_("With no: why."))] = ""


class SentInvoice(Body):
    kind: enumerated(INVOICES) | None = None  # type: ignore[valid-type]
    number: Annotated[str, fits(30)] = ""
    code: Annotated[str, fits(20, N_("Only beside a number of 8 digits."))] = ""
    issued_on: Date = ""
    amount: Amount | None = None
    net: Amount | None = None
    tax: Amount | None = None
    tax_rate: Annotated[Percent | None, Meta(description=N_("In percent."))] = None
    buyer_name: Annotated[str, fits(100)] = ""
    buyer_code: Annotated[str, fits(20)] = ""
    file: SentFile | None = None


class InvoiceAnswer(Body):
    answer: enumerated(("confirmed", "returned")) | None = None  # type: ignore[valid-type]
    reason: Annotated[str, fits(300)] = ""


class RefundRequest(Body):
    refund: Amount | None = None
    refund_reason: Annotated[str, fits(500)] = ""


class RefundAnswer(Body):
    refund_answer: enumerated(("agree", "refuse")) | None = None  # type: ignore[valid-type]
    refund_refusal: Annotated[str, fits(500, N_("With refuse: why."))] = ""


class Honour(Body):
    level: enumerated(Level) | None = None  # type: ignore[valid-type]
    title: Annotated[str, fits(120)] = ""
    issuer: Annotated[str, fits(120)] = ""
    certificate: Annotated[str, fits(120, N_("Number of the certificate or document"))] = ""
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
    statement: Annotated[str, fits(6000)] = ""
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class DisputeAnswer(Body):
    answer: Annotated[str, fits(6000)] = ""
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class Evidence(Body):
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class LastWord(Body):
    word: Annotated[str, fits(6000)] = ""


class Proposal(Divided):
    reasons: Annotated[str, fits(2000)] = ""


class ProposalAnswer(Body):
    reply: enumerated(("accepted", "refused")) | None = None  # type: ignore[valid-type]


class DisputeTransfer(Body):
    paid_on: Date = ""
    bank_reference: Annotated[str, fits(80)] = ""


class DisputeTransferAnswer(Body):
    received: enumerated(("confirmed", "denied")) | None = None  # type: ignore[valid-type]
    reasons: Annotated[str, fits(500)] = ""


class CaseStatement(Body):
    text: Annotated[str, fits(6000)] = ""
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)
    asks_hearing: bool = False


class Appeal(Body):
    appeal: Annotated[str, fits(6000)] = ""
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class Repair(Body):
    correction: Annotated[str, fits(6000)] = ""
    pledge: Annotated[str, fits(6000)] = ""
    files: Annotated[list[SentFile], fits(10)] = msgspec.field(default_factory=list)


class Account(Body):
    answer: Annotated[str, fits(2000)] = ""
