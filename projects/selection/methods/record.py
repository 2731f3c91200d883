"""The record of a decision: what it followed from and what it found, as plain data that anybody can work out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from projects.selection.methods import METHODS
from projects.selection.methods.offers import once
from projects.selection.methods.terms import Entry, Terms, terms_from

FORMAT: Final = "mingxuan-decision/1"


class RecordInvalid(ValueError):
    """The record is of no known form, or what it claims does not follow from what it publishes."""


def write(method: str, terms: Terms, entries: Iterable[Entry], randomness: bytes) -> dict[str, Any]:
    """Decide and write down everything, entries by code."""
    ordered = once(entries)
    decision = METHODS[method].run(terms, ordered, randomness)
    return {
        "format": FORMAT,
        "terms": _plain(asdict(terms)),
        "entries": [asdict(entry) for entry in ordered],
        "randomness": randomness.hex(),
        "decision": decision.members(),
    }


def check(members: dict[str, Any]) -> None:
    """Decide again from the published inputs. Raises RecordInvalid unless everything comes out the same."""
    try:
        terms = terms_from(members["terms"])
        entries = [Entry(**entry) for entry in members["entries"]]
        again = write(members["decision"]["method"], terms, entries, bytes.fromhex(members["randomness"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordInvalid(f"the record cannot be worked out: {error}") from error
    for name in {*again, *members}:
        if again.get(name) != members.get(name):
            raise RecordInvalid(f"{name} does not follow from what is published")


def _plain(members: dict[str, Any]) -> dict[str, Any]:
    """Without tuples and enumerations, so that a reader of JSON finds what was written."""
    numbers = {**members["numbers"], "base_shares": list(members["numbers"]["base_shares"])}
    return {**members, "quote": str(members["quote"]), "numbers": numbers}
