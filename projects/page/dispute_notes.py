"""What the entries of a dispute add to the history of a project: amounts and outcomes, never what was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money

Note = Callable[[Mapping[str, Any], Mapping[str, str]], Message | None]
KINDS: Final = {
    "quality": N_("quality of the work"), "lateness": N_("lateness"), "scope": N_("scope of the work"),
    "payment": N_("payment withheld"), "other": N_("something else"),
}  # fmt: skip
REFERRALS: Final = {
    "refused": N_("A side refused the operator's proposal."), "lapsed": N_("Not both sides answered the operator's proposal in time."),
    "unmediated": N_("The time to mediate ended without a proposal."), "failed": N_("The operator found no agreement."),
}  # fmt: skip
ICONS: Final = {
    "dispute.opened": "scale", "dispute.answered": "message", "dispute.unanswered": "hourglass", "dispute.evidenced": "files",
    "dispute.taken": "users", "dispute.mediated": "messages", "dispute.offered": "messages", "dispute.replied": "message",
    "dispute.referred": "building-bank", "dispute.prepared": "lock", "dispute.heard": "message", "dispute.settled": "check",
    "dispute.ruled": "gavel", "dispute.owed_back": "cash", "dispute.transferred": "cash", "dispute.transfer_answered": "cash",
    "dispute.executed": "circle-check", "dispute.withdrawn": "ban", "dispute.overtaken": "ban",
}  # fmt: skip


def _opened(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    facts = {
        "number": data["dispute"],
        "no": data["milestone"],
        "amount": Money(data["amount_fen"]),
        "kind": Message(KINDS[data["kind"]]),
    }
    return Message(N_("{number} on milestone {no} ({amount}): {kind}. What is held stays held."), facts)


def _divided(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    facts = {"number": data["dispute"], "refund": Money(data["refund_fen"]), "release": Money(data["release_fen"])}
    return Message(N_("{number}: {refund} back to the owner, {release} to the agency."), facts)


def _referred(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(REFERRALS[data["why"]])


def _back(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("{number}: the agency owes {amount} back to the owner."),
                   {"number": data["dispute"], "amount": Money(data["back_fen"])})  # fmt: skip


def _executed(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    facts = {
        "number": data["dispute"], "refund": Money(data["refunded_fen"] + data["back_fen"]),
        "release": Money(data["to_agency_fen"] - data["back_fen"]),
    }  # fmt: skip
    return Message(N_("{number}: the owner got {refund} back, the agency has {release}."), facts)


def _number(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("Dispute {number}"), {"number": data["dispute"]})


NOTES: Final[Mapping[str, Note]] = {
    **dict.fromkeys(ICONS, _number), "dispute.opened": _opened, "dispute.settled": _divided, "dispute.ruled": _divided,
    "dispute.referred": _referred, "dispute.owed_back": _back, "dispute.executed": _executed,
}  # fmt: skip
