"""What somebody asks of one of the desk's tables, read from an address and written into one. Nonsense filters nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from market.site.desk.views import View

TEXT_MAX: Final = 60
_REGION_LENGTH: Final = 6


@dataclass(frozen=True)
class Filter:
    """`chosen`: (choice, value) in the view's order; `mine`: only what is assigned to whoever looks."""

    view: View
    q: str = ""
    region: str = ""
    mine: bool = False
    chosen: tuple[tuple[str, str], ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [
            *([("q", self.q)] if self.q else []),
            *([("region", self.region)] if self.region else []),
            *([("mine", "1")] if self.mine else []),
            *self.chosen,
        ]

    @property
    def query(self) -> str:
        """As an address says it; the same filter always in the same words."""
        return urlencode(self.pairs)

    @property
    def href(self) -> str:
        return f"/regulator/desk/{self.view.name}{'?' if self.pairs else ''}{self.query}"

    def value(self, choice: str) -> str:
        return dict(self.chosen).get(choice, "")

    def without(self, name: str) -> Filter:
        return filter_of(self.view, {key: value for key, value in self.pairs if key != name})

    def with_(self, name: str, value: str) -> Filter:
        return filter_of(self.view, {**dict(self.pairs), name: value})

    @property
    def conditions(self) -> list[str]:
        """Beside words and region, which are parameters."""
        found = [choice.conditions[value] for name, value in self.chosen if (choice := self.view.choice(name))]
        return [*found, *(["row.assigned_id = $8"] if self.mine else [])]


def filter_of(view: View, asked: Mapping[str, str]) -> Filter:
    """From parameters of an address, or of a saved one."""
    q, region = asked.get("q", "").strip()[:TEXT_MAX], asked.get("region", "")
    chosen = tuple(
        (choice.name, value) for choice in view.choices if (value := asked.get(choice.name, "")) in choice.options
    )
    return Filter(
        view,
        q if q.isprintable() else "",
        region if region.isascii() and region.isdigit() and len(region) <= _REGION_LENGTH else "",
        view.assigned and asked.get("mine") == "1",
        chosen,
    )


def filter_from(view: View, query: str) -> Filter:
    return filter_of(view, dict(parse_qsl(query)))
