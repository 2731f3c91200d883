"""What acts say is what the register says that they say: compared with the sources, wherever kind and facts stand in one call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from market.register.acts import NAMES
from market.register.facts import FACTS, facts_of

ROOT = Path(__file__).parents[2]
PACKAGES = ("market", "agencies", "projects", "ratings")


def recorded() -> Iterator[tuple[str, str, list[str], bool]]:
    """Place, kind, named members, and whether these are all."""
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        if "bench" in path.parts or "record" not in (source := path.read_text(encoding="utf-8")):
            continue
        for call in (one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call)):
            given = {word.arg: word.value for word in call.keywords}
            kind, data = call.args[0] if call.args else None, given.get("data")
            if not isinstance(call.func, ast.Name) or not call.func.id.lstrip("_").startswith("record"):
                continue
            if not isinstance(kind, ast.Constant) or kind.value not in NAMES or not isinstance(data, ast.Dict):
                continue
            names = [str(key.value) for key in data.keys if isinstance(key, ast.Constant)]
            yield f"{path.name}:{call.lineno}", str(kind.value), names, None not in data.keys


def test_every_kind_says_what_its_acts_say() -> None:
    assert set(FACTS) == set(NAMES)


def test_what_is_recorded_is_what_is_said() -> None:
    found = list(recorded())
    assert len({kind for _, kind, _, _ in found}) > 70
    wrong = []
    for place, kind, names, whole in found:
        members = facts_of(kind)
        wrong += [f"{place}: {kind} says {name}" for name in names if name not in members]
        if whole:
            wrong += [
                f"{place}: {kind} lacks {name}" for name, always in members.items() if always and name not in names
            ]
    assert wrong == []
