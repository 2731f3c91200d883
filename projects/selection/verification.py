"""Any published dossier: reading it, and checking every claim it makes. Needs no database, settings or network."""

from __future__ import annotations

import json
from typing import Any, Final

from projects.selection import checks, dossier_format, selection_checks, selection_dossier_format
from projects.selection.dossier_format import Dossier
from projects.selection.report import Report
from projects.selection.selection_dossier_format import SelectionDossier

_VERIFIERS: Final = {dossier_format.FORMAT: checks.verify, selection_dossier_format.FORMAT: selection_checks.verify}


def read(data: bytes) -> Dossier | SelectionDossier:
    """A dossier of whichever format. Raises DossierInvalid."""
    if _format_of(data) == selection_dossier_format.FORMAT:
        return selection_dossier_format.parse(data)
    return dossier_format.parse(data)


def verify(data: bytes, expected_chain: str | None = None) -> Report:
    """All checks of a dossier of whichever format. `expected_chain`: the only chain hash the reader trusts."""
    return _VERIFIERS.get(_format_of(data), checks.verify)(data, expected_chain)


def _format_of(data: bytes) -> Any:
    """What the file calls itself; its own parser judges the rest of it."""
    try:
        members = json.loads(data)
    except (ValueError, RecursionError):
        return None
    found = members.get("format") if isinstance(members, dict) else None
    return found if isinstance(found, str) else None
