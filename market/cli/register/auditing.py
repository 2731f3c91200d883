"""Running the audit and saying what it found."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app import assembled
from market.cli.audit import CHECKS, audit_market
from market.cli.environment import database_or_exit, settings_or_exit
from market.register.audit import Finding, size_of_log

COLOURS = {"altered": "red", "missing": "magenta", "extra": "yellow"}


async def run_audit(seen: Sequence[str], *, as_json: bool) -> int:
    settings = settings_or_exit()
    async with assembled(settings, database_or_exit(settings).dsn):
        size = await size_of_log()
        found = await _audit(seen, size)
    if as_json:
        click.echo(
            json.dumps(
                {"size": size, "checkpoints": len(seen), "findings": [one.members() for one in found]},
                ensure_ascii=False,
            )
        )
    else:
        _show(found, size)
    return 1 if found else 0


async def _audit(seen: Sequence[str], size: int) -> list[Finding]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        leaves = shown.add_task("the log, leaf by leaf", total=size)
        checks = shown.add_task("acts against tables", total=len(CHECKS))
        return await audit_market(
            seen=seen, leaf=lambda done: shown.update(leaves, completed=done), check=lambda: shown.advance(checks)
        )


def _show(found: Sequence[Finding], size: int) -> None:
    if not found:
        click.secho(
            f"Nothing is altered, missing or extra: {size:,} entries and everything that rests on them.", fg="green"
        )
        return
    table = Table(title=f"{len(found):,} findings", title_justify="left")
    for heading in ("", "table", "row", "what is wrong", "entry"):
        table.add_column(heading, overflow="fold")
    for one in found:
        table.add_row(f"[{COLOURS[one.kind]}]{one.kind}[/]", one.table, one.key, one.detail, str(one.entry_id or ""))
    Console().print(table)
