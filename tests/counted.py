"""One figure, counted as every page and file counts it."""

from __future__ import annotations

from datetime import datetime

from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.site.figures.counting import Books, count
from market.site.figures.each import FIGURES
from market.site.figures.model import Answer, Asked, Values
from market.site.figures.scope import Scope

EVERYTHING = Asked()


async def answer(name: str, asked: Asked = EVERYTHING, *, now: datetime, scope: Scope | None = None) -> Answer:
    books = Books(await catalogue_at(now), await rulebook_in_force("370200", now))
    return await count(FIGURES[name], asked, scope=scope, books=books, now=now)


async def total(name: str, asked: Asked = EVERYTHING, *, now: datetime, scope: Scope | None = None) -> Values:
    return (await answer(name, asked, now=now, scope=scope)).total.values


async def lines(name: str, by: str, asked: Asked = EVERYTHING, *, now: datetime) -> dict[str, Values]:
    """Key -> numbers."""
    found = await answer(name, Asked(**{**vars(asked), "by": by}), now=now)
    return {line.key or "": line.values for line in found.lines}
