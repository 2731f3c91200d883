"""What the columns of a table mean: a row becomes the form that one would have filled in on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar.datastructures import FormMultiDict

from market.api.examples import NOTICE
from market.kernel.i18n import N_, translate
from projects.posting.answers import LABELS
from projects.posting.forms import LISTS, SINGLE

NOTICES, SIGN_UPS = "notices", "sign_ups"
KINDS: Final = (NOTICES, SIGN_UPS)
NAMES: Final[Mapping[str, str]] = {NOTICES: N_("Notices"), SIGN_UPS: N_("Sign-ups")}
_SEPARATORS = re.compile(r"[;；\n]+")
_YES: Final = frozenset({"yes", "y", "true", "1", "on", "是"})
_FLAGS: Final = ("not_excluded", "agreed")
_OF_SIGN_UPS: Final[Mapping[str, str]] = {
    "project": N_("Project number"), "authorised_person": N_("Authorised person"), "practitioners": N_("Practitioners"),
    "agreed": N_("Notice read, wants to take part"),
}  # fmt: skip
_USUAL: Final = (
    "title", "method", "service_items", "service_mode", "region_code", "scale", "content", "service_days", "funding",
    "fiscal_percent", "estimate", "budget", "price", "ceiling", "floor", "requirement_mode", "needs", "practitioners_needed",
    "investment_code", "investment_name", "contact_name", "contact_phone", "complaint_phone", "sign_up_closes_at", "remarks",
    "not_excluded",
)  # fmt: skip
_EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    NOTICES: NOTICE,
    SIGN_UPS: {"project": "QD-2026-0001", "authorised_person": "赵明", "practitioners": "钱一；孙二", "agreed": True},
}


def columns_of(kind: str) -> tuple[str, ...]:
    """Of the template, in its order."""
    return _USUAL if kind == NOTICES else tuple(_OF_SIGN_UPS)


def known_columns(kind: str) -> frozenset[str]:
    return frozenset(SINGLE | set(LISTS) | {"needs"}) if kind == NOTICES else frozenset(_OF_SIGN_UPS)


def label_of(kind: str, name: str) -> str:
    """In the current language."""
    if kind == SIGN_UPS:
        return translate(_OF_SIGN_UPS[name]) if name in _OF_SIGN_UPS else name
    return translate(LABELS.get({"needs": "requirements"}.get(name, name), name))


def headings_of(kind: str) -> list[str]:
    return [f"{label_of(kind, name)} ({name})" for name in columns_of(kind)]


def example_of(kind: str) -> list[str]:
    return [_shown(_EXAMPLES[kind].get(name, "")) for name in columns_of(kind)]


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return "；".join(value)
        case dict():
            return "；".join(f"{name}{level}" for name, level in value.items())
        case _:
            return str(value)


def several(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def form_of_row(kind: str, cells: Mapping[str, str]) -> FormMultiDict:
    """As a browser would have sent it."""
    lists: Sequence[str] = LISTS if kind == NOTICES else ("practitioners",)
    pairs: list[tuple[str, str]] = []
    for name, text in cells.items():
        if name in lists:
            pairs += [(name, one) for one in several(text)]
        elif name == "needs":
            pairs += [_need(one) for one in several(text)]
        elif name in _FLAGS:
            pairs += [(name, "on")] if text.strip().lower() in _YES else []
        else:
            pairs.append((name, text))
    return FormMultiDict(pairs)


def _need(text: str) -> tuple[str, str]:
    """surveying-mapping:engineering=b -> need:surveying-mapping:engineering, =b"""
    name, equals, level = text.partition("=")
    return f"need:{name.strip()}", f"={level.strip()}" if equals else "no"
