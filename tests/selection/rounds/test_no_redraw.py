"""Nobody can ask for another draw: a further round exists only for a cause that the law knows and the register names."""

from __future__ import annotations

import re
from pathlib import Path

import app
from projects.selection.rounds.rules import FURTHER, Cause

ROOT = Path(__file__).parents[3]
# Whoever begins a further round, and for which recorded cause.
CALLERS = {
    "projects/complaints/remedies.py": {Cause.COMPLAINT_UPHELD},
    "projects/contracts/actions/barring.py": {Cause.WINNER_BARRED},
    "projects/contracts/actions/ending.py": {Cause.WINNER_REFUSED, Cause.SIGNING_LAPSED},
    "projects/selection/rounds/actions/decisions.py": {Cause.WINNER_REFUSED},
    "projects/selection/objections/actions.py": {Cause.OBJECTION_UPHELD},
}
_CALL = re.compile(r"\bawait (?:redraw|reopen)\(")
_CAUSE = re.compile(r"cause=(?:Cause\.([A-Z_]+)|\"([a-z_]+)\")")


def calls() -> dict[str, set[Cause]]:
    found = {}
    for path in sorted((ROOT / "projects").rglob("*.py")) + sorted((ROOT / "ratings").rglob("*.py")):
        text = path.read_text("utf-8")
        if _CALL.search(text):
            named = {Cause[one] if one else Cause(other) for one, other in _CAUSE.findall(text)}
            found[str(path.relative_to(ROOT))] = named & FURTHER
    return found


def test_no_route_asks_for_a_draw() -> None:
    paths = {path for route in app.ROUTES for path in getattr(route, "paths", ())}
    assert len(paths) > 100
    assert [path for path in paths if re.search("redraw|re-draw|draw-again|reselect|repeat", path)] == []
    forms = [one.read_text("utf-8") for one in (ROOT / "templates").rglob("*.html")]
    assert [text for text in forms if re.search(r'action="[^"]*(redraw|draw-again|reselect)', text)] == []


def test_every_further_round_has_a_cause_that_is_recorded() -> None:
    assert calls() == CALLERS


def test_no_route_reaches_a_further_round_but_through_a_decision() -> None:
    """Handlers call acts with a legal effect of their own (answer, decide, refuse), never a draw."""
    for path in (ROOT / "projects").rglob("routes*/**/*.py"):
        assert not re.search(r"\b(redraw|reopen|commit_round)\b", path.read_text("utf-8")), path
    for path in (ROOT / "projects").rglob("routes.py"):
        assert not re.search(r"\b(redraw|reopen|commit_round)\b", path.read_text("utf-8")), path
