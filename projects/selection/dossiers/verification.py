"""Any published dossier: reading it, and checking every claim it makes. Needs no database, settings or network."""

from __future__ import annotations

import json
from typing import Any, Final

from projects.selection.dossiers import draw_checks, draw_format, selection_checks, selection_format
from projects.selection.dossiers.draw_format import Dossier
from projects.selection.dossiers.report import Report
from projects.selection.dossiers.selection_format import SelectionDossier

_VERIFIERS: Final = {draw_format.FORMAT: draw_checks.verify, selection_format.FORMAT: selection_checks.verify}


def read(data: bytes) -> Dossier | SelectionDossier:
    """A dossier of whichever format. Raises DossierInvalid."""
    if _format_of(data) == selection_format.FORMAT:
        return selection_format.parse(data)
    return draw_format.parse(data)


def verify(data: bytes, expected_chain: str | None = None) -> Report:
    """All checks of a dossier of whichever format. `expected_chain`: the only chain hash the reader trusts."""
    return _VERIFIERS.get(_format_of(data), draw_checks.verify)(data, expected_chain)


def _format_of(data: bytes) -> Any:
    """What the file calls itself; its own parser judges the rest of it."""
    try:
        members = json.loads(data)
    except (ValueError, RecursionError):
        return None
    found = members.get("format") if isinstance(members, dict) else None
    return found if isinstance(found, str) else None
