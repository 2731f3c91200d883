"""What the verifier refuses the browser refuses too, and nothing else: forged files, one member changed in each."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from projects.selection.dossiers.verification import verify
from tests.selection.browser_modules import READY, recompute_selections
from tests.selection.dossiers.tampering import another, leaves, resealed
from tests.selection.dossiers.test_selection_dossier import ALL, changed_at, members

pytestmark = pytest.mark.skipif(not READY, reason="needs Node and the front end's packages, as its build does")
FORGERIES = 10  # of each method, spread over its members


def holds(found: dict[str, Any]) -> bool:
    return "claims" in found and all(found["claims"].values())


def test_both_refuse_the_same_forgeries(tmp_path: Path) -> None:
    chance = random.Random(20261124)
    forged = []
    for method in ALL:
        paths = [path for path in leaves(members(method)) if path != ("digest",)]
        forged += [
            (path, resealed(changed_at(method, path, another)))
            for path in chance.sample(paths, min(len(paths), FORGERIES))
        ]
    found = recompute_selections([(data.decode(), True) for _, data in forged], tmp_path)
    for (path, data), theirs in zip(forged, found, strict=True):
        assert holds(theirs) == verify(data).ok, (path, theirs.get("claims", theirs), verify(data).failures)
