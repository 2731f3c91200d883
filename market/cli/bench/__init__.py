"""`python -m market bench NAME`: speed as a ratio to a floor measured in the same run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

# name -> what it measures; each is a module here with `async def measure(runs, progress) -> Measurement`
BENCHES = {
    "bids": "Sealed bids of 2,000 agencies over HTTP with durable commit, against bare inserts of the same rows.",
    "contract": "Contracts typeset, signed by both sides and verified, against the bare libraries.",
    "credit": "All standings of 20,000 agencies from 1,000,000 credit events, against one plain sum over the same rows.",
    "draw": "Draw among 100,000 entrants, against a bare loop of the same HMACs.",
    "home": "The front page over HTTP: bytes, requests and time to the first byte, against a bare page.",
    "flags": "All red flags over 100,000 projects and 600,000 entries, against one scan of the same tables; one new result.",
    "opening": "Opening 500 sealed bids of one round, against one bare pairing each.",
    "pages": "Home, list with filter and project page at 10,000 projects, against a bare page of the same size.",
    "payments": "Notifies accepted and ledger postings of 16 clients, against bare RSA verification and bare inserts.",
    "register": "Appending 100,000 entries to the register, against their hashes and bare inserts; proofs at 1,000,000 leaves.",
    "start": "Starting `serve` with payments, and its memory, against the same without.",
    "search": "Searches by words, sounds and initials with filters, sort and facets over HTTP, against the engine's bare statement.",
    "signup": "Sign-ups of 16 clients with durable commit, against a bare insert of the same row.",
}
_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table."),
    click.option("--runs", type=click.IntRange(1, 100), default=7, show_default=True, help="Interleaved runs to take medians of."),
)  # fmt: skip
# Options of one bench alone: given to its `measure` by name.
_OWN_OPTIONS = {
    "search": (click.option("--sizes", type=click.IntRange(1_000, 1_000_000), multiple=True, help="Projects in the market; more than once for growth (default: 10000 and 100000)."),),
}  # fmt: skip


@click.group()
def bench() -> None:
    """Measure speed, always as a ratio to a floor measured in the same run on the same machine."""


async def _measure(names: Sequence[str], runs: int, own: Mapping[str, Any]) -> list[Any]:
    from market.cli.bench.progress import Progress

    progress = Progress()
    return [await import_module(f"market.cli.bench.{name}").measure(runs, progress, **own) for name in names]


def _event_loop() -> Any:
    """The one that the server uses: uvloop where there is one."""
    try:
        return import_module("uvloop").new_event_loop
    except ImportError:
        return None


def _run(names: Sequence[str], runs: int, own: Mapping[str, Any], *, as_json: bool) -> None:
    with asyncio.Runner(loop_factory=_event_loop()) as runner:
        measured = runner.run(_measure(names, runs, own))
    if as_json:
        for one in measured:
            click.echo(json.dumps(one.as_json()))
        return
    from rich.console import Console

    from market.cli.bench.progress import table_of

    Console().print(table_of(measured))


def _command(name: str, purpose: str, names: Sequence[str]) -> click.Command:
    def run(as_json: bool, runs: int, **own: Any) -> None:
        _run(names, runs, {name: value for name, value in own.items() if value}, as_json=as_json)

    for option in (*_OPTIONS, *_OWN_OPTIONS.get(name, ())):
        run = option(run)
    return click.command(name, help=purpose)(run)


for _name, _purpose in BENCHES.items():
    bench.add_command(_command(_name, _purpose, [_name]))
bench.add_command(_command("all", "Everything, one after the other; with --json one object a line.", list(BENCHES)))
