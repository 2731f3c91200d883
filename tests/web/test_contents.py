"""What a long page lists of itself."""

from __future__ import annotations

from markupsafe import Markup

from market.web.contents import LEAST, contents


def panel(title: str, anchor: str = "") -> str:
    shown = f' id="{anchor}"' if anchor else ""
    return f'<section class="panel"{shown}><header class="panel__head"><h2 class="panel__title">{title}</h2></header></section>'


def test_every_part_of_a_long_page_has_an_anchor_and_stands_in_the_contents() -> None:
    titles = [f"Part &amp; {no}" for no in range(LEAST - 1)]
    found = contents(Markup("".join(map(panel, titles)) + panel('<svg class="icon"></svg>Last', "last")))
    assert [part.title for part in found.parts] == [*(f"Part & {no}" for no in range(LEAST - 1)), "Last"]
    for part in found.parts:
        assert found.text.count(f'id="{part.anchor}"') == 1


def test_a_short_page_lists_nothing() -> None:
    assert contents(Markup(panel("Only"))).parts == ()
