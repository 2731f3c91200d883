"""Which acts move credit, by how much, and under which rule; and what each kind of event is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from market.kernel.i18n import N_
from ratings.credit.rules.score import CORRECTION, HUNDRED, late_delivery_points

Numbers = Callable[[str], int]  # a rulebook's `integer`


@dataclass(frozen=True)
class Charge:
    """What one act costs or brings one organisation. `points`: hundredths; `rule`: the key that set them."""

    code: str
    kind: str
    points: int
    rule: str


@dataclass(frozen=True)
class Wording:
    """`told`: the message to the organisation, with {points}, {score} and {project}."""

    title: str
    told: str


UNRATED: Final = "owner_no_rating"
_HONOURED: Final = N_("Your honour was accepted: {points} points. Your credit score is now {score}.")
# In the order in which `credit.add.honour` names their points, which are hundredths.
HONOUR_KINDS: Final = ("honour_county", "honour_city", "honour_province", "honour_nation")
KINDS: Final[Mapping[str, Wording]] = {
    "sign_up_abandoned": Wording(
        N_("Withdrew after sign-up had closed"),
        N_("You withdrew from {project} after sign-up had closed: {points} points. Your credit score is now {score}."),
    ),
    "sign_refused": Wording(
        N_("Won and refused to sign"),
        N_("You won {project} and refused to sign: {points} points. Your credit score is now {score}."),
    ),
    "sign_lapsed": Wording(
        N_("Won and let the time to sign pass"),
        N_("You won {project} and did not sign in time: {points} points. Your credit score is now {score}."),
    ),
    "late_delivery": Wording(
        N_("Delivered late"),
        N_("Your delivery for {project} came late: {points} points. Your credit score is now {score}."),
    ),
    "returned_twice": Wording(
        N_("Delivery returned again"),
        N_("Your delivery for {project} was returned again: {points} points. Your credit score is now {score}."),
    ),
    "disapproved": Wording(
        N_("Report returned again by the approval authority"),
        N_("The approval authority returned your report for {project} again: {points} points. Your credit score is now {score}."),
    ),
    "contract_rescinded": Wording(
        N_("Contract ended by notice for overdue delivery"),
        N_("The owner ended the contract of {project} because the delivery was overdue in spite of a warning: {points} points. Your credit score is now {score}."),
    ),
    "low_rating": Wording(
        N_("Low rating by the owner"),
        N_("The low rating for {project} counts now that the time to reply is over: {points} points. Your credit score is now {score}."),
    ),
    "five_stars": Wording(
        N_("Five-star rating by the owner"),
        N_("The owner of {project} gave you five stars: {points} points. Your credit score is now {score}."),
    ),
    "complaint_upheld": Wording(
        N_("Complaint about its award upheld"),
        N_("A complaint about your award of {project} was upheld, and the cause lay with you: {points} points. Your credit score is now {score}."),
    ),
    "undisclosed_change": Wording(
        N_("Decided: did not report a change of its particulars"),
        N_("A case was decided against you, for a change that you did not report: {points} points. Your credit score is now {score}."),
    ),
    "expired_certificate": Wording(
        N_("Decided: used an expired certificate"),
        N_("A case was decided against you, for an expired certificate: {points} points. Your credit score is now {score}."),
    ),
    "overcharge": Wording(
        N_("Decided: charged more than the contract says"),
        N_("A case was decided against you, for charging more than agreed: {points} points. Your credit score is now {score}."),
    ),
    "illegal_subcontract": Wording(
        N_("Decided: passed its contract on to others"),
        N_("A case was decided against you, for passing a contract on: {points} points. Your credit score is now {score}."),
    ),
    "kickback": Wording(
        N_("Decided: paid or took kickbacks"),
        N_("A case was decided against you, for kickbacks: {points} points. Your credit score is now {score}."),
    ),
    UNRATED: Wording(
        N_("Owner rated nobody in time"),
        N_("You did not rate the work for {project} in time. No rating is invented, but what is not given is counted on your page: several together are a breach, and repeated breaches pause posting."),
    ),
    "owner_tailored": Wording(
        N_("Decided: tailored its requirements to one agency"),
        N_("A case was decided against you, for requirements tailored to one agency. This is a breach on your record; repeated breaches pause posting."),
    ),
    "fraud": Wording(
        N_("Decided: false materials or a false report"),
        N_("A case was decided against you, for false materials: {points} points. Your credit score is now {score}."),
    ),
    "collusion": Wording(
        N_("Decided: colluded with other bidders"),
        N_("A case was decided against you, for collusion: {points} points. Your credit score is now {score}."),
    ),
    "honour_county": Wording(N_("Honour of a county"), _HONOURED), "honour_city": Wording(N_("Honour of a city"), _HONOURED),
    "honour_province": Wording(N_("Honour of a province"), _HONOURED), "honour_nation": Wording(N_("Honour of the nation"), _HONOURED),
    CORRECTION: Wording(
        N_("Correction: an earlier event was taken back"),
        N_("An event on your credit account was taken back. Your credit score is now {score}."),
    ),
    "owner_sign_refused": Wording(
        N_("Owner refused to sign"),
        N_("You refused to sign the contract of {project}. This is a breach on your record; repeated breaches pause posting."),
    ),
    "owner_contract_rescinded": Wording(
        N_("Contract ended by notice for overdue payment"),
        N_("The agency ended the contract of {project} because a payment was overdue in spite of a warning. This is a breach on your record; repeated breaches pause posting."),
    ),
    "owner_sign_lapsed": Wording(
        N_("Owner let the time to sign pass"),
        N_("You did not sign the contract of {project} in time. This is a breach on your record; repeated breaches pause posting."),
    ),
    "owner_payment_overdue": Wording(
        N_("Owner's payment overdue for long"),
        N_("Your payment for {project} is overdue for long. This is a breach on your record; repeated breaches pause posting."),
    ),
}  # fmt: skip


def _abandoned(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    return [_deduct(data["agency"], "sign_up_abandoned", "credit.deduct.signup_cancelled.points", number)]


def _refused(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    if data["side"] == "owner":
        return [_breach(data["owner"], "owner_sign_refused")]
    return [_deduct(data["agency"], "sign_refused", "credit.deduct.sign_refused.points", number)]


def _lapsed(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """Letting the time pass does the owner the same harm as refusing, so it costs the same. Where both signatures
    are missing the agency's breach came first: the owner had nothing to countersign."""
    if "agency" in data["missing"]:
        return [_deduct(data["agency"], "sign_lapsed", "credit.deduct.sign_refused.points", number)]
    return [_breach(data["owner"], "owner_sign_lapsed")]


def _delivered(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    rule = "credit.deduct.late_delivery"
    points = late_delivery_points(
        data["late_days"], data["limit_days"], points_a_step=number(f"{rule}.points"),
        step_share=number(f"{rule}.step"), most=number(f"{rule}.max"),
    )  # fmt: skip
    return [Charge(data["agency"], "late_delivery", points * HUNDRED, f"{rule}.points")] if points else []


def _returned(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    if data["times"] != number("credit.deduct.returned_twice.returns"):
        return []
    return [_deduct(data["agency"], "returned_twice", "credit.deduct.returned_twice.points", number)]


def _disapproved(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """An authority's return weighs as much as the owner's. It may also be a correction that brings the number about."""
    times = number("credit.deduct.returned_twice.returns")
    before = data.get("returns_before", data["returns"] - (data["outcome"] == "returned"))
    if not before < times <= data["returns"]:
        return []
    return [_deduct(data["agency"], "disapproved", "credit.deduct.returned_twice.points", number)]


def excuses(data: Mapping[str, Any], number: Numbers) -> bool:
    """Whether the correction of a verdict takes back what the returns of this report had cost."""
    return bool(data["returns"] < number("credit.deduct.returned_twice.returns") <= data["returns_before"])


def _ended(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """An end by agreement is nobody's breach; one by notice may be."""
    match data.get("breach_by"):
        case "agency":
            rule = "credit.deduct.contract_rescinded.points"
            return [_deduct(data["agency"], "contract_rescinded", rule, number)]
        case "owner":
            return [_breach(data["owner"], "owner_contract_rescinded")]
    return []


def _revealed(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """Five stars count at once; a low rating only after the right of reply (`low_rating`)."""
    best = data["side"] == "owner" and data["overall"] == number("rating.stars_max") * HUNDRED
    if not best or data["affiliated"]:
        return []
    rule = "credit.add.five_stars.points"
    return [Charge(data["rated"], "five_stars", number(rule) * HUNDRED, rule)]


def _unrated(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """A rating that was owed and not given: told and counted; so many of them are a breach (`owner_breaches`)."""
    return [_breach(data["owner"], UNRATED, "rating.window_days")]


def _complained(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """Where the regulator found that the cause lay with the winner, and left it out of the further round."""
    if data["excluded"] is None:
        return []
    return [_deduct(data["excluded"], "complaint_upheld", "credit.deduct.complaint_upheld.points", number)]


def low_rating(code: str, number: Numbers) -> Charge:
    return _deduct(code, "low_rating", "credit.deduct.low_rating.points", number)


def _deduct(code: str, kind: str, rule: str, number: Numbers) -> Charge:
    return Charge(code, kind, -number(rule) * HUNDRED, rule)


def _overdue(data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """Each recorded number of days late from the rulebook's on is a breach of its own."""
    rule = "payment.overdue_breach_days"
    return [_breach(data["owner"], "owner_payment_overdue", rule)] if data["days"] >= number(rule) else []


def _breach(code: str, kind: str, rule: str = "owner.pause_after") -> Charge:
    """Owners have no score; their breaches are counted."""
    return Charge(code, kind, 0, rule)


_ACTS: Final[Mapping[str, Callable[[Mapping[str, Any], Numbers], list[Charge]]]] = {
    "sign_up.abandoned": _abandoned,
    "contract.refused": _refused,
    "contract.lapsed": _lapsed,
    "delivery.made": _delivered,
    "delivery.returned": _returned,
    "verdict.recorded": _disapproved,
    "verdict.corrected": _disapproved,
    "contract.terminated": _ended,
    "rating.revealed": _revealed,
    "rating.missing": _unrated,
    "complaint.decided": _complained,
    "payment.overdue": _overdue,
}
ACTS: Final = tuple(_ACTS)


def charges(act: str, data: Mapping[str, Any], number: Numbers) -> list[Charge]:
    """What a register entry of this kind means for credit, by the numbers of the project's rulebook."""
    return _ACTS[act](data, number)


def points_text(points: int, *, signed: bool = False) -> str:
    """Hundredths as people read them: 98, 0.25; with a sign for changes: +1, −20."""
    sign = "−" if points < 0 else "+" if signed and points > 0 else ""
    return sign + f"{abs(points) // HUNDRED}.{abs(points) % HUNDRED:02d}".rstrip("0").rstrip(".")
