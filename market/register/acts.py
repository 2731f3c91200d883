"""Who wants to know of which acts: a package above subscribes one of its jobs to a kind of register entry."""

from __future__ import annotations

from collections import defaultdict

from market.kernel.i18n import N_, translate

# Every kind of act and what people call it. A kind that is not named here cannot be recorded.
NAMES: dict[str, str] = {
    "agency.admitted": N_("Agency admitted"),
    "agency.refused": N_("Entry refused"),
    "agency.exited": N_("Agency left the market"),
    "agency.changed": N_("Agency's particulars changed"),
    "project.published": N_("Notice published"),
    "project.amended": N_("Notice amended"),
    "project.withdrawn": N_("Project withdrawn"),
    "project.failed": N_("Selection failed"),
    "project.terminated": N_("Project terminated"),
    "project.closed": N_("Project closed"),
    "sign_up.made": N_("Agency signed up"),
    "sign_up.withdrawn": N_("Sign-up withdrawn"),
    "sign_up.sealed": N_("Sealed sign-up"),
    "sign_up.sealed_withdrawn": N_("Sealed sign-up withdrawn"),
    "bid.sealed": N_("Sealed bid received"),
    "bid.replaced": N_("Sealed bid replaced"),
    "bid.withdrawn": N_("Sealed bid withdrawn"),
    "sign_up.abandoned": N_("Sign-up abandoned after close"),
    "pool.frozen": N_("Pool frozen"),
    "pool.sealed": N_("Sealed pool frozen"),
    "bid.live": N_("Live bid made"),
    "bids.opened": N_("Bids opened"),
    "selection.decided": N_("Selection decided"),
    "draw.committed": N_("Further selection ordered"),
    "draw.made": N_("Draw made"),
    "expert.admitted": N_("Expert admitted"),
    "expert.exited": N_("Expert left the pool"),
    "panel.frozen": N_("Candidates for the panel frozen"),
    "panel.drawn": N_("Panel of experts drawn"),
    "panel.replaced": N_("Expert replaced"),
    "panel.failed": N_("No panel of experts found"),
    "marks.signed": N_("Marks signed"),
    "marks.published": N_("Marks published"),
    "objection.raised": N_("Objection raised"),
    "objection.stated": N_("Owner's statement on an objection"),
    "objection.answered": N_("Objection answered"),
    "objection.withdrawn": N_("Objection withdrawn"),
    "complaint.filed": N_("Complaint filed"),
    "complaint.returned": N_("Complaint returned for correction"),
    "complaint.corrected": N_("Complaint corrected"),
    "complaint.accepted": N_("Complaint accepted"),
    "complaint.refused": N_("Complaint refused"),
    "complaint.extended": N_("Time to decide a complaint extended"),
    "complaint.withdrawn": N_("Complaint withdrawn"),
    "complaint.decided": N_("Complaint decided"),
    "signing.suspended": N_("Signing suspended"),
    "signing.resumed": N_("Suspension of signing ended"),
    "result.final": N_("Result final"),
    "result.annulled": N_("Result annulled"),
    "contract.opened": N_("Contract ready to sign"),
    "contract.signed": N_("Contract signed by one side"),
    "contract.in_force": N_("Contract in force"),
    "contract.refused": N_("Contract refused"),
    "contract.lapsed": N_("Time to sign lapsed"),
    "contract.draft_proposed": N_("Contract terms proposed"),
    "contract.draft_agreed": N_("Contract terms agreed"),
    "contract.draft_declined": N_("Contract terms declined"),
    "contract.documented": N_("Signed contract made as a document"),
    "contract.paper_sent": N_("Contract signed on paper sent in"),
    "contract.paper_confirmed": N_("Contract signed on paper confirmed"),
    "contract.paper_refused": N_("Contract signed on paper not confirmed"),
    "contract.annulled": N_("Contract annulled before it was in force"),
    "contract.filed": N_("Contract filed with the authority"),
    "termination.asked": N_("End of the contract asked for"),
    "termination.declined": N_("End of the contract declined"),
    "termination.lapsed": N_("Request to end the contract not answered"),
    "contract.terminated": N_("Contract ended by agreement"),
    "clock.asked": N_("Stop of the clock or more time asked for"),
    "clock.agreed": N_("Request about the time agreed"),
    "clock.declined": N_("Request about the time declined"),
    "clock.lapsed": N_("Request about the time not answered"),
    "clock.resumed": N_("Clock runs again"),
    "clock.revoked": N_("Stop of the clock revoked"),
    "delivery.made": N_("Result delivered"),
    "delivery.returned": N_("Result returned"),
    "delivery.accepted": N_("Result accepted"),
    "milestone.accepted": N_("Milestone accepted"),
    "payment.made": N_("Payment made, held by Alipay"),
    "payment.released": N_("Payment released to the agency"),
    "payment.refunded": N_("Payment refunded to the owner"),
    "payment.by_bank": N_("Payment by bank transfer confirmed"),
    "rating.given": N_("Rating given"),
    "rating.revealed": N_("Rating published"),
    "rating.replied": N_("Reply to a rating"),
    "credit.event": N_("Credit event"),
    "standing.changed": N_("Standing changed"),
    "list.proposed": N_("Listing proposed"),
    "list.entered": N_("Entered on a list"),
    "list.removed": N_("Removed from a list"),
    "list.imported": N_("List of another authority taken over"),
    "flag.reviewed": N_("Red flag reviewed"),
    "rulebook.published": N_("Rulebook published"),
    "catalogue.published": N_("Catalogue published"),
    "calendar.corrected": N_("Working-day calendar corrected"),
    "register.key_rotated": N_("Register key rotated"),
    "register.key_replaced": N_("Lost register key replaced"),
}


def act_name(kind: str) -> str:
    return translate(NAMES.get(kind, kind))


_SUBSCRIBERS: defaultdict[str, list[str]] = defaultdict(list)


def on_act(kind: str, job_name: str) -> None:
    """The job gets {"entry_id": …} for each entry of this kind, if and only if the act was committed."""
    if job_name not in _SUBSCRIBERS[kind]:
        _SUBSCRIBERS[kind].append(job_name)


def subscribers(kind: str) -> tuple[str, ...]:
    return tuple(_SUBSCRIBERS.get(kind, ()))
