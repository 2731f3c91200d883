"""A stage follows from dated facts: the first that holds decides, in an order in which an end stands before what it ended."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

Stage = TypeVar("Stage")


def first_that_holds(*facts: tuple[datetime | None, Stage], otherwise: Stage) -> Stage:
    """`facts`: when something happened and the stage that follows from it; None where it did not happen, or does not
    hold any more."""
    return next((stage for moment, stage in facts if moment is not None), otherwise)
