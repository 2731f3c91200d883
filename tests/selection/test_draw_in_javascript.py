"""The browser's recomputation agrees with ours on whatever pool it is given, and refuses what we refuse."""

import hashlib
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from projects.selection.dossiers.draw_dossier import build
from tests.selection.conftest import DEADLINE, selection

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node, as the front end's build does")


def in_javascript(dossiers: list[str], folder: Path) -> list[dict[str, Any]]:
    """Runs the browser's own module under Node; a package.json makes Node read it as a module."""
    shutil.copytree(ROOT / "frontend" / "js" / "draw", folder / "js" / "draw")
    (folder / "package.json").write_text('{"type":"module"}')
    shutil.copy(Path(__file__).with_name("recompute_all.mjs"), folder / "recompute_all.mjs")
    (folder / "dossiers.json").write_text(json.dumps(dossiers), "utf8")
    command = [str(NODE), "recompute_all.mjs", "dossiers.json"]
    printed = subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True).stdout
    found: list[dict[str, Any]] = json.loads(printed)
    return found


def some_dossier(chance: random.Random) -> str:
    alphabet = "ABCXYZabcxyz0123456789-._%"
    pool = {
        "".join(chance.choices(alphabet, k=chance.randint(1, 18))): chance.choice([1, 1, 1, 2, 5])
        for _ in range(chance.randint(1, 12))
    }
    project = "".join(chance.choices("DEMO-2026项目αé😀\\\"/'<&", k=chance.randint(1, 12)))
    deadline = DEADLINE + timedelta(microseconds=chance.randint(0, 10**13))
    return build(selection(pool, project=project, deadline=deadline)).decode()


def test_two_hundred_draws_agree(tmp_path: Path) -> None:
    chance = random.Random(20261121)
    dossiers = [some_dossier(chance) for _ in range(200)]
    for text, found in zip(dossiers, in_javascript(dossiers, tmp_path), strict=True):
        published = json.loads(text)
        assert all(found["claims"].values()), found["claims"]
        computed = found["computed"]
        assert computed.pop("randomness") == published["beacon"]["randomness"]
        assert computed == {name: published[name] for name in computed}


def altered(change: Callable[[Any], object]) -> str:
    """A forger's dossier: one claim changed, the digest made to fit."""
    members = json.loads(build(selection()))
    change(members)
    members.pop("digest")
    digest = hashlib.sha256(rfc8785.dumps(members)).hexdigest()
    return rfc8785.dumps({**members, "digest": digest}).decode()


ZEROS = "00" * 32


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        (lambda d: d.update(winners=[d["order"][1]["code"]]), {"winners"}),
        (lambda d: d["order"].reverse(), {"order"}),
        (lambda d: d["tickets"][0].update(value=ZEROS), {"tickets"}),
        (lambda d: d.update(seed=ZEROS), {"seed"}),
        (lambda d: d["beacon"].update(randomness=ZEROS), {"randomness"}),
        (lambda d: d["pool"].update(hash=ZEROS), {"input-hash"}),
        (lambda d: d["pool"]["entrants"].pop(), {"input"}),
        (lambda d: d.update(purpose="tie"), {"input"}),
        (lambda d: d["commitment"].update(deadline="2026-11-20T09:00:03.000000Z"), {"round"}),
        (lambda d: d["commitment"]["chain"].update(beacon_id="quicknet"), {"chain-hash"}),
        (lambda d: d["commitment"]["chain"].update(period=30), {"chain-hash", "round"}),
    ],
)
def test_what_differs_is_named(tmp_path: Path, change: Callable[[Any], object], differing: set[str]) -> None:
    (found,) = in_javascript([altered(change)], tmp_path)
    assert {name for name, ok in found["claims"].items() if not ok} == differing


def test_a_changed_signature_changes_everything_after_it(tmp_path: Path) -> None:
    (found,) = in_javascript([altered(lambda d: d["beacon"].update(signature="00" * 48))], tmp_path)
    assert {"randomness", "seed", "tickets"} <= {name for name, ok in found["claims"].items() if not ok}


def test_only_the_canonical_spelling_is_read(tmp_path: Path) -> None:
    text = build(selection()).decode()
    spellings = [
        text + "\n",
        text.replace('":"', '": "', 1),
        text.replace("机", "\\u673a", 1),
        text.replace('"winners":1}', '"winners":1.0}', 1),
        text.replace('{"beacon"', '{"beacon":{},"beacon"', 1),
        "\ufeff" + text,
        text.replace('"winners":1}', '"winners":1.5}', 1),
        text.replace('"winners":1}', '"winners":null}', 1),
    ]
    assert all("refused" in found for found in in_javascript(spellings, tmp_path))


def test_without_the_right_digest_it_differs(tmp_path: Path) -> None:
    text = build(selection()).decode()
    (found,) = in_javascript([text.replace("丁测绘", "丙测绘")], tmp_path)
    assert {name for name, ok in found["claims"].items() if not ok} == {"digest"}
