"""Another rulebook's numbers against the history of all agencies. Nothing is written."""

from __future__ import annotations

import csv
import io
import tomllib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook
from market.kernel.db import fetch, from_json
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.spreadsheets import safe_cell
from market.register.queries import utc_text
from ratings.credit.queries import credit_rules, pause_rules
from ratings.credit.rules import ACTS, Event, points_text
from ratings.credit.rules.position import Position, position
from ratings.credit.rules.trial import Act, Move, charged_anew, inconsistencies

GROUPS = ("credit.", "tier.", "pause.")
Value = int | bool | str | tuple[int | str, ...]
Step = Callable[[int, int], Awaitable[None]]
CHUNK = 500  # agencies whose events are in memory at once
COLUMNS = (
    "code", "name", "rated", "score_before", "score_after", "change", "stars_before", "stars_after",
    "paused_until_before", "paused_until_after", "pause_rule_after", "warning_after",
)  # fmt: skip
_AGENCIES = """
SELECT o.id, o.code, o.name, o.region_code,
       (SELECT count(*) FROM project p WHERE p.winner_id = o.id AND p.accepted_at <= $1) AS jobs
FROM organisation o JOIN agency a ON a.organisation_id = o.id
WHERE a.admitted_at IS NOT NULL AND o.closed_at IS NULL ORDER BY o.code
"""
_EVENTS = """
SELECT organisation_id, id, kind, points, occurred_at, recorded_at, valid_until, cancels, rule,
       rulebook_version AS rulebook, evidence_id, project_number
FROM credit_event WHERE organisation_id = ANY ($1) ORDER BY recorded_at, id
"""


class TrialInvalid(Exception):
    """All that is wrong with the file."""

    def __init__(self, problems: list[Message]) -> None:
        super().__init__("; ".join(map(plain, problems)))
        self.problems = problems


def plain(problem: Message) -> str:
    """In English, for a terminal."""
    return problem.text.format(**problem.facts)


def read_numbers(text: str) -> dict[str, Value]:
    """The numbers of credit, tiers and pauses that a rulebook file sets: a whole rulebook, or just `[[rule]]` tables
    with key and value. Raises TrialInvalid."""
    try:
        rules = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError as problem:
        raise TrialInvalid([Message(N_("This is no TOML: {problem}"), {"problem": str(problem)})]) from problem
    if not isinstance(rules, list) or not all(
        isinstance(rule, dict) and {"key", "value"} <= rule.keys() for rule in rules
    ):
        raise TrialInvalid([Message(N_("every [[rule]] needs a key and a value"))])
    keys = [str(rule["key"]) for rule in rules]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise TrialInvalid([Message(N_("{key} stands there more than once"), {"key": key}) for key in twice])
    found = {str(rule["key"]): _value(rule["value"]) for rule in rules if str(rule["key"]).startswith(GROUPS)}
    if not found:
        raise TrialInvalid([Message(N_("no rule under {groups} in this file"), {"groups": ", ".join(GROUPS)})])
    return found


def _value(raw: Any) -> Value:
    return tuple(raw) if isinstance(raw, list) else raw


def with_numbers(book: Rulebook, numbers: Mapping[str, Value]) -> Rulebook:
    """The rulebook with these numbers in place of its own. Raises TrialInvalid with all that does not fit."""
    problems = [
        Message(N_("{key}: the rulebook in force has no such rule"), {"key": key})
        for key in numbers
        if key not in book.rules
    ]
    problems += [
        Message(
            N_("{key}: must be like {like}, not {given}"),
            {"key": rule.key, "like": repr(rule.value), "given": repr(numbers[rule.key])},
        )
        for rule in book.listed
        if rule.key in numbers and not _fits(rule.value, numbers[rule.key])
    ]
    if problems:
        raise TrialInvalid(problems)
    listed = tuple(replace(rule, value=numbers.get(rule.key, rule.value)) for rule in book.listed)
    tried = Rulebook(f"{book.version} (trial)", book.title, book.jurisdiction, book.effective_from, book.sources,
                     book.groups, listed)  # fmt: skip
    if unfit := inconsistencies(credit_rules(tried), pause_rules(tried)):
        raise TrialInvalid(unfit)
    return tried


def _fits(before: Value, after: Value) -> bool:
    if isinstance(before, tuple) or isinstance(after, tuple):
        return (
            isinstance(before, tuple)
            and isinstance(after, tuple)
            and len(before) == len(after)
            and all(map(_fits, before, after))
        )
    return type(before) is type(after) and not (isinstance(after, int) and after < 0)


async def _quiet(done: int, agencies: int) -> None:
    """Nobody watches."""


async def tried(numbers: Mapping[str, Value], now: datetime, *, step: Step = _quiet) -> list[Move]:
    """Every agency, before and after, by credit code. Reads only. `step` is told how many of how many are done."""
    agencies = await fetch(_AGENCIES, now)
    acts = await _acts([row["code"] for row in agencies], now)
    moves: list[Move] = []
    for start in range(0, len(agencies), CHUNK):
        moves += await _tried(agencies[start : start + CHUNK], acts, numbers, now)
        await step(len(moves), len(agencies))
    return moves


async def _tried(
    agencies: Sequence[Mapping[str, Any]],
    acts: Mapping[str, Mapping[UUID, Act]],
    numbers: Mapping[str, Value],
    now: datetime,
) -> list[Move]:
    events = await _events([row["id"] for row in agencies])
    books: dict[str, tuple[Rulebook, Rulebook]] = {}
    moves = []
    for row in agencies:
        if row["region_code"] not in books:
            present = await rulebook_in_force(row["region_code"], now)
            books[row["region_code"]] = present, with_numbers(present, numbers)
        moves.append(_move(row, events[row["id"]], acts[row["code"]], *books[row["region_code"]], now))
    return moves


def _move(
    row: Mapping[str, Any], events: Sequence[Event], acts: Mapping[UUID, Act], present: Rulebook, other: Rulebook,
    now: datetime,
) -> Move:  # fmt: skip
    jobs = row["jobs"]
    anew = charged_anew(
        row["code"], events, acts, other.integer, window_months=other.months("credit.window_months"),
        honours=other.integers("credit.add.honour"),
    )  # fmt: skip
    before = position(events, credit_rules(present), pause_rules(present), now, finished_jobs=jobs)
    after = position(anew, credit_rules(other), pause_rules(other), now, finished_jobs=jobs)
    return Move(row["code"], row["name"], before, after)


async def _events(agencies: Sequence[UUID]) -> defaultdict[UUID, list[Event]]:
    found: defaultdict[UUID, list[Event]] = defaultdict(list)
    for row in await fetch(_EVENTS, agencies):
        found[row.pop("organisation_id")].append(Event(**row))
    return found


async def _acts(codes: Sequence[str], now: datetime) -> dict[str, dict[UUID, Act]]:
    """The acts that credit follows from, by the agency they name."""
    rows = await fetch(
        "SELECT id, kind, at, subject, data, coalesce(data->>'agency', data->>'rated') AS code FROM register_entry"
        " WHERE kind = ANY ($1) AND at <= $2 ORDER BY written",
        list(ACTS), now,
    )  # fmt: skip
    found: dict[str, dict[UUID, Act]] = {code: {} for code in codes}
    for row in rows:
        if row["code"] in found:
            act = Act(row["id"], row["kind"], row["at"], row["subject"], from_json(row["data"]))
            found[row["code"]][act.id] = act
    return found


def moves_csv(moves: Sequence[Move]) -> str:
    """Those who move, for a spreadsheet: points as people read them, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for move in moves:
        if move.moved:
            writer.writerow([safe_cell(cell) for cell in _cells(move)])
    return out.getvalue()


def _cells(move: Move) -> tuple[str, ...]:
    before, after = move.before, move.after
    return (
        move.code, move.name, "yes" if after.rated else "no", points_text(before.points), points_text(after.points),
        _plain(move.change), str(before.band), str(after.band), _day(before), _day(after), after.pause_rule,
        after.warning,
    )  # fmt: skip


def _plain(change: int) -> str:
    """A number for a spreadsheet: its sign is no formula."""
    return f"{change / 100:g}"


def _day(place: Position) -> str:
    return utc_text(place.paused_until) if place.paused_until else ""
