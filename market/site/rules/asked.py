"""What the address of a search asks for. Whatever stands in it, there is an answer; what it cannot mean is said. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from market.catalogue.rules import Catalogue, UnknownCode
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.search.announcements import ANNOUNCED
from market.search.interface import DEADLINES, DEEPEST, Eq, Facet, Filter, In, Sort
from market.search.words import LONGEST, words_of
from projects.rules import BANDS, STAGE_GROUPS
from projects.selection.methods import METHODS

PAGE: Final = 20
MOST_PAGES: Final = DEEPEST // PAGE
TABS: Final = ("projects", "results", "announcements", "agencies", "items", "rules", "guides")
INDEXED: Final = ("projects", "results", "announcements", "agencies")  # the others are few, and lie in memory
OUTCOMES: Final = ("selected", "failed")
_MINUS: Final = re.compile(r"(?:^|\s)[-－–]([^\s\-－–]\S*)")
_DATE: Final = re.compile(r"(?:\d{4}(?:年|[-/.])\d{1,2}|\d{1,2}(?=月))(?:月(?:\d{1,2}[日号]?)?|[-/.]\d{1,2})?")
AGENCY_STAGES: Final = ("notice", "admitted", "exited")
# Name in the address -> attribute.
PARAMETERS: Final[Mapping[str, str]] = {
    "q": "text", "kind": "kind", "region": "region", "cls": "service_class", "method": "method", "stage": "stage", "outcome": "outcome",
    "band": "band", "due": "deadline", "sort": "sort", "page": "page",
}  # fmt: skip
FILTERS: Final[Mapping[str, tuple[Facet, ...]]] = {
    "projects": ("stage", "deadline", "service_class", "region", "method", "band"),
    "results": ("outcome", "service_class", "region", "method", "band"),
    "announcements": ("stage", "service_class", "region"),
    "agencies": ("service_class", "region", "stage"),
}
SORTS: Final[Mapping[str, tuple[Sort, ...]]] = {
    "projects": ("relevance", "newest", "deadline", "budget"), "results": ("relevance", "newest", "budget"),
    "announcements": ("relevance", "newest"), "agencies": ("relevance", "newest"),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """`kind`: "" for everything. Filters are "" where they are not asked for."""

    text: str = ""
    kind: str = ""
    region: str = ""
    service_class: str = ""
    method: str = ""
    stage: str = ""
    outcome: str = ""
    band: str = ""
    deadline: str = ""
    sort: Sort = "relevance"
    page: int = 1

    @property
    def index(self) -> str:
        """The kind of documents that is searched: results are projects with an outcome."""
        return self.kind if self.kind in ("announcements", "agencies") else "projects"

    @property
    def filters(self) -> tuple[Filter, ...]:
        found: list[Filter] = [Eq(name, value) for name in FILTERS.get(self.kind, ()) if (value := getattr(self, name))]
        if self.kind == "results" and not self.outcome:
            found.append(In("outcome", OUTCOMES))
        return tuple(found)

    @property
    def filtered(self) -> bool:
        return any(getattr(self, name) for name in FILTERS.get(self.kind, ()))

    @property
    def address(self) -> str:
        """What makes this search: the query of its address without sort and page, in one order."""
        said = {
            name: getattr(self, attribute) for name, attribute in PARAMETERS.items() if name not in ("sort", "page")
        }
        return urlencode({name: value for name, value in said.items() if value})


def read_address(given: Mapping[str, str], catalogue: Catalogue) -> tuple[Asked, list[Message]]:
    """The search, and what of the address was left out and why."""
    problems: list[Message] = []
    if unknown := sorted(given.keys() - PARAMETERS.keys()):
        problems.append(Message(N_("There is no filter called {names}; it was left out."), {"names": _shown(unknown)}))
    text = given.get("q", "")
    if len(text) > LONGEST:
        problems.append(Message(N_("Only the first {limit} characters were searched for."), {"limit": LONGEST}))
    kind = given.get("kind", "") if given.get("kind", "") in TABS else ""
    values: dict[str, Any] = {"text": text[:LONGEST], "kind": kind, "page": _page(given.get("page", "1"))}
    wrong = ["kind"] if given.get("kind") and not kind else []
    for name, attribute in PARAMETERS.items():
        if attribute in values or not given.get(name):
            continue
        if _known(attribute, given[name], kind, catalogue):
            values[attribute] = given[name]
        elif kind or attribute != "sort":
            wrong.append(name)
    if wrong:
        problems.append(
            Message(
                N_("These filters cannot have this value here and were left out: {names}."), {"names": _shown(wrong)}
            )
        )
    return Asked(**values), problems


def hints_of(text: str) -> list[Message]:
    """What of a text does something elsewhere and is only a word here."""
    hints = []
    typed = text[:LONGEST]
    if len(words_of(typed)) > 1 and (minus := _MINUS.search(typed)):
        hints.append(Message(
            N_("“{word}” was searched for like the other words: a minus leaves nothing out. Narrow the results with the filters."),
            {"word": minus[1]},
        ))  # fmt: skip
    if dates := [word for word in words_of(typed) if _DATE.fullmatch(word)]:
        hints.append(Message(
            N_("“{word}” was looked for in the texts. To see what was published lately or closes soon, leave it out and choose the order “Newest” or “Closing first”."),
            {"word": dates[0]},
        ))  # fmt: skip
    return hints


def _shown(names: Sequence[str]) -> str:
    return ", ".join("".join(sign for sign in name[:20] if sign.isprintable()) for name in names[:5])


def _page(text: str) -> int:
    """As far as there are any: what lies behind the last page becomes the last one."""
    return min(max(int(text[:9]), 1), MOST_PAGES) if text.isascii() and text.isdigit() else 1


def _known(attribute: str, value: str, kind: str, catalogue: Catalogue) -> bool:
    if attribute == "sort":
        return value in SORTS.get(kind, ())
    if attribute not in FILTERS.get(kind, ()):
        return False
    match attribute:
        case "region":
            return _region(value, catalogue)
        case "service_class":
            return value in {one.code for one in catalogue.classes}
        case "stage":
            return value in {"agencies": AGENCY_STAGES, "announcements": ANNOUNCED}.get(kind, STAGE_GROUPS)
    return value in {"method": METHODS, "outcome": OUTCOMES, "band": BANDS, "deadline": DEADLINES}[attribute]


def _region(code: str, catalogue: Catalogue) -> bool:
    try:
        return bool(catalogue.region_path(code))
    except UnknownCode:
        return False


def searchable(asked: Asked) -> bool:
    return bool(words_of(asked.text))


def may_be_kept(asked: Asked) -> bool:
    """There is something in it, and it is among things of which there are new ones."""
    return asked.kind in ("", *INDEXED) and (searchable(asked) or asked.filtered)


def of_address(query: str, catalogue: Catalogue) -> Asked:
    """What was kept as `Asked.address`, as far as the catalogue still knows it."""
    return read_address(dict(parse_qsl(query)[:20]), catalogue)[0]
