"""Lines of very few cases would tell what became of single people's matters; they are withheld. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from market.site.figures.model import Figure, Line


def cases(figure: Figure, line: Line) -> int:
    """How many cases a line speaks of, by the columns that the figure names."""
    assert figure.guarded is not None
    return sum(line.values[name] or 0 for name in figure.guarded.split("+"))


def guarded(figure: Figure, total: Line, lines: Sequence[Line], *, least: int) -> tuple[Line, list[Line]]:
    """Lines with some, but fewer than `least` cases lose their numbers. Where that leaves one line alone without, the next
    smallest loses its too, so that nobody gets the missing one by subtracting the others from the whole."""
    if figure.guarded is None:
        return total, list(lines)
    sizes = [cases(figure, line) for line in lines]
    hidden = {place for place, size in enumerate(sizes) if 0 < size < least}
    others = [place for place, size in enumerate(sizes) if size >= least]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda place: (sizes[place], place)))
    shown = [_without(line) if place in hidden else line for place, line in enumerate(lines)]
    return (_without(total) if 0 < cases(figure, total) < least else total), shown


def _without(line: Line) -> Line:
    return Line(line.key, dict.fromkeys(line.values), withheld=True)
