"""Leads are written down as flags: each once, brought up to date while nobody has closed it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from market.catalogue.queries import catalogue, catalogue_at
from market.catalogue.rules import Catalogue, Rulebook, UnknownCode, deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import execute, execute_many, fetch, fetch_one, fetch_value, to_json, transaction
from market.kernel.ids import new_id
from ratings.flags.screens.interface import Lead, Reads, Screen


async def open_flags(found: Iterable[tuple[Screen, Lead]], book: Rulebook, *, calendar: Calendar, now: datetime) -> int:
    """Writes leads down: a known one is brought up to date while nobody has closed it. Returns how many are new."""
    opened = 0
    for screen, lead in found:
        async with transaction():
            opened += await _open(screen, lead, book, calendar, now)
    return opened


async def _open(screen: Screen, lead: Lead, book: Rulebook, calendar: Calendar, now: datetime) -> bool:
    said = (
        screen.version, book.version, lead.score, lead.text.text, to_json(dict(lead.text.facts)),
        to_json([[one.label, one.value, one.limit] for one in lead.figures]), to_json(lead.rows), list(lead.projects),
        list(lead.evidence), now,
    )  # fmt: skip
    known = await fetch_one(
        "SELECT id, closed_at FROM flag WHERE screen = $1 AND key = $2 FOR UPDATE", screen.code, lead.key
    )
    if known is not None:
        if known["closed_at"] is None:
            await execute(
                "UPDATE flag SET version = $2, rulebook_version = $3, score = $4, text = $5, facts = $6, figures = $7,"
                " rows = $8, projects = $9, evidence = $10, found_at = $11 WHERE id = $1", known["id"], *said,
            )  # fmt: skip
        return False
    parties = await fetch("SELECT id, region_code FROM organisation WHERE code = ANY ($1)", list(lead.parties))
    if await _nothing_new(screen, lead, [row["id"] for row in parties]):
        return False
    regions, departments = await _scope(lead.projects) if lead.projects else await _fields(lead.parties, now)
    flag_id = new_id()
    inserted = await execute(
        "INSERT INTO flag (id, number, screen, key, regions, departments, opened_at, due_at, version, rulebook_version, score,"
        " text, facts, figures, rows, projects, evidence, found_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " $12, $13, $14, $15, $16, $17, $18) ON CONFLICT ON CONSTRAINT flag_once DO NOTHING",
        flag_id, await _number(now), screen.code, lead.key, regions or sorted({row["region_code"] for row in parties}) or [""],
        departments, now, deadline(book, "screen.review_days", now, calendar), *said,
    )  # fmt: skip
    if inserted:
        rows = [(new_id(), flag_id, row["id"]) for row in parties]
        await execute_many("INSERT INTO flag_party (id, flag_id, organisation_id) VALUES ($1, $2, $3)", rows)
    return bool(inserted)


async def _nothing_new(screen: Screen, lead: Lead, parties: list[UUID]) -> bool:
    """A pattern of last year that rests on nothing new is no new lead in January."""
    if screen.reads is not Reads.MARKET or not lead.evidence:
        return False
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM flag f WHERE f.screen = $1 AND f.text = $4 AND f.evidence @> $2 AND $3::uuid[] ="
        " (SELECT array_agg(q.organisation_id ORDER BY q.organisation_id) FROM flag_party q WHERE q.flag_id = f.id))",
        screen.code, list(lead.evidence), sorted(parties), lead.text.text,
    )  # fmt: skip
    return found


async def _number(now: datetime) -> str:
    count: int = await fetch_value("SELECT nextval('flag_number')")
    return f"F-{beijing_date(now).year}-{count:06d}"


async def _scope(projects: Iterable[str]) -> tuple[list[str], list[str]]:
    """Regions and departments of the projects concerned, by each project's own catalogue."""
    regions: set[str] = set()
    departments: set[str] = set()
    for row in await fetch(
        "SELECT region_code, service_items, catalogue_version FROM project WHERE number = ANY ($1)", list(projects)
    ):
        regions.add(row["region_code"])
        departments |= _departments(await catalogue(row["catalogue_version"]), row["service_items"])
    return sorted(regions), sorted(departments)


async def _fields(codes: Iterable[str], now: datetime) -> tuple[list[str], list[str]]:
    """Where no project is concerned: regions and departments of the agencies, by what they offer."""
    rows = await fetch(
        "SELECT o.region_code, a.service_items FROM organisation o JOIN agency a ON a.organisation_id = o.id"
        " WHERE o.code = ANY ($1)", list(codes),
    )  # fmt: skip
    book = await catalogue_at(now)
    departments = set[str]().union(*(_departments(book, row["service_items"]) for row in rows))
    return sorted({row["region_code"] for row in rows}), sorted(departments)


def _departments(book: Catalogue, items: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for item in items:
        try:
            found.update(book.item(item).regulators)
        except UnknownCode:
            continue
    return found
