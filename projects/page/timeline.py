"""The history of a project as people read it: one line for each of its register entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.register.acts import NAMES
from market.register.queries import Entry
from projects.page import dispute_notes, payment_notes


@dataclass(frozen=True)
class Happening:
    """`title` is a message id; `note` says what the entry adds to it."""

    at: datetime
    title: str
    by: str | Message
    note: Message | None
    number: int
    href: str
    icon: str


# Who acted where the register names a role instead of an organisation.
_ROLES: Final[Mapping[str, Message]] = {
    "market": Message(N_("The market, by its rules")),
    "agency": Message(N_("An agency; names stay sealed until sign-up has closed")),
    "expert": Message(N_("An expert; names are published with the marks")),
}
Note = Callable[[Mapping[str, Any], Mapping[str, str]], Message | None]
_ICONS: Final[Mapping[str, str]] = {
    "project.published": "speakerphone", "project.amended": "pencil", "project.withdrawn": "ban", "project.failed": "ban",
    "project.closed": "check", "project.terminated": "ban", "sign_up.made": "user-plus", "sign_up.withdrawn": "user",
    "sign_up.abandoned": "user", "pool.frozen": "lock", "draw.committed": "clock", "draw.made": "dice-5",
    "pool.sealed": "lock", "bids.opened": "lock-open", "selection.decided": "gavel", "panel.frozen": "lock",
    "panel.drawn": "users", "panel.replaced": "users", "panel.failed": "ban", "marks.signed": "signature",
    "marks.published": "list-details", "result.final": "gavel", "result.annulled": "ban", "objection.raised": "message", "objection.answered": "messages",
    "objection.withdrawn": "message", "objection.stated": "message", "complaint.filed": "gavel", "complaint.returned": "rotate-clockwise",
    "complaint.corrected": "pencil", "complaint.accepted": "gavel", "complaint.refused": "ban", "complaint.extended": "clock",
    "complaint.withdrawn": "ban", "complaint.decided": "gavel", "signing.suspended": "player-pause",
    "signing.resumed": "player-play", "contract.annulled": "ban", "contract.opened": "file-text", "contract.signed": "signature",
    "contract.in_force": "file-certificate", "contract.refused": "ban", "contract.lapsed": "hourglass",
    "delivery.made": "package", "delivery.returned": "rotate-clockwise", "delivery.accepted": "clipboard-check",
    "milestone.accepted": "clipboard-check", "verdict.recorded": "building-bank", "verdict.corrected": "building-bank",
    "rating.given": "star", "rating.revealed": "star", **dispute_notes.ICONS, **payment_notes.ICONS,
}  # fmt: skip


def happenings(entries: list[Entry], names: Mapping[str, str]) -> list[Happening]:
    """Newest last, as the register wrote them. `names`: organisation code -> name."""
    return [_happening(entry, names) for entry in entries]


def _happening(entry: Entry, names: Mapping[str, str]) -> Happening:
    note = _NOTES.get(entry.kind)
    by = _ROLES.get(entry.by) or names.get(entry.by, entry.by)
    return Happening(
        entry.at, NAMES.get(entry.kind, entry.kind), by, note(entry.data, names) if note else None, entry.written,
        f"/register/entries/{entry.id}", _ICONS.get(entry.kind, "circle-dot"),
    )  # fmt: skip


def _published(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    bound = data.get("beacon_round") is not None
    if data["price_fen"] is not None:
        text = (
            N_("Price {price}; the draw was bound to beacon round {round} at the same moment.")
            if bound
            else N_("Price {price}.")
        )
        return Message(text, {"price": Money(data["price_fen"]), "round": data.get("beacon_round")})
    return Message(N_("Ceiling {ceiling}; the opening was bound to beacon round {round} at the same moment."),
                   {"ceiling": Money(data["ceiling_fen"]), "round": data["beacon_round"]})  # fmt: skip


def _amended(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    text = (
        N_("Amendment {no}: {reason} The sign-up window started again.")
        if data["restarts_window"]
        else N_("Amendment {no}: {reason}")
    )
    return Message(text, {"no": data["no"], "reason": data.get("reason", "")})


def _reason(data: Mapping[str, Any], names: Mapping[str, str]) -> Message | None:
    return Message(N_("Reason: {reason}"), {"reason": data["reason"]}) if data.get("reason") else None


def _failed(data: Mapping[str, Any], names: Mapping[str, str]) -> Message | None:
    if data.get("reason") == "complaint_upheld":
        return Message(N_("The regulator annulled the selection on a complaint."))
    if "eligible" not in data or "needed" not in data:
        return None
    return Message(N_("{eligible} agencies could take part, {needed} were needed."),
                   {"eligible": data["eligible"], "needed": data["needed"]})  # fmt: skip


def _frozen(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    counts = {
        name: len(data[name]) if isinstance(data.get(name), list) else data.get(name, 0)
        for name in ("entrants", "excluded")
    }
    return Message(N_("{entrants} agencies in the pool, {excluded} left out with their reasons."), counts)


def _sealed_pool(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(
        N_("The list of bidders is frozen; its salted hash stands in the register, the names follow with the opening.")
    )


def _opened(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("{bids} sealed bids opened together with beacon round {round}."),
                   {"bids": len(data["bids"]), "round": data["beacon_round"]})  # fmt: skip


def _decided(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    if not data.get("winner"):
        return Message(N_("No entry was selected."))
    winner = data.get("winner_name") or names.get(data["winner"], data["winner"])
    return Message(N_("{winner} was selected for {price}."), {"winner": winner, "price": Money(data["price_fen"])})


def _panel_drawn(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("{size} experts were drawn; who they are is published with their marks."), {"size": data["size"]})


def _marked(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("{experts} experts signed; every mark is published."), {"experts": len(data["experts"])})


def _committed(data: Mapping[str, Any], names: Mapping[str, str]) -> Message | None:
    if data["beacon_round"] is None:
        return None
    return Message(
        N_("Selection {no} is bound to beacon round {round}."), {"no": data["round_no"], "round": data["beacon_round"]}
    )


def _drawn(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("{winner} was drawn with beacon round {round}."),
                   {"winner": data.get("winner_name") or names.get(data["winner"], data["winner"]), "round": data["beacon_round"]})  # fmt: skip


def _answered(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    texts = {
        ("upheld", "redraw"): N_("Upheld: a further selection follows."), ("upheld", "reopen"): N_("Upheld: sign-up opens again."),
        ("upheld", "annul"): N_("Upheld: the selection is annulled."),
    }  # fmt: skip
    return Message(texts.get((str(data.get("decision")), str(data.get("remedy"))), N_("Rejected.")))


def _complaint_decided(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    texts = {
        "redraw": N_("Complaint upheld: a further round follows."), "reopen": N_("Complaint upheld: sign-up opens again."),
        "annul": N_("Complaint upheld: the selection is annulled."),
        "finding": N_("Complaint upheld: the finding is recorded, the contract in force stays."),
    }  # fmt: skip
    return Message(texts.get(str(data.get("remedy")), N_("Dismissed.")))


def _complaint_filed(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    texts = {
        "objector": N_("Complaint {number}, by whoever objected"), "owner": N_("Complaint {number}, by the owner"),
        "winner": N_("Complaint {number}, by the winner whose result was annulled"),
    }  # fmt: skip
    return Message(texts[data["standing"]], {"number": data["number"]})


def _suspended(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("Until complaint {number} is decided."), {"number": data["reference"]})


def _stated_reason(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    """A reason that the market gives, in its own words or in those of an authority."""
    return Message(N_("Reason: {reason}"), {"reason": Message(data["reason"])})


def _agency(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("Agency: {name}"), {"name": names.get(data["agency"], data["agency"])})


def _accepted(data: Mapping[str, Any], names: Mapping[str, str]) -> Message | None:
    return Message(N_("The time to check ran out: silence counts as acceptance.")) if data.get("by_silence") else None


def _verdict(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    texts = {
        "passed": N_("{authority} passed the report ({document})."), "returned": N_("{authority} returned the report ({document})."),
        "void": N_("It was never given: {reason}"),
    }  # fmt: skip
    facts = {"authority": data["authority"], "document": data["document"], "reason": data.get("correction", "")}
    return Message(texts[data["outcome"]], facts)


def _fallen(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message(N_("{winner} could not be awarded the work: {reason}."), {
        "winner": data["winner_name"], "reason": data["reason"]})  # fmt: skip


_NOTES: Final[Mapping[str, Note]] = {
    "project.published": _published, "project.amended": _amended, "project.withdrawn": _reason, "project.failed": _failed,
    "pool.frozen": _frozen, "pool.sealed": _sealed_pool, "bids.opened": _opened, "selection.decided": _decided,
    "panel.drawn": _panel_drawn, "marks.published": _marked, "draw.committed": _committed, "draw.made": _drawn, "result.annulled": _fallen, "objection.answered": _answered,
    "contract.opened": _agency, "contract.in_force": _agency, "contract.refused": _reason, "delivery.accepted": _accepted,
    "sign_up.abandoned": _agency, "complaint.filed": _complaint_filed, "complaint.refused": _stated_reason,
    "complaint.extended": _reason, "complaint.decided": _complaint_decided, "signing.suspended": _suspended,
    "contract.annulled": _stated_reason, **dispute_notes.NOTES, **payment_notes.NOTES, "verdict.recorded": _verdict, "verdict.corrected": _verdict,
    "clock.asked": _reason, "clock.declined": _reason, "clock.revoked": _reason,
}  # fmt: skip


def codes_in(entries: list[Entry]) -> list[str]:
    """The organisation codes whose names the timeline shows."""
    named = {str(entry.data[key]) for entry in entries for key in ("agency", "owner", "winner") if entry.data.get(key)}
    return sorted(named | {entry.by for entry in entries if entry.by not in _ROLES})


# The owner's acts on its notice: what the receipt says was done.
_OWNER_ACTS: Final = {
    "project.published": N_("Your notice is published"), "project.amended": N_("Your amendment is published"),
    "project.withdrawn": N_("Your notice is withdrawn"),
}  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """`title`: message id; `number` and `sha256` are those of the register entry."""

    title: str
    kind: str
    at: datetime
    number: int
    sha256: str
    href: str


def receipt_of(entries: list[Entry]) -> Receipt | None:
    """The owner's last act on the notice."""
    acts = [entry for entry in entries if entry.kind in _OWNER_ACTS]
    if not acts:
        return None
    last = acts[-1]
    return Receipt(
        _OWNER_ACTS[last.kind], last.kind, last.at, last.written, last.sha256, f"/register/entries/{last.id}"
    )
