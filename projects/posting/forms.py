"""From what a browser sent to the answers that a draft keeps."""

from __future__ import annotations

from typing import Any, Final

from litestar.datastructures import FormMultiDict

from projects.posting.answers import LABELS, MOST_ITEMS, NEED, form_of, need_values, parse, values_of
from projects.posting.answers.method import METHOD_LISTS
from projects.posting.answers.milestones import MILESTONE_LISTS

LISTS: Final = ("service_items", "avoided_code", "avoided_reason", *METHOD_LISTS, *MILESTONE_LISTS)
SINGLE: Final = (frozenset(LABELS) | {"agency_search"}) - {
    "service_items", "requirements", "avoided", "invited", "criteria", "milestones", "documents", "reason",
}  # fmt: skip
_MOST_TEXT, MOST_NEEDS = 6000, 60


def drafted(form: FormMultiDict) -> dict[str, Any]:
    """What of a sent form a draft keeps, however unfinished: known names only, cut to a sane size."""
    kept: dict[str, Any] = {}
    for name, value in form.multi_items():
        if (
            isinstance(value, str)
            and (name in SINGLE or name.startswith(NEED))
            and len(kept) < MOST_NEEDS + len(SINGLE)
        ):
            kept[name[:120]] = value[:_MOST_TEXT]
    for name in LISTS:
        given = [value[:500] for value in form.getall(name, []) if isinstance(value, str)]
        kept[name] = given[:MOST_ITEMS]
    return kept


__all__ = ["LABELS", "drafted", "form_of", "need_values", "parse", "values_of"]
