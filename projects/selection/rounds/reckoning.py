"""What the page of a decided selection shows: the opened bids, the reckoning step by step, its lots, the evidence.

Plain data in the page's language, made of the published dossier; of the register's entry while there is none yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market.kernel.i18n import N_, translate
from market.register.queries import Entry
from market.web.display import money
from projects.experts.routes.words import PROPOSAL_FAULTS
from projects.selection.dossiers.selection_format import SelectionDossier
from projects.selection.methods.best_price import share_text
from projects.selection.methods.terms import Quote
from projects.selection.rounds.queries import RoundView

# Why an opened bid does not count, in plain words: faults of the sealed file, of its text, and of the limits.
FAULTS: Final = {
    "too_long": N_("The sealed file is longer than allowed."),
    "not_age": N_("What was handed in is no sealed file."),
    "other_chain": N_("Sealed to another beacon than that of the notice."),
    "other_round": N_("Sealed or written for another round than that of the notice."),
    "sealed_key": N_("The sealed key has a wrong length."),
    "point": N_("The sealed key does not start with a valid point of the curve."),
    "not_for_round": N_("The round does not open it: it was sealed to something else, or altered."),
    "altered": N_("It was altered after it had been sealed."),
    "unreadable": N_("It opened, but holds no readable bid."),
    "other_form": N_("It opened, but its contents do not have the form of a bid for this notice."),
    "other_project": N_("Its contents were written for another project."),
    "other_agency": N_("Its contents were written by another agency."),
    "other_nonce": N_("Its contents were written for another submission."),
    "no_proposal": N_("It does not name the proposal that the notice asks for."),
    "no_amount": N_("It holds no valid amount."),
    "above_ceiling": N_("The bid is above the ceiling."),
    "below_floor": N_("The bid is below the floor."),
    "discount_too_small": N_("The discount is smaller than the notice allows."),
    "discount_too_large": N_("The discount is larger than the notice allows."),
}
NO_BID: Final = N_("No bid was left.")
NOTES: Final = {
    "counted": "",
    "dropped_lowest": N_("left out as one of the lowest"),
    "dropped_highest": N_("left out as one of the highest"),
    "shortlisted": N_("in the draw"),
    "not_shortlisted": N_("not in the draw"),
    "reserve_invalid": N_("its reserve price is outside the limits and does not count"),
}
FIGURES: Final = {
    "entries": (N_("Entries"), ""),
    "valid_bids": (N_("Valid bids"), N_("within the limits of the notice")),
    "counted_bids": (N_("Bids that count"), N_("without those left out at either end")),
    "total": (N_("Sum of the bids that count"), ""),
    "mean": (N_("Mean"), N_("{total} ÷ {count}, rounded half up to the fen")),
    "base_share": (N_("Base share K"), N_("drawn from {shares}; it did not exist before the close")),
    "reference_price": (N_("Reference price"), N_("{total} × {share} ÷ {count}, rounded once, half up")),
    "lowest_price": (N_("Lowest bid"), ""),
    "equal_bids": (N_("Bids of this amount"), N_("between several, lots decide")),
    "shortlisted": (N_("Bids in the draw"), N_("the lowest ones, as many as the rulebook says")),
    "live_bidders": (N_("Agencies that bid live"), ""),
    "reserve_prices": (N_("Sealed reserve prices"), N_("opened only after the last round")),
    "experts": (N_("Experts whose marks count"), ""),
}
LOTS: Final = {
    "award": N_("Draw of the winner"),
    "tie": N_("Lot between equal bids"),
    "base-price": N_("Draw of the base share K"),
    "drop-lowest": N_("Lot: which of the equal lowest bids is left out"),
    "drop-highest": N_("Lot: which of the equal highest bids is left out"),
    "shortlist": N_("Lot: which of the equal bids enters the draw"),
}


@dataclass(frozen=True)
class OpenedRow:
    """One opened bid. `quoted` is text; `reason` says why it does not count, "" where it does."""

    code: str
    name: str
    quoted: str
    reason: str
    sha256: str
    entry: str | None

    @property
    def valid(self) -> bool:
        return not self.reason


@dataclass(frozen=True)
class ResultRow:
    """One valid bid in the order of the reckoning, with its price and what became of it."""

    code: str
    name: str
    quoted: str
    price_fen: int
    note: str
    distance_fen: int | None
    points: Mapping[str, str] | None
    won: bool


@dataclass(frozen=True)
class FigureRow:
    """One step. `value` is text, `raw` the number that a browser's own reckoning is compared with."""

    name: str
    label: str
    how: str
    value: str
    raw: int
    unit: str


@dataclass(frozen=True)
class LotRow:
    title: str
    purpose: str
    places: Sequence[tuple[str, str, bool]]  # name, score, drawn


@dataclass(frozen=True)
class LiveRound:
    """One round of live bidding; bids as (name, amount, moment, register entry)."""

    no: int
    starts_at: datetime
    ends_at: datetime
    bids: Sequence[tuple[str, str, datetime, str | None]]


@dataclass(frozen=True)
class MarkedRow:
    """All marks for one agency: (expert, criterion, mark, reason)."""

    code: str
    name: str
    credit: int | None
    marks: Sequence[tuple[str, str, int, str]]


def selection_parts(dossier: SelectionDossier | None, entry: Entry | None, quote: str) -> dict[str, Any]:
    """What templates/selection/_opening.html and _reckoning.html show. `entry`: the register's record of the opening."""
    opened = {"opened": opened_rows(dossier, entry, quote), "opening_entry": entry}
    if dossier is None:
        return opened | {"absent": []}
    return opened | {
        "absent": without_bid(dossier), "figures": figure_rows(dossier), "results": result_rows(dossier),
        "lots": lot_rows(dossier), "rounds_live": live_rounds(dossier), "marked": marked_rows(dossier),
    }  # fmt: skip


def opening_of(history: Sequence[Entry], found: RoundView) -> Entry | None:
    """The register's record of the opening whose bids this round compares: its own, or an earlier one's."""
    entries = [one for one in history if one.kind == "bids.opened" and one.data["round_no"] <= found.no]
    return entries[-1] if entries and found.opened_at is not None else None


def unreadable_proposals(history: Sequence[Entry], opening: Entry | None) -> list[tuple[str, str]]:
    """Whose proposal nobody can read, and why, as the register told it with the opening: (name, reason)."""
    told = [one for one in history if one.kind == "proposals.opened"]
    if opening is None or not told:
        return []
    names = {one["code"]: one["name"] for one in opening.data["entrants"]}
    faults = [(one["code"], PROPOSAL_FAULTS.get(one["fault"], "")) for one in told[-1].data["proposals"]]
    return [(names.get(code, code), translate(fault)) for code, fault in faults if fault]


def opened_rows(dossier: SelectionDossier | None, entry: Entry | None, quote: str) -> list[OpenedRow]:
    """All opened bids by code, those that do not count too. `entry`: the register's record of the opening."""
    recorded = {one["code"]: one for one in entry.data["bids"]} if entry else {}
    if dossier is None:
        names = {one["code"]: one["name"] for one in entry.data["entrants"]} if entry else {}
        return [_recorded(names, one, quote) for one in recorded.values()]
    rejected = {one["code"]: one["fault"] for one in dossier.decision["rejected"]}
    names = dossier.names
    hashes = {one.code: one.sealed_sha256 or "" for one in dossier.pool.entrants}
    return [
        OpenedRow(
            bid.code, names[bid.code], quoted_text(bid.quoted, dossier.terms["quote"]),
            _reason(bid.fault or rejected.get(bid.code)), hashes[bid.code],
            recorded[bid.code]["entry"] if bid.code in recorded else None,
        )
        for bid in dossier.bids
    ]  # fmt: skip


def _recorded(names: Mapping[str, str], one: Mapping[str, Any], quote: str) -> OpenedRow:
    return OpenedRow(
        one["code"], names.get(one["code"], ""), quoted_text(one["quoted"], quote), _reason(one["fault"]),
        one["ciphertext_sha256"], one["entry"],
    )  # fmt: skip


def _reason(fault: str | None) -> str:
    return translate(FAULTS.get(fault, fault)) if fault else ""


def without_bid(dossier: SelectionDossier) -> list[tuple[str, str]]:
    """Members of the pool that do not count and left no sealed bid: (name, reason)."""
    sealed, names = {bid.code for bid in dossier.bids}, dossier.names
    return [
        (names[one["code"]], translate(NO_BID) if one["quoted"] is None else _reason(one["fault"]))
        for one in dossier.decision["rejected"]
        if one["code"] not in sealed
    ]


def quoted_text(quoted: int | None, quote: str) -> str:
    """A price as money, a discount as a percentage, nothing as "—"."""
    if quoted is None:
        return "—"
    return money(quoted) if quote == Quote.PRICE else share_text(quoted)


def result_rows(dossier: SelectionDossier) -> list[ResultRow]:
    names = dossier.names
    return [
        ResultRow(
            line["code"], names[line["code"]], quoted_text(line["quoted"], dossier.terms["quote"]),
            line["price_fen"], translate(NOTES.get(line["note"], line["note"])) if NOTES.get(line["note"], "x") else "",
            line["distance_fen"], _points(line.get("points")), line["code"] == dossier.winner,
        )
        for line in dossier.decision["entries"]
    ]  # fmt: skip


def _points(points: Mapping[str, int] | None) -> Mapping[str, str] | None:
    return {name: points_text(value) for name, value in points.items()} if points else None


def points_text(value: int) -> str:
    """Ten-thousandths of a point as people read them: 85.5."""
    return f"{value // 10_000}.{value % 10_000:04d}".rstrip("0").rstrip(".")


def figure_rows(dossier: SelectionDossier) -> list[FigureRow]:
    """Every figure of the decision with how it came about."""
    figures = {one["name"]: one for one in dossier.decision["figures"]}
    facts = _facts(dossier, figures)
    rows = []
    for name, one in figures.items():
        label, how = FIGURES.get(name, (name, ""))
        told = translate(how, **facts) if how else ""
        rows.append(FigureRow(name, translate(label), told, _value(one), one["value"], one["unit"]))
    return rows


def _facts(dossier: SelectionDossier, figures: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What the explanations of figures name. The bids that count are all valid ones where none is left out."""
    counted = figures.get("counted_bids") or figures.get("valid_bids")
    shares = dossier.terms["numbers"]["base_shares"]
    return {
        "total": _value(figures["total"]) if "total" in figures else "",
        "count": _value(counted) if counted else "",
        "share": _value(figures["base_share"]) if "base_share" in figures else "",
        "shares": " / ".join(map(share_text, shares)),
    }


def _value(figure: Mapping[str, Any]) -> str:
    if figure["unit"] == "fen":
        return money(figure["value"])
    return share_text(figure["value"]) if figure["unit"] == "basis_points" else str(figure["value"])


def lot_rows(dossier: SelectionDossier) -> list[LotRow]:
    """Every lot in the order in which it was drawn. Entrants are agencies, or values of the base share."""
    return [_lot(dossier, lot) for lot in dossier.decision["lots"]]


def _lot(dossier: SelectionDossier, lot: Mapping[str, Any]) -> LotRow:
    purpose = lot["input"]["purpose"].removesuffix(f"-{dossier.terms['no']}")
    named = dossier.names if purpose != "base-price" else {}
    places = [
        (named.get(one["code"]) or share_text(int(one["code"])), one["score"], one["code"] in lot["winners"])
        for one in lot["order"]
    ]
    return LotRow(translate(LOTS.get(purpose, purpose)), purpose, places)


def live_rounds(dossier: SelectionDossier) -> list[LiveRound]:
    """The rounds of live bidding, bids in the order of their arrival; none for other methods."""
    rounds = (dossier.evidence or {}).get("rounds", [])
    return [
        LiveRound(
            one["no"], datetime.fromisoformat(one["starts_at"]), datetime.fromisoformat(one["ends_at"]),
            [_live_bid(dossier, bid) for bid in one["bids"]],
        )
        for one in rounds
    ]  # fmt: skip


def _live_bid(dossier: SelectionDossier, bid: Mapping[str, Any]) -> tuple[str, str, datetime, str | None]:
    amount = quoted_text(bid["quoted"], dossier.terms["quote"])
    return dossier.names[bid["code"]], amount, datetime.fromisoformat(bid["at"]), bid.get("entry")


def marked_rows(dossier: SelectionDossier) -> list[MarkedRow]:
    """Every expert's marks, agency by agency; none for other methods."""
    evidence = dossier.evidence or {}
    criteria = {one["no"]: one["name"] for one in dossier.terms.get("merit", {}).get("criteria", [])}
    marks = evidence.get("marks", [])
    return [
        MarkedRow(code, dossier.names[code], credit, [
            (one["expert"], criteria[one["criterion"]], one["mark"], one.get("reason") or "")
            for one in marks if one["agency"] == code
        ])
        for code, credit in evidence.get("credit", {}).items()
    ]  # fmt: skip
