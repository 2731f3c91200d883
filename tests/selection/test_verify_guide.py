"""What docs/verify.md and the result page tell people to type works, on a real dossier."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from projects.selection.dossier import build, parse

from .conftest import selection

ROOT = Path(__file__).parents[2]
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


def test_the_guide_lists_every_check() -> None:
    from projects.selection.checks import verify

    guide = (ROOT / "docs" / "verify.md").read_text("utf8")
    table = {name for row in re.findall(r"^\| ([a-z, -]+) \|", guide, re.M) for name in row.split(", ")}
    assert table - {"check"} == {check.name for check in verify(build(selection())).checks}
