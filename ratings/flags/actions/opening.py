"""Leads are written down as flags: each once, brought up to date while nobody has closed it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue.queries import catalogue, catalogue_at
from market.catalogue.rules import Catalogue, Rulebook, UnknownCode, deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import execute, execute_many, fetch, fetch_value, to_json, transaction
from market.kernel.ids import new_id
from ratings.flags.screens.interface import Lead, Reads, Screen

BATCH = 500
_KNOWN = """
SELECT f.id, f.screen, f.key, f.closed_at FROM unnest($1::text[], $2::text[]) AS one (screen, key)
JOIN flag f ON f.screen = one.screen AND f.key = one.key ORDER BY f.screen, f.key FOR UPDATE OF f
"""
_SAID = """jsonb_to_recordset($1::jsonb) AS one (id uuid, number text, screen text, key text, version int, score int, text text,
    facts jsonb, figures jsonb, rows jsonb, projects text[], evidence bigint[], regions text[], departments text[])"""
_UPDATE = f"""
UPDATE flag f SET version = one.version, rulebook_version = $2, score = one.score, text = one.text, facts = one.facts,
    figures = one.figures, rows = one.rows, projects = one.projects, evidence = one.evidence, found_at = $3
FROM {_SAID} WHERE f.id = one.id
"""
_INSERT = f"""
INSERT INTO flag (id, number, screen, key, regions, departments, opened_at, due_at, version, rulebook_version, score, text,
    facts, figures, rows, projects, evidence, found_at)
SELECT one.id, one.number, one.screen, one.key, one.regions, one.departments, $3, $4, one.version, $2, one.score, one.text,
       one.facts, one.figures, one.rows, one.projects, one.evidence, $3
FROM {_SAID}
ON CONFLICT ON CONSTRAINT flag_once DO NOTHING RETURNING id
"""
Found = tuple[Screen, Lead]
Scope = tuple[set[str], set[str]]  # regions, departments


@dataclass(frozen=True)
class _Around:
    """Whom and what some leads are about: organisation code -> its row, number of a project -> where it belongs."""

    parties: Mapping[str, Mapping[str, Any]]
    projects: Mapping[str, Scope]

    def parties_of(self, lead: Lead) -> list[Mapping[str, Any]]:
        return [self.parties[code] for code in dict.fromkeys(lead.parties) if code in self.parties]


async def open_flags(found: Iterable[Found], book: Rulebook, *, calendar: Calendar, now: datetime) -> int:
    """Writes leads down: a known one is brought up to date while nobody has closed it. Returns how many are new."""
    # In one order everywhere: whoever writes the same flags at the same time waits, and nobody waits in a circle.
    leads = [one for _, one in sorted({(screen.code, lead.key): (screen, lead) for screen, lead in found}.items())]
    opened = 0
    for start in range(0, len(leads), BATCH):
        async with transaction():
            opened += await _open(leads[start : start + BATCH], book, calendar, now)
    return opened


async def _open(leads: Sequence[Found], book: Rulebook, calendar: Calendar, now: datetime) -> int:
    rows = await fetch(_KNOWN, [screen.code for screen, _ in leads], [lead.key for _, lead in leads])
    known = {(row["screen"], row["key"]): row for row in rows}
    still = [
        _said(known[screen.code, lead.key]["id"], screen, lead) for screen, lead in leads
        if (screen.code, lead.key) in known and known[screen.code, lead.key]["closed_at"] is None
    ]  # fmt: skip
    if still:
        await execute(_UPDATE, to_json(still), book.version, now)
    fresh = [(screen, lead) for screen, lead in leads if (screen.code, lead.key) not in known]
    return await _insert(fresh, book, calendar, now) if fresh else 0


async def _insert(leads: Sequence[Found], book: Rulebook, calendar: Calendar, now: datetime) -> int:
    around = await _around(leads)
    new = {new_id(): one for one in leads if not await _nothing_new(*one, around)}
    numbers = await _numbers(len(new), now)
    said = [
        {**_said(flag_id, screen, lead), **await _place(lead, around, now), "number": number}
        for number, (flag_id, (screen, lead)) in zip(numbers, new.items(), strict=True)
    ]
    inserted = await fetch(
        _INSERT, to_json(said), book.version, now, deadline(book, "screen.review_days", now, calendar)
    )
    parties = [(new_id(), row["id"], party["id"]) for row in inserted for party in around.parties_of(new[row["id"]][1])]
    await execute_many("INSERT INTO flag_party (id, flag_id, organisation_id) VALUES ($1, $2, $3)", parties)
    return len(inserted)


async def _numbers(count: int, now: datetime) -> list[str]:
    rows = await fetch("SELECT nextval('flag_number') AS given FROM generate_series(1, $1)", count)
    return [f"F-{beijing_date(now).year}-{row['given']:06d}" for row in rows]


def _said(flag_id: UUID, screen: Screen, lead: Lead) -> dict[str, Any]:
    return {
        "id": str(flag_id), "screen": screen.code, "key": lead.key, "version": screen.version, "score": lead.score,
        "text": lead.text.text, "facts": dict(lead.text.facts),
        "figures": [[one.label, one.value, one.limit, one.unit] for one in lead.figures], "rows": lead.rows,
        "projects": lead.projects, "evidence": lead.evidence,
    }  # fmt: skip


async def _around(leads: Sequence[Found]) -> _Around:
    codes = {code for _, lead in leads for code in lead.parties}
    parties = await fetch("SELECT id, code, region_code FROM organisation WHERE code = ANY ($1)", list(codes))
    numbers = {number for _, lead in leads for number in lead.projects}
    return _Around({row["code"]: row for row in parties}, await _projects(numbers))


async def _projects(numbers: Collection[str]) -> dict[str, Scope]:
    """Region and departments of each project, by its own catalogue."""
    rows = await fetch(
        "SELECT number, region_code, service_items, catalogue_version FROM project WHERE number = ANY ($1)",
        list(numbers),
    )
    books = {version: await catalogue(version) for version in {row["catalogue_version"] for row in rows}}
    return {
        row["number"]: ({row["region_code"]}, _departments(books[row["catalogue_version"]], row["service_items"]))
        for row in rows
    }


async def _nothing_new(screen: Screen, lead: Lead, around: _Around) -> bool:
    """A pattern of last year that rests on nothing new is no new lead in January."""
    if screen.reads is not Reads.MARKET or not lead.evidence:
        return False
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM flag f WHERE f.screen = $1 AND f.text = $4 AND f.evidence @> $2 AND $3::uuid[] ="
        " (SELECT array_agg(q.organisation_id ORDER BY q.organisation_id) FROM flag_party q WHERE q.flag_id = f.id))",
        screen.code, list(lead.evidence), sorted(party["id"] for party in around.parties_of(lead)), lead.text.text,
    )  # fmt: skip
    return found


async def _place(lead: Lead, around: _Around, now: datetime) -> dict[str, list[str]]:
    """Which regulators are to see it: regions and departments of the projects, or of those concerned."""
    if lead.projects:
        known = [around.projects[number] for number in lead.projects if number in around.projects]
        regions, departments = (set[str]().union(*(one[part] for one in known)) for part in (0, 1))
    else:
        regions, departments = await _fields(lead.parties, now)
    regions = regions or {party["region_code"] for party in around.parties_of(lead)} or {""}
    return {"regions": sorted(regions), "departments": sorted(departments)}


async def _fields(codes: Iterable[str], now: datetime) -> Scope:
    """Regions and departments of agencies, by what they offer."""
    rows = await fetch(
        "SELECT o.region_code, a.service_items FROM organisation o JOIN agency a ON a.organisation_id = o.id"
        " WHERE o.code = ANY ($1)", list(codes),
    )  # fmt: skip
    book = await catalogue_at(now)
    departments = set[str]().union(*(_departments(book, row["service_items"]) for row in rows))
    return {row["region_code"] for row in rows}, departments


def _departments(book: Catalogue, items: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for item in items:
        try:
            found.update(book.item(item).regulators)
        except UnknownCode:
            continue
    return found
