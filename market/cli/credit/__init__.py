"""`python -m market credit …`: an agency's account as its page shows it, and a rulebook tried on history. Reads only."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

import click


@click.group()
def credit() -> None:
    """Credit of agencies, computed here and now from the register. Nothing is written."""


@credit.command()
@click.argument("code")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As of the end of this day (Beijing); default: now.")
@click.option("--json", "as_json", is_flag=True, help="The same data as /agencies/CODE/credit.json.")
@click.option("--language", type=click.Choice(["en", "zh_CN"]), default="en", show_default=True)
def explain(code: str, at: datetime | None, as_json: bool, language: str) -> None:
    """Print the credit statement of the agency with this credit code, as its page shows it, for any past day."""
    from market.cli.credit.printing import print_statement

    asyncio.run(print_statement(code, at.date().isoformat() if at else None, as_json=as_json, language=language))


@credit.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write who moves to this file."
)
@click.option("--json", "as_json", is_flag=True, help="Summary and everybody who moves as one JSON object.")
def trial(file: Path, csv_file: Path | None, as_json: bool) -> None:
    """Try the credit.*, tier.* and pause.* numbers of a rulebook FILE on the history: who would move, by how much.

    FILE is a whole rulebook, or only [[rule]] tables with key and value. All acts are charged as if its numbers had
    always held.
    """
    from market.cli.credit.printing import trial_json, trial_text, try_numbers
    from ratings.credit.trial import TrialInvalid, moves_csv, plain

    try:
        moves = asyncio.run(try_numbers(file.read_text(encoding="utf8")))
    except (TrialInvalid, UnicodeDecodeError) as problem:
        told = map(plain, problem.problems) if isinstance(problem, TrialInvalid) else [str(problem)]
        for one in told:
            click.secho(f"{file.name}: {one}", fg="red", err=True)
        sys.exit(2)
    if csv_file:
        csv_file.write_text("\ufeff" + moves_csv(moves), encoding="utf8")
    click.echo(trial_json(moves) if as_json else "\n".join(trial_text(moves)))
