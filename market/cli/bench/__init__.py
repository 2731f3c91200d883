"""`python -m market bench NAME`: speed as a ratio to a floor measured in the same run."""

from __future__ import annotations

import click


@click.group()
def bench() -> None:
    """Measure speed, always as a ratio to a floor measured in the same run on the same machine."""
