"""The page that explains every method, in the page's language."""

from __future__ import annotations

from typing import Any

from market.catalogue.rules import Rulebook
from market.kernel.i18n import N_, translate
from market.web.display import money
from projects.page.examples import Example, example_of
from projects.posting.views.method import method_cards
from projects.selection.methods import METHODS
from projects.selection.methods.best_price import share_text
from projects.selection.methods.decision import Figure, Line, Unit
from projects.selection.methods.terms import BiddingTerms, Entry, numbers_of
from projects.selection.rounds.reckoning import FIGURES, NOTES, points_text


def methods_explained(rulebook: Rulebook) -> list[dict[str, Any]]:
    """Every method with its sentence, what an owner states, what can be checked, and a worked example."""
    bidding = BiddingTerms(rulebook.integer("selection.rounds.count"), rulebook.integer("selection.rounds.minutes"))
    return [
        {**card, "checkable": _checkable(card),
         "example": _shown(example_of(METHODS[card["value"]], numbers_of(rulebook), bidding))}
        for card in method_cards({}, rulebook)
    ]  # fmt: skip


def _checkable(card: dict[str, Any]) -> str:
    method = METHODS[card["value"]]
    return translate(method.checkable)


def _shown(example: Example | None) -> dict[str, Any] | None:
    if example is None:
        return None
    decision, entries = example.decision, {entry.code: entry for entry in example.entries}
    return {
        "rows": [_row(line, entries[line.code], won=line.code == decision.winner) for line in decision.lines],
        "figures": [_figure(one) for one in decision.figures], "winner": _name(decision.winner or ""),
        "price": money(decision.price_fen) if decision.price_fen else "", "scored": any(one.points for one in decision.lines),
        "live": any(entry.live or entry.reserve for entry in example.entries),
        "distances": any(one.distance_fen is not None for one in decision.lines), "lots": len(decision.lots),
        "priced": example.terms.limits is not None,
    }  # fmt: skip


def _row(line: Line, entry: Entry, *, won: bool) -> dict[str, Any]:
    return {
        "name": _name(line.code), "price": money(line.price_fen), "won": won, "points": _points(line),
        "note": translate(NOTES[line.note]) if NOTES.get(line.note) else "",
        "distance": "" if line.distance_fen is None else money(line.distance_fen),
        "live": " → ".join(money(fen) for fen in entry.live) or "—", "reserve": money(entry.reserve) if entry.reserve else "—",
    }  # fmt: skip


def _points(line: Line) -> dict[str, str]:
    if line.points is None:
        return {}
    parts = ("criteria", "price", "credit", "total")
    return {name: points_text(getattr(line.points, name)) for name in parts}


def _figure(one: Figure) -> tuple[str, str]:
    label, _ = FIGURES.get(one.name, (one.name, ""))
    if one.unit is Unit.FEN:
        return translate(label), money(one.value)
    return translate(label), share_text(one.value) if one.unit is Unit.BASIS_POINTS else str(one.value)


def _name(code: str) -> str:
    return translate(N_("Agency {letter}"), letter=code)
