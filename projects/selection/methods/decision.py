"""What a method found: the winner with every intermediate number, so that a page can show the whole reckoning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from projects.selection.draw import DrawInput, DrawOutcome, Entrant, draw
from projects.selection.methods.terms import Terms


class Fault(StrEnum):
    """Why an entry does not count although it opened."""

    NO_AMOUNT = "no_amount"
    ABOVE_CEILING = "above_ceiling"
    BELOW_FLOOR = "below_floor"
    DISCOUNT_TOO_SMALL = "discount_too_small"
    DISCOUNT_TOO_LARGE = "discount_too_large"


class Failure(StrEnum):
    TOO_FEW = "too_few"


class Unit(StrEnum):
    FEN = "fen"
    BASIS_POINTS = "basis_points"
    COUNT = "count"


class Note(StrEnum):
    """What became of a valid entry on the way to the result."""

    COUNTED = "counted"
    DROPPED_LOWEST = "dropped_lowest"
    DROPPED_HIGHEST = "dropped_highest"
    SHORTLISTED = "shortlisted"
    NOT_SHORTLISTED = "not_shortlisted"
    RESERVE_INVALID = "reserve_invalid"


@dataclass(frozen=True)
class Figure:
    """One step of the reckoning, in the order in which it was taken."""

    name: str
    value: int
    unit: Unit


@dataclass(frozen=True)
class Points:
    """What a valid entry earned in a merit selection, in ten-thousandths of a point: 1,000,000 is all there is. Each
    is rounded by itself from the exact value; `total` decides and need not be the sum of the others."""

    criteria: int
    price: int
    credit: int
    total: int


@dataclass(frozen=True)
class Line:
    """A valid entry in the reckoning, cheapest first. `distance_fen` is how far it lies from the reference price,
    `points` what it earned where merit is weighed."""

    code: str
    quoted: int | None
    price_fen: int
    note: Note = Note.COUNTED
    distance_fen: int | None = None
    points: Points | None = None

    def members(self) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "code": self.code, "quoted": self.quoted, "price_fen": self.price_fen, "note": str(self.note),
            "distance_fen": self.distance_fen,
        }  # fmt: skip
        return plain | {"points": asdict(self.points)} if self.points else plain


@dataclass(frozen=True)
class Rejected:
    """An entry that does not count."""

    code: str
    quoted: int | None
    fault: Fault


@dataclass(frozen=True)
class Lot:
    """A draw within a method: what for, among whom, with which result."""

    given: DrawInput
    outcome: DrawOutcome

    @property
    def winners(self) -> list[str]:
        return self.outcome.winners

    def members(self) -> dict[str, Any]:
        scores = self.outcome.score_of()
        return {
            "input": self.given.members(),
            "seed": self.outcome.seed.hex(),
            "order": [{"code": code, "score": scores[code].hex()} for code in self.outcome.order],
            "winners": self.outcome.winners,
        }


@dataclass(frozen=True)
class Decision:
    """At most one winner with the contract's price; without one, why there is none."""

    method: str
    lines: tuple[Line, ...]
    rejected: tuple[Rejected, ...] = ()
    figures: tuple[Figure, ...] = ()
    lots: tuple[Lot, ...] = ()
    winner: str | None = None
    price_fen: int | None = None
    failure: Failure | None = None

    def figure(self, name: str) -> int:
        return next(figure.value for figure in self.figures if figure.name == name)

    def members(self) -> dict[str, Any]:
        """Plain data for a dossier, a page or an API."""
        return {
            "method": self.method,
            "winner": self.winner,
            "price_fen": self.price_fen,
            "failure": self.failure and str(self.failure),
            "entries": [line.members() for line in self.lines],
            "rejected": [{"code": out.code, "quoted": out.quoted, "fault": str(out.fault)} for out in self.rejected],
            "figures": [{"name": one.name, "value": one.value, "unit": str(one.unit)} for one in self.figures],
            "lots": [lot.members() for lot in self.lots],
        }  # fmt: skip


def lot(terms: Terms, purpose: str, entrants: Iterable[Entrant], randomness: bytes, *, winners: int = 1) -> Lot:
    """Draw for a named purpose. A further selection round of the project numbers its purposes, as awards do."""
    named = purpose if terms.no == 1 else f"{purpose}-{terms.no}"
    given = DrawInput(terms.chain, tuple(entrants), terms.project, named, terms.round, winners)
    return Lot(given, draw(given, randomness))
