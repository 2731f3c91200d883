"""Closed lists of values, as the description of the interface names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta


def enumerated(values: Iterable[Any], description: str = "") -> Any:
    """A text of which the interface's description names every possible value. Whether a value is allowed at a place, the
    form decides, in words for people."""
    return Annotated[
        str, Meta(extra_json_schema={"enum": [str(value) for value in values]}, description=description or None)
    ]
