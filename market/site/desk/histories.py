"""Everything about one firm, and everything about one project, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from market.kernel.db import fetch
from market.kernel.i18n import N_, translate
from market.register.acts import act_name
from market.register.queries import Entry
from market.site.desk.queries import Asking, entries_about
from market.site.desk.views import FIRM_STANDINGS
from market.site.words import STEPS
from projects.oversight import WATCHED_PROJECT
from ratings.credit.rules import KINDS
from ratings.flags.queries.desk import WATCHED_FLAG

Row = dict[str, Any]
# What the register does not tell under the firm's own name: each (at, what, title, link). $1 … $5: the scope. A firm in scope
# also works elsewhere: its projects there are known as to anybody, and flags about them not at all.
_OF_FIRM: Final = f"""
SELECT p.drawn_at AS at, 'selected' AS what, p.number AS key, p.title,
  CASE WHEN {WATCHED_PROJECT} THEN '/regulator' ELSE '' END || '/projects/' || p.number AS link FROM project p
  JOIN organisation o ON o.id = p.winner_id WHERE o.code = $8 AND p.drawn_at IS NOT NULL
UNION ALL SELECT p.drawn_at, 'entered', p.number, p.title,
  CASE WHEN {WATCHED_PROJECT} THEN '/regulator' ELSE '' END || '/projects/' || p.number FROM sign_up u JOIN project p ON p.id = u.project_id
  JOIN organisation o ON o.id = u.agency_id WHERE o.code = $8 AND u.withdrawn_at IS NULL AND p.drawn_at IS NOT NULL
  AND p.winner_id IS DISTINCT FROM o.id
UNION ALL SELECT c.in_force_at, 'contract', p.number, p.title, '/projects/' || p.number FROM contract c JOIN project p ON p.id = c.project_id
  JOIN organisation o ON o.id = c.agency_id WHERE o.code = $8 AND c.in_force_at IS NOT NULL
UNION ALL SELECT f.opened_at, 'flag', f.number, f.screen, '/regulator/flags/' || f.id FROM flag f JOIN flag_party y ON y.flag_id = f.id
  JOIN organisation o ON o.id = y.organisation_id WHERE o.code = $8 AND {WATCHED_FLAG}
UNION ALL SELECT c.recorded_at, 'case', c.number, c.violation, '/cases/' || c.number FROM conduct_case c
  JOIN organisation o ON o.id = c.organisation_id WHERE o.code = $8
UNION ALL SELECT t.told_at, 'tip', t.number, '', '/tips/' || t.id FROM tip t JOIN organisation o ON o.id = t.accused_id
  WHERE o.code = $8 AND coalesce(t.authority_id, $6) = $6 AND t.told_by IS DISTINCT FROM $7
"""
_OF_PROJECT: Final = """
SELECT f.opened_at AS at, 'flag' AS what, f.number AS key, f.screen AS title, '/regulator/flags/' || f.id AS link FROM flag f
  WHERE $1 = ANY (f.projects)
UNION ALL SELECT t.told_at, 'tip', t.number, '', '/tips/' || t.id FROM tip t JOIN project p ON p.id = t.project_id
  WHERE p.number = $1 AND coalesce(t.authority_id, $2) = $2 AND t.told_by IS DISTINCT FROM $3
"""
_SUBJECTS: Final = """
SELECT number AS subject FROM project WHERE number = $1
UNION SELECT c.number FROM complaint c JOIN project p ON p.id = c.project_id WHERE p.number = $1
UNION SELECT c.number FROM contract c JOIN project p ON p.id = c.project_id WHERE p.number = $1
"""
# The heaviest first.
_BARRED: Final = {"restricted_until": "restricted", "removed_until": "removed", "suspended_until": "paused"}
WHAT: Final[Mapping[str, str]] = {
    "selected": N_("Selected for a project"), "entered": N_("Took part in a selection"), "contract": N_("Contract in force"), "flag": N_("Red flag"), "case": N_("Case"), "tip": N_("Tip"),
}  # fmt: skip


async def of_firm(code: str, who: Asking, words: Mapping[str, str]) -> list[Row]:
    """The latest first, in the current locale. `words`: titles for the codes of screens and violations."""
    found = await fetch(_OF_FIRM, *who.watch.values, who.authority_id, who.person_id, code)
    return _merged(found, await entries_about([code]), words)


async def of_project(number: str, who: Asking, words: Mapping[str, str]) -> list[Row]:
    """With its contract and its complaints."""
    found = await fetch(_OF_PROJECT, number, who.authority_id, who.person_id)
    subjects = [row["subject"] for row in await fetch(_SUBJECTS, number)]
    return _merged(found, await entries_about(subjects), words)


def _merged(found: list[Row], entries: list[Entry], words: Mapping[str, str]) -> list[Row]:
    rows = [_row(one, words) for one in found] + [_act(one) for one in entries]
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def _row(one: Row, words: Mapping[str, str]) -> Row:
    title, what = words.get(one["title"]), WHAT[one["what"]]
    return {
        "at": one["at"], "what": translate(what), "key": one["key"], "text": translate(title) if title else one["title"],
        "link": one["link"], "entry": None,
    }  # fmt: skip


def _act(entry: Entry) -> Row:
    return {
        "at": entry.at, "what": act_name(entry.kind), "key": entry.subject, "text": _told(entry), "link": None, "entry": entry,
    }  # fmt: skip


def _told(entry: Entry) -> str:
    """What the entry itself says beside its kind, in a few words."""
    data = entry.data
    if entry.kind == "credit.event" and data.get("event") in KINDS:
        return f"{translate(KINDS[data['event']].title)} ({data['points']})"
    if entry.kind == "standing.changed":
        return translate(FIRM_STANDINGS[_standing(entry)])
    step = STEPS.get(str(data.get("step", "")), "")
    return translate(step) if step else ""


def _standing(entry: Entry) -> str:
    for name, standing in _BARRED.items():
        until = entry.data.get(name)
        if until and datetime.fromisoformat(until) > entry.at:
            return standing
    return "fine"
