"""What programs may do: each act is the page's own handler, said once, with what the interface adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from litestar.handlers import HTTPRouteHandler

from market.accounts.tokens.rules import Scope
from market.api import bodies
from market.api.bulk import routes as bulk
from market.api.sending import Body
from market.kernel.i18n import N_
from market.payments.routes import parties, refunds
from projects.bonds import routes as bonds
from projects.complaints.routes import complainant
from projects.contracts import routes as contracts
from projects.contracts.changes import routes as changes
from projects.contracts.drafts import routes as draft_routes
from projects.contracts.filing import routes as filing
from projects.disputes.routes import agreeing, execution, sides
from projects.failed import routes as failed
from projects.fulfilment import routes as fulfilment
from projects.fulfilment.clock import routes as clock_routes
from projects.fulfilment.rescission import routes as rescission
from projects.fulfilment.termination import routes as termination_routes
from projects.payments.invoices import routes as invoices
from projects.posting.routes import amendments, drafts, publication
from projects.selection.bids import routes as bids
from projects.selection.objections import routes as objections
from projects.selection.sign_ups import routes as sign_ups
from ratings.cases.routes import firm
from ratings.evaluations import routes as evaluations
from ratings.flags import routes as flags
from ratings.honours import routes as honours
from ratings.imported import routes as imported

CONFIRMED: Final = {"confirmed": "yes"}


@dataclass(frozen=True)
class Act:
    """`page`: the handler that does the same for people. `always`: what its page for confirmation adds; a program confirms
    by calling."""

    name: str
    path: str
    scope: Scope
    summary: str
    page: HTTPRouteHandler
    body: type[Body] | None = None
    always: Mapping[str, str] = field(default_factory=dict)
    more: str = ""

    @property
    def group(self) -> str:
        return GROUPS[self.scope]


GROUPS: Final[Mapping[Scope, str]] = {
    Scope.PROJECTS: N_("Notices"), Scope.BIDS: N_("Sign-up and bids"), Scope.CONTRACTS: N_("Contracts and performance"),
    Scope.PAYMENTS: N_("Payments"), Scope.RATINGS: N_("Ratings"), Scope.COMPLAINTS: N_("Objections, disputes and cases"),
    Scope.READ_OWN: N_("Your organisation"), Scope.LISTS: N_("Lists and figures"),
}  # fmt: skip
_PROJECT, _CONTRACT, _PAYMENT = "/projects/{number:str}", "/contracts/{number:str}", "/payments/{reference:str}"
_OBJECTION, _COMPLAINT, _DRAFT = (
    "/objections/{objection_id:uuid}",
    "/complaints/{complaint_id:uuid}",
    "/drafts/{draft_id:uuid}",
)

_DISPUTE, _CASE = "/disputes/{number:str}", "/cases/{number:str}"


def _step(name: str) -> HTTPRouteHandler:
    """The handler of a party's step in a case."""
    found: HTTPRouteHandler = next(
        one for one in firm.routes if "POST" in one.http_methods and one.paths == {f"{_CASE}/{name}"}
    )
    return found


ACTS: Final = (
    Act("sendNotices", "/bulk/notices", Scope.PROJECTS, N_("Send a table of notices, to be tried"), bulk.send, bodies.Table),
    Act("confirmNotices", "/bulk/notices/{run_id:uuid}/confirmation", Scope.PROJECTS, N_("Carry out a table of notices that was tried"),
        bulk.confirm, bodies.TableOfNotices),
    Act("sendSignUps", "/bulk/sign-ups", Scope.BIDS, N_("Send a table of sign-ups, to be tried"), bulk.send, bodies.Table),
    Act("confirmSignUps", "/bulk/sign-ups/{run_id:uuid}/confirmation", Scope.BIDS, N_("Carry out a table of sign-ups that was tried"),
        bulk.confirm),
    Act("attachDocument", f"{_DRAFT}/documents", Scope.PROJECTS, N_("Attach a document to a draft"), drafts.add_file, bodies.Document),
    Act("publishDraft", f"{_DRAFT}/publication", Scope.PROJECTS, N_("Publish a draft: from there on it binds"), publication.publish,
        bodies.Publication),
    Act("amendNotice", f"{_PROJECT}/amendments", Scope.PROJECTS, N_("Amend a notice while sign-up is open"), amendments.amend,
        bodies.AmendedAnswers, CONFIRMED,
        N_("Single members that you leave out stay as published; lists that you leave out become empty.")),
    Act("withdrawNotice", f"{_PROJECT}/withdrawal", Scope.PROJECTS, N_("Withdraw a notice with a reason"), amendments.withdraw,
        bodies.Withdrawal),
    Act("repostProject", f"{_PROJECT}/reposts", Scope.PROJECTS, N_("Make a failed project a draft again"), publication.repost),
    Act("signUp", f"{_PROJECT}/sign-ups", Scope.BIDS, N_("Sign up for a project"), sign_ups.sign_up, bodies.SignUp),
    Act("withdrawSignUp", f"{_PROJECT}/sign-ups/withdrawal", Scope.BIDS, N_("Take a sign-up back before the close"), sign_ups.withdraw),
    Act("abandonSignUp", f"{_PROJECT}/sign-ups/abandonment", Scope.BIDS, N_("Give up your place after the close"), sign_ups.abandon,
        None, {}, N_("This costs credit points; the rulebook says how many.")),
    Act("submitBid", f"{_PROJECT}/bids", Scope.BIDS, N_("Hand in or replace a sealed bid"), bids.hand_in, bodies.SealedBid,
        more=N_("Seal it yourself and nobody can read it before the beacon round; with `replaces` it takes the place of your standing bid.")),
    Act("withdrawReservePrice", f"{_PROJECT}/bids/withdrawal", Scope.BIDS, N_("Take a reserve price back"), bids.withdraw_reserve),
    Act("proposeTerms", f"{_CONTRACT}/terms", Scope.CONTRACTS, N_("Propose terms of the contract"), draft_routes.propose, bodies.Terms),
    Act("answerTerms", f"{_CONTRACT}/terms/answer", Scope.CONTRACTS, N_("Agree to proposed terms, or decline them"), draft_routes.answer,
        bodies.TermsAnswer),
    Act("refuseContract", f"{_CONTRACT}/refusal", Scope.CONTRACTS, N_("Refuse a contract with a reason"), contracts.refuse, bodies.Reason,
        CONFIRMED, N_("Signing is for people: it is done on the contract's page.")),
    Act("deliver", f"{_PROJECT}/deliveries", Scope.CONTRACTS, N_("Deliver the results"), fulfilment.deliver, bodies.Delivery),
    Act("answerDelivery", f"{_PROJECT}/acceptance", Scope.CONTRACTS, N_("Accept a delivery, or return it"), fulfilment.answer,
        bodies.AcceptanceAnswer, CONFIRMED),
    Act("askForTime", f"{_PROJECT}/time-requests", Scope.CONTRACTS, N_("Ask for a stop of the clock or for more time"), clock_routes.ask,
        bodies.TimeRequest),
    Act("answerTimeRequest", f"{_PROJECT}/time-requests/answer", Scope.CONTRACTS, N_("Answer a request about the time"),
        clock_routes.answer, bodies.TermsAnswer),
    Act("resumeClock", f"{_PROJECT}/time-requests/end", Scope.CONTRACTS, N_("Let the clock run again"), clock_routes.resume),
    Act("askForEnd", f"{_PROJECT}/termination", Scope.CONTRACTS, N_("Ask to end the contract"), termination_routes.ask,
        bodies.EndRequest, CONFIRMED),
    Act("answerEnd", f"{_PROJECT}/termination/answer", Scope.CONTRACTS, N_("Answer a request to end the contract"),
        termination_routes.answer, bodies.TermsAnswer, CONFIRMED),
    Act("startPayment", f"{_PAYMENT}/trades", Scope.PAYMENTS, N_("Make a payment ready at Alipay"), parties.start, bodies.PaymentStart,
        more=N_("A person pays at the cashier, whose address is on the payment's page.")),
    Act("stateTransfer", f"{_PAYMENT}/transfer", Scope.PAYMENTS, N_("State a bank transfer"), parties.state_transfer, bodies.Transfer),
    Act("answerTransfer", f"{_PAYMENT}/transfer/answer", Scope.PAYMENTS, N_("Confirm a stated transfer, or deny it"),
        parties.answer_transfer, bodies.TransferAnswer),
    Act("rate", f"{_PROJECT}/ratings", Scope.RATINGS, N_("Rate the other party"), evaluations.rate, bodies.Rating),
    Act("replyToRating", "/ratings/{rating_id:uuid}/reply", Scope.RATINGS, N_("Reply to a rating"), evaluations.reply, bodies.Reply),
    Act("object", f"{_PROJECT}/objections", Scope.COMPLAINTS, N_("Object to a result"), objections.raise_objection, bodies.Grounds),
    Act("stateView", f"{_OBJECTION}/statement", Scope.COMPLAINTS, N_("State the owner's view of an objection"), objections.state_view,
        bodies.Statement),
    Act("withdrawObjection", f"{_OBJECTION}/withdrawal", Scope.COMPLAINTS, N_("Take an objection back"), objections.withdraw_objection),
    Act("complain", f"{_OBJECTION}/complaints", Scope.COMPLAINTS, N_("Complain about the answer to an objection"),
        complainant.file_complaint, bodies.Complaint),
    Act("correctComplaint", f"{_COMPLAINT}/correction", Scope.COMPLAINTS, N_("Correct a returned complaint"), complainant.correct,
        bodies.Correction),
    Act("importList", "/lists/imported/uploads", Scope.LISTS, N_("Hand in the list of another authority"), imported.upload,
        bodies.ImportedList, more=N_("Nothing changes before a signatory of the operator who is somebody else confirms on the upload's page what it would change. Up to twenty megabytes; longer files are uploaded there.")),
    Act("removeDocument", f"{_DRAFT}/documents/{{file_id:uuid}}/removal", Scope.PROJECTS, N_("Take a document off a draft"), drafts.remove_file),
    Act("pickAgency", f"{_PROJECT}/picks", Scope.PROJECTS, N_("After failed selections: begin the draft of a direct pick"), failed.pick,
        bodies.Pick),
    Act("refuseChange", f"{_CONTRACT}/changes/{{no:int}}/refusal", Scope.CONTRACTS, N_("Refuse a change of the contract"), changes.answer,
        bodies.Reason, {"answer": "refuse"}, N_("Accepting is signing: people do it on the change's page.")),
    Act("proposeChange", f"{_CONTRACT}/changes", Scope.CONTRACTS, N_("Propose a change of the contract"), changes.propose, bodies.Change,
        CONFIRMED, N_("It states the whole content: what you leave out is gone once both sides have signed.")),
    Act("withdrawChange", f"{_CONTRACT}/changes/{{no:int}}/withdrawal", Scope.CONTRACTS, N_("Take a proposed change back"), changes.withdraw),
    Act("recordFiling", f"{_CONTRACT}/filing", Scope.CONTRACTS, N_("Record the contract's filing with an authority"), filing.record_filing,
        bodies.Filing),
    Act("warnOfEnd", f"{_PROJECT}/termination/warning", Scope.CONTRACTS, N_("Warn the other side of what is overdue"), rescission.warn,
        bodies.WarningOfEnd),
    Act("giveNotice", f"{_PROJECT}/termination/notice", Scope.CONTRACTS, N_("End the contract by notice"), rescission.notify,
        bodies.EndNotice, CONFIRMED),
    Act("withdrawNoticeOfEnd", f"{_PROJECT}/termination/notice/withdrawal", Scope.CONTRACTS, N_("Take a notice of the end back"),
        rescission.withdraw),
    Act("answerNotice", f"{_PROJECT}/termination/notice/answer", Scope.CONTRACTS, N_("Accept a notice of the end, or object"),
        rescission.answer, bodies.EndNoticeAnswer),
    Act("confirmSettlement", f"{_PROJECT}/settlement", Scope.CONTRACTS, N_("Confirm the settlement of an ended contract"),
        rescission.confirm, bodies.SettlementSeen),
    Act("askForBond", f"{_CONTRACT}/bond", Scope.PAYMENTS, N_("Ask for a performance bond"), bonds.ask, bodies.BondAsked),
    Act("declineBond", f"{_CONTRACT}/bond/refusal", Scope.PAYMENTS, N_("Decline a performance bond"), bonds.decline, bodies.BondDeclined),
    Act("waiveBond", f"{_CONTRACT}/bond/waiver", Scope.PAYMENTS, N_("Waive a performance bond"), bonds.waive, bodies.BondWaived),
    Act("offerFreeze", f"{_CONTRACT}/bond/freeze", Scope.PAYMENTS, N_("Make the freezing of a bond ready at Alipay"), bonds.freeze,
        more=N_("A person scans the code on the bond's page.")),
    Act("withdrawFreeze", f"{_CONTRACT}/bond/freeze/withdrawal", Scope.PAYMENTS, N_("Give up a freezing that nobody scanned"), bonds.withdraw),
    Act("askAboutFreeze", f"{_CONTRACT}/bond/freeze/inquiry", Scope.PAYMENTS, N_("Have Alipay asked about a freezing now"), bonds.ask_again),
    Act("handInGuarantee", f"{_CONTRACT}/bond/guarantee", Scope.PAYMENTS, N_("Hand in a bank's guarantee"), bonds.hand_in, bodies.Guarantee),
    Act("answerGuarantee", f"{_CONTRACT}/bond/guarantee/answer", Scope.PAYMENTS, N_("Accept a bank's guarantee, or return it"),
        bonds.answer_guarantee, bodies.GuaranteeAnswer),
    Act("giveBondBack", f"{_CONTRACT}/bond/return", Scope.PAYMENTS, N_("Give a bond back, or a part of it"), bonds.give_back,
        bodies.BondReturned),
    Act("claimBond", f"{_CONTRACT}/bond/claims", Scope.PAYMENTS, N_("Claim a part of a bond"), bonds.claim, bodies.BondClaim),
    Act("answerClaim", f"{_CONTRACT}/bond/claims/answer", Scope.PAYMENTS, N_("Agree to a claim on a bond, or refuse it"),
        bonds.answer_claim, bodies.BondClaimAnswer),
    Act("handInInvoice", f"{_PAYMENT}/invoice", Scope.PAYMENTS, N_("Hand in an invoice"), invoices.hand_in, bodies.SentInvoice),
    Act("answerInvoice", f"{_PAYMENT}/invoice/answer", Scope.PAYMENTS, N_("Confirm an invoice, or return it"), invoices.answer,
        bodies.InvoiceAnswer),
    Act("askForRefund", f"{_PAYMENT}/refund-requests", Scope.PAYMENTS, N_("Ask for money back while Alipay holds it"), refunds.ask,
        bodies.RefundRequest),
    Act("withdrawRefundRequest", f"{_PAYMENT}/refund-requests/withdrawal", Scope.PAYMENTS, N_("Take a request for money back"),
        refunds.withdraw),
    Act("answerRefundRequest", f"{_PAYMENT}/refund-requests/answer", Scope.PAYMENTS, N_("Agree to give money back, or refuse"),
        refunds.answer, bodies.RefundAnswer),
    Act("proposeHonour", "/credit/honours", Scope.RATINGS, N_("Propose an honour with its certificate"), honours.propose, bodies.Honour),
    Act("openDispute", f"{_CONTRACT}/milestones/{{no:int}}/disputes", Scope.COMPLAINTS, N_("Open a dispute on a milestone"), sides.open_dispute,
        bodies.Dispute),
    Act("answerDispute", f"{_DISPUTE}/answer", Scope.COMPLAINTS, N_("Answer a dispute"), sides.answer, bodies.DisputeAnswer),
    Act("addEvidence", f"{_DISPUTE}/evidence", Scope.COMPLAINTS, N_("Add evidence to a dispute"), sides.add_evidence, bodies.Evidence),
    Act("sayLastWord", f"{_DISPUTE}/last-word", Scope.COMPLAINTS, N_("Say the last word in a dispute"), sides.say_last_word, bodies.LastWord),
    Act("proposeAgreement", f"{_DISPUTE}/proposals", Scope.COMPLAINTS, N_("Propose how a dispute ends"), agreeing.propose, bodies.Proposal),
    Act("answerProposal", f"{_DISPUTE}/proposals/answer", Scope.COMPLAINTS, N_("Accept a proposal in a dispute, or refuse it"),
        agreeing.reply, bodies.ProposalAnswer),
    Act("withdrawDispute", f"{_DISPUTE}/withdrawal", Scope.COMPLAINTS, N_("Take a dispute back"), sides.withdraw),
    Act("stateDisputeTransfer", f"{_DISPUTE}/transfer", Scope.COMPLAINTS, N_("State the transfer that a dispute's end asks for"),
        execution.state_transfer, bodies.DisputeTransfer),
    Act("answerDisputeTransfer", f"{_DISPUTE}/transfer/answer", Scope.COMPLAINTS, N_("Confirm the transfer of a dispute's end, or deny it"),
        execution.answer_transfer, bodies.DisputeTransferAnswer),
    Act("stateInCase", f"{_CASE}/statements", Scope.COMPLAINTS, N_("State your view in a case"), _step("statement"), bodies.CaseStatement),
    Act("appeal", f"{_CASE}/appeal", Scope.COMPLAINTS, N_("Appeal against the decision of a case"), _step("appeal"), bodies.Appeal),
    Act("askForRepair", f"{_CASE}/repair", Scope.COMPLAINTS, N_("Ask for credit repair"), _step("repair"), bodies.Repair),
    Act("answerQuestion", "/questions/{question_id:uuid}/answer", Scope.COMPLAINTS, N_("Answer a regulator's question"), flags.answer,
        bodies.Account),
    Act("withdrawComplaint", f"{_COMPLAINT}/withdrawal", Scope.COMPLAINTS, N_("Take a complaint back"), complainant.withdraw),
)  # fmt: skip


def parameters_of(path: str) -> list[tuple[str, str]]:
    """[("number", "str"), …] of a path of ours."""
    parts: list[Any] = [part[1:-1].split(":") for part in path.split("/") if part.startswith("{")]
    return [(name, kind) for name, kind in parts]
