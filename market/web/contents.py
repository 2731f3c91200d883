"""What a long page holds, found in the page itself: its panels, each with an anchor."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

LEAST = 5  # a page with fewer parts is seen at a glance
_PANEL = re.compile(
    r'<section class="(?P<classes>panel[^"]*)"(?: id="(?P<id>[^"]+)")?>\s*'
    r'<header class="panel__head"><h2 class="panel__title">(?P<title>.*?)</h2>',
    re.DOTALL,
)


@dataclass(frozen=True)
class Part:
    anchor: str
    title: str


@dataclass(frozen=True)
class Contents:
    """The page's text with an anchor on every part, and the parts in order; none where they are few."""

    text: Markup
    parts: tuple[Part, ...]


def contents(text: Markup) -> Contents:
    parts: list[Part] = []

    def anchored(found: re.Match[str]) -> str:
        anchor = found["id"] or f"part-{len(parts) + 1}"
        parts.append(Part(anchor, Markup(found["title"]).striptags()))  # noqa: S704  (every tag is taken out)
        if found["id"]:
            return found[0]
        return found[0].replace(f'"{found["classes"]}"', f'"{found["classes"]}" id="{anchor}"', 1)

    marked = Markup(_PANEL.sub(anchored, text))  # noqa: S704  (markup already; only our own anchors are added)
    return Contents(marked, tuple(parts) if len(parts) >= LEAST else ())
