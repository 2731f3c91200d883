"""How the screens do on the demonstration: fired on what was constructed, silent on what was not.

A flag counts as constructed where everybody it concerns belongs to the schemes, or its project to the earlier ring; one about
an expert, where the schemes' panel is among the projects. Who that is, the demonstration's own script says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from market.demo import schemes
from market.kernel.db import fetch, fetch_one, fetch_value
from ratings.flags.screens import SCREENS, expert_marks
from ratings.flags.screens.interface import Reads

_FLAGS = """
SELECT f.screen, f.projects, coalesce(array_agg(o.name ORDER BY o.name) FILTER (WHERE o.id IS NOT NULL), '{}') AS names,
       ARRAY(SELECT p.title FROM project p WHERE p.number = ANY (f.projects)) AS titles
FROM flag f LEFT JOIN flag_party q ON q.flag_id = f.id LEFT JOIN organisation o ON o.id = q.organisation_id
GROUP BY f.id ORDER BY f.number
"""
_HONEST = """
SELECT count(*) FILTER (WHERE NOT made) AS notices, count(*) FILTER (WHERE NOT made AND drawn) AS results,
       (SELECT count(*) FROM organisation WHERE kind IN ('agency', 'public_body', 'enterprise', 'natural_person')
        AND name <> ALL ($1)) AS firms
FROM (SELECT o.name = ANY ($1) OR p.title = $2 AS made, EXISTS (
        SELECT FROM selection_round r WHERE r.project_id = p.id AND r.drawn_at IS NOT NULL) AS drawn
      FROM project p JOIN organisation o ON o.id = p.owner_id) x
"""
# Pools in which the two with one switchboard met.
_MEETINGS = """
SELECT count(*) FROM project p WHERE p.drawn_at IS NOT NULL AND (
  SELECT count(*) FROM sign_up u JOIN organisation o ON o.id = u.agency_id
  WHERE u.project_id = p.id AND u.withdrawn_at IS NULL AND o.name = ANY ($1)) = 2
"""


@dataclass(frozen=True)
class Line:
    """`made`: constructed cases that exist for this screen; `found`: flags about them. `honest`: notices, results or firms
    that nobody constructed, as the screen looks at them; `alarms`: flags about these."""

    screen: str
    found: int
    made: int
    alarms: int
    honest: int


async def report() -> list[Line]:
    """Of every screen, in the order of screens; on a connected market."""
    names = sorted(schemes.EVERYBODY)
    honest = await fetch_one(_HONEST, names, schemes.FIRST_RING)
    assert honest is not None
    flags = [(row["screen"], _constructed(row["screen"], row["names"], row["titles"])) for row in await fetch(_FLAGS)]
    first = any(row["title"] for row in await fetch("SELECT title FROM project WHERE title = $1", schemes.FIRST_RING))
    made = Counter(schemes.MADE_FOR) + Counter(schemes.FIRST_RING_MADE_FOR if first else {})
    made["shared_identity"] += await fetch_value(_MEETINGS, sorted(schemes.SWITCHBOARD))
    return [
        Line(
            code, flags.count((code, True)), made[code], flags.count((code, False)), honest[_LOOKS_AT[screen.reads]],
        )
        for code, screen in SCREENS.items()
    ]  # fmt: skip


_LOOKS_AT = {
    Reads.NOTICE: "notices", Reads.SIGN_UP: "notices", Reads.RESULT: "results", Reads.CONTRACT: "results",
    Reads.MARKET: "firms",
}  # fmt: skip


def _constructed(screen: str, names: list[str], titles: list[str]) -> bool:
    if screen == expert_marks.SCREEN.code:
        return schemes.SCORED in titles
    return titles == [schemes.FIRST_RING] or (
        bool(names) and any(group.issuperset(names) for group in (schemes.EVERYBODY, schemes.SWITCHBOARD))
    )
