"""`python -m market verify FILE`: check a draw or a selection without trusting the market that ran it."""

import json
import sys
from pathlib import Path
from typing import Final

import click

from projects.selection.dossiers.report import Report, Status
from projects.selection.dossiers.verification import verify

_MARKS: Final = {Status.OK: ("✓", "green"), Status.CAUTION: ("!", "yellow"), Status.FAILED: ("✗", "red")}
_LARGEST: Final = 512 * 1024 * 1024


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--chain", metavar="HASH", help="Accept only a beacon with this chain hash.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify_command(file: Path, chain: str | None, as_json: bool) -> None:
    """Check a dossier: every hash, the beacon's signature, every bid, every figure and ticket, and the winner.

    FILE is the dossier as downloaded ("-" reads standard input). Needs no database, settings or network.
    Exits with 0 if everything holds, 1 if anything does not, 2 if the file cannot be read.
    """
    try:
        data = sys.stdin.buffer.read(_LARGEST + 1) if str(file) == "-" else _contents(file)
    except (OSError, ValueError) as error:
        click.echo(f"cannot read {file}: {error}", err=True)
        sys.exit(2)
    report = verify(data, expected_chain=chain.lower() if chain else None)
    click.echo(json.dumps(report.members(), ensure_ascii=False, indent=2) if as_json else _plain(report))
    sys.exit(0 if report.ok else 1)


def _contents(file: Path) -> bytes:
    if file.stat().st_size > _LARGEST:
        raise ValueError("no dossier is that large")
    return file.read_bytes()


def _plain(report: Report) -> str:
    lines = []
    for check in report.checks:
        mark, colour = _MARKS[check.status]
        lines.append(f"{click.style(mark, fg=colour)} {check.what}\n    {check.detail}")
    return "\n".join([*lines, "", _verdict(report)])


def _verdict(report: Report) -> str:
    if not report.ok:
        return click.style(f"REFUSED: {len(report.failures)} of {len(report.checks)} checks failed.", fg="red")
    found = report.dossier
    assert found is not None
    selected = [f"{found.names.get(code, '?')} ({code})" for code in found.winners]
    result = ", ".join(selected) or "nobody was selected"
    return click.style(f"VERIFIED: project {found.project}, {found.purpose}: {result}.", fg="green")
