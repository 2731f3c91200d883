"""The record of a decision: what it followed from and what it found, as plain data that anybody can work out again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from projects.selection.methods import METHODS
from projects.selection.methods.offers import once
from projects.selection.methods.terms import Entry, Terms, plain_entry, plain_terms, terms_from

FORMAT: Final = "mingxuan-decision/1"


class RecordInvalid(ValueError):
    """The record is of no known form, or what it claims does not follow from what it publishes."""


def write(method: str, terms: Terms, entries: Iterable[Entry], randomness: bytes) -> dict[str, Any]:
    """Decide and write down everything, entries by code."""
    ordered = once(entries)
    decision = METHODS[method].run(terms, ordered, randomness)
    return {
        "format": FORMAT,
        "terms": plain_terms(terms),
        "entries": [plain_entry(entry) for entry in ordered],
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
