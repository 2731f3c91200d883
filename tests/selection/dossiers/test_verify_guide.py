"""What docs/verify.md and the result page tell people to type works, on a real dossier."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from projects.selection.bids.opening import SealedEntry
from projects.selection.dossiers.draw_dossier import build, parse
from projects.selection.dossiers.selection_dossier import build as build_selection
from projects.selection.dossiers.selection_dossier import parse as parse_selection
from projects.selection.dossiers.verification import verify
from tests.selection.conftest import selection
from tests.selection.dossiers.test_selection_dossier import QUOTED, published
from tests.selection.selections import CODES, facts, nonce_of

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "jq", "openssl", "xxd"))), reason="needs bash, jq, openssl and xxd"
)


def lines_in(path: str) -> str:
    found = re.search(r"R=\$\(jq.*\nS=.*\nprintf .*hexkey:\$S", (ROOT / path).read_text("utf8"))
    assert found
    return found.group()


@pytest.mark.parametrize("path", ["docs/verify.md", "templates/projects/_draw_check.html"])
def test_three_lines_give_the_first_ticket(path: str, tmp_path: Path) -> None:
    data = build(selection())
    (tmp_path / "dossier.json").write_bytes(data)
    script = f"{lines_in(path)}\necho $R $S"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    dossier = parse(data)
    first = next(ticket for ticket in dossier.tickets if ticket.code == "91000000MA0DEM00AB")
    printed = done.stdout.split()
    assert [printed[-3], *printed[-2:]] == [first.value, dossier.beacon.randomness, dossier.seed]


def code_after(heading: str, place: int = 0) -> str:
    """A block of code of the guide: the first, or a later one, after a heading or a sentence."""
    guide = (ROOT / "docs" / "verify.md").read_text("utf8")
    blocks = re.findall(r"```(?:python)?\n(.*?)```", guide[guide.index(heading) :], re.S)
    found: str = blocks[place]
    return found


def printed_by(script: str, folder: Path, dossier: bytes) -> list[str]:
    (folder / "dossier.json").write_bytes(dossier)
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True).stdout.split()


@pytest.mark.parametrize("method", ["best_price", "multi_round", "direct"])
def test_the_hash_of_a_frozen_list_by_hand(method: str, tmp_path: Path) -> None:
    script = code_after("### By hand, with openssl and jq")
    assert printed_by(script, tmp_path, published(method)) == [parse_selection(published(method)).pool.hash]


def test_the_hashes_of_sealed_files_by_hand(tmp_path: Path) -> None:
    found = parse_selection(published("best_price"))
    script = code_after("### By hand, with openssl and jq", 1)
    assert printed_by(script, tmp_path, published("best_price")) == [one.sealed_sha256 for one in found.pool.entrants]


def test_a_lot_by_hand(tmp_path: Path) -> None:
    lot = parse_selection(published("best_price")).decision["lots"][0]
    script = code_after("### By hand, with openssl and jq", 2)
    scores = {one["code"]: one["score"] for one in lot["order"]}
    codes = [one["code"] for one in lot["input"]["entrants"]]
    assert printed_by(script, tmp_path, published("best_price")) == [scores[code] for code in codes]


def test_the_program_of_the_guide_opens_bids(tmp_path: Path) -> None:
    """Nothing of ours: two packages from the index, and what stands in the guide."""
    (tmp_path / "open_bids.py").write_text(code_after("### Opening the bids with a program of your own"), "utf8")
    data = build_selection(facts("lowest_price", QUOTED, bids=[SealedEntry(CODES[9], nonce_of(CODES[9]), "no file")]))
    (tmp_path / "dossier.json").write_bytes(data)
    command = [sys.executable, "-I", "open_bids.py", "dossier.json"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    expected = [f"{code} {code} DEMO-0001 {amount // 100}.{amount % 100:02d}" for code, amount in QUOTED.items()]
    assert printed.splitlines() == [*expected, f"{CODES[9]} does not open"]


def test_the_guide_lists_every_check() -> None:
    guide = (ROOT / "docs" / "verify.md").read_text("utf8")
    table = {name for row in re.findall(r"^\| ([a-z, -]+) \|", guide, re.M) for name in row.split(", ")}
    made = [published("best_price"), published("direct"), build(selection())]
    assert table - {"check"} == {check.name for data in made for check in verify(data).checks}
