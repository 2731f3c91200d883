"""What a bench shows while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import progress as bars
from rich.console import Console
from rich.table import Table

from market.cli.bench.harness import Measurement, Part


class Progress:
    """Bars on standard error, so that `--json` may be piped; none where nobody watches."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)

    @contextmanager
    def counting(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Yields the function to call after each of `total` steps."""
        with self.measuring(what, total) as advance:
            yield lambda: advance(1)

    @contextmanager
    def measuring(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """The same where a step may be many of them."""
        columns = (
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
        )
        with bars.Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        ) as shown:
            task = shown.add_task(what, total=total)
            yield lambda by: shown.advance(task, by)


def table_of(measured: Sequence[Measurement]) -> Table:
    table = Table(title="Speed as a share of the floor measured in the same run")
    table.add_column("bench")
    for heading in ("value", "floor", "unit", "ratio", "aim"):
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    for one in measured:
        for part in one.parts:
            name = one.name if len(one.parts) == 1 else f"{one.name}: {part.name}"
            colour = _colour(part, one.aim)
            table.add_row(
                name,
                f"{part.value:,.0f}",
                f"{part.floor:,.0f}",
                part.unit or one.unit,
                f"[{colour}]{part.ratio:.2f}[/]",
                f"≥ {one.aim}" if part.counts else f"< {part.limit:,.0f}" if part.limit is not None else "",
            )
    return table


def _colour(part: Part, aim: float) -> str:
    if part.counts:
        return "green" if part.ratio >= aim else "red"
    if part.limit is None:
        return "default"
    return "green" if part.kept else "red"
