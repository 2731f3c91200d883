"""One search over everything public. Every word must be found somewhere in the thing, not necessarily in one place:
"青岛 测绘" finds a survey whose owner is called 青岛… ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.rules import PUBLIC_STAGES
from market.catalogue.rules import Catalogue, Rule, Rulebook, ServiceItem, find_items
from market.kernel.db import fetch
from market.site.rules.finding import pieces_of
from projects.page.search import text_query
from projects.rules import Stage

PAGE = 20
MOST_PAGES = 50
SUGGESTED = 3  # of each kind while typing
FEW = 5  # of each kind on the first page of results
KINDS = ("projects", "agencies", "items", "rules")


@dataclass(frozen=True)
class ProjectHit:
    number: str
    title: str
    content: str
    stage: Stage
    method: str
    region_code: str
    service_items: tuple[str, ...]
    price_fen: int | None
    amount_fen: int
    published_at: datetime
    sign_up_closes_at: datetime
    owner_name: str
    winner_name: str | None


@dataclass(frozen=True)
class AgencyHit:
    code: str
    name: str
    stage: str
    region_code: str
    service_items: tuple[str, ...]
    notice_ends_at: datetime | None


@dataclass(frozen=True)
class Found:
    """`counts` of every kind; the hits of the kinds that were asked for."""

    pieces: tuple[str, ...]
    counts: Mapping[str, int]
    projects: Sequence[ProjectHit] = ()
    agencies: Sequence[AgencyHit] = ()
    items: Sequence[ServiceItem] = ()
    rules: Sequence[Rule] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class _Arguments:
    """Parameters of a statement in the making: `$1` for the first one added, and so on."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


async def search(text: str, *, kind: str, page: int, catalogue: Catalogue, book: Rulebook) -> Found:
    """All kinds with a few hits each, or one kind a page. Text that holds nothing to search for finds nothing."""
    pieces = pieces_of(text)
    if not pieces:
        return Found((), dict.fromkeys(KINDS, 0))
    size, skip = (PAGE, (page - 1) * PAGE) if kind else (FEW, 0)
    items, rules = find_items(catalogue, " ".join(pieces)), find_rules(book, pieces)
    projects, project_count = await _projects(pieces, catalogue, size, skip)
    agencies, agency_count = await _agencies(pieces, size, skip)
    return Found(
        pieces,
        {"projects": project_count, "agencies": agency_count, "items": len(items), "rules": len(rules)},
        projects if kind in ("", "projects") else (),
        agencies if kind in ("", "agencies") else (),
        items[skip : skip + size] if kind in ("", "items") else (),
        rules[skip : skip + size] if kind in ("", "rules") else (),
    )


@dataclass(frozen=True)
class Suggestion:
    """Something to go to at once. `kind`: projects, agencies or items."""

    kind: str
    title: str
    link: str


async def suggestions(text: str, *, catalogue: Catalogue, locale: str) -> list[Suggestion]:
    """A few things whose names contain what was typed so far; nothing is counted."""
    pieces = pieces_of(text)
    if not pieces:
        return []
    named = [(item.code, item.name.to(locale)) for item in catalogue.items]
    items = [(code, name) for code, name in named if all(piece in name.casefold() for piece in pieces)][:SUGGESTED]
    return [
        *(Suggestion("items", name, f"/catalogue/items/{code}") for code, name in items),
        *[Suggestion("agencies", row["name"], f"/agencies/{row['code']}") for row in await _agencies_called(pieces)],
        *[Suggestion("projects", row["title"], f"/projects/{row['number']}") for row in await _projects_called(pieces)],
    ]


async def _projects_called(pieces: Sequence[str]) -> list[dict[str, Any]]:
    arguments = _Arguments()
    # Only titles and numbers, whatever else the words stand in.
    texts = [
        f"{_text_condition(piece, 'search_terms', 'search_text', arguments)}"
        f" AND lower(number || ' ' || title) LIKE {arguments.add(f'%{_escaped(piece)}%')}"
        for piece in pieces
    ]
    return await fetch(
        f"SELECT number, title FROM project WHERE {' AND '.join(texts)} ORDER BY published_at DESC, id DESC LIMIT {SUGGESTED}",
        *arguments.values,
    )


async def _agencies_called(pieces: Sequence[str]) -> list[dict[str, Any]]:
    arguments = _Arguments()
    names = [_text_condition(piece, "cjk_terms(o.name)", "lower(o.name)", arguments) for piece in pieces]
    return await fetch(
        "SELECT o.code, o.name FROM agency a JOIN organisation o ON o.id = a.organisation_id"
        f" WHERE a.stage = 'admitted' AND {' AND '.join(names)} ORDER BY o.name LIMIT {SUGGESTED}",
        *arguments.values,
    )


def find_rules(book: Rulebook, pieces: Sequence[str]) -> list[Rule]:
    """Rules in whose key, title or note, in either language, every piece occurs."""
    return [rule for rule in book.listed if all(piece in _said_of(rule) for piece in pieces)]


def _said_of(rule: Rule) -> str:
    note = f"{rule.note.zh} {rule.note.en}" if rule.note else ""
    return f"{rule.key} {rule.title.zh} {rule.title.en} {note}".casefold()


async def _projects(pieces: Sequence[str], catalogue: Catalogue, size: int, skip: int) -> tuple[list[ProjectHit], int]:
    arguments = _Arguments()
    conditions = [await _project_condition(piece, catalogue, arguments) for piece in pieces]
    first = arguments.add(f"%{_escaped(pieces[0])}%")
    rows = await fetch(
        f"WITH m AS MATERIALIZED (SELECT p.id, p.published_at, lower(p.title) LIKE {first} AS in_title FROM project p"
        f" WHERE {' AND '.join(conditions)}),"
        f" shown AS (SELECT * FROM m ORDER BY in_title DESC, published_at DESC, id LIMIT {size} OFFSET {skip})"
        " SELECT (SELECT count(*) FROM m) AS total, p.number, p.title, p.content, p.stage, p.method, p.region_code, p.service_items,"
        " p.price_fen, p.amount_fen, p.published_at, p.sign_up_closes_at, o.name AS owner_name, w.name AS winner_name"
        " FROM shown s JOIN project p ON p.id = s.id JOIN organisation o ON o.id = p.owner_id"
        " LEFT JOIN organisation w ON w.id = p.winner_id"
        " ORDER BY s.in_title DESC, s.published_at DESC, s.id",
        *arguments.values,
    )
    if not rows and skip:  # behind the last page: the count must still be right
        return await _projects(pieces, catalogue, size, 0)
    total = rows[0]["total"] if rows else 0
    return [_project_hit({name: row[name] for name in row if name != "total"}) for row in rows], total


def _project_hit(row: dict[str, Any]) -> ProjectHit:
    return ProjectHit(**{**row, "stage": Stage(row["stage"]), "service_items": tuple(row["service_items"])})


async def _project_condition(piece: str, catalogue: Catalogue, arguments: _Arguments) -> str:
    """The piece stands in the notice, in the name of one of its services, or in the name of its owner or winner."""
    parts = [_text_condition(piece, "p.search_terms", "p.search_text", arguments)]
    if items := [item.code for item in find_items(catalogue, piece)]:
        parts.append(f"p.service_items && {arguments.add(items)}::text[]")
    if organisations := await _organisations_called(piece):
        place = arguments.add(organisations)
        parts += [f"p.owner_id = ANY ({place}::uuid[])", f"p.winner_id = ANY ({place}::uuid[])"]
    return f"({' OR '.join(parts)})"


def _text_condition(piece: str, terms: str, text: str, arguments: _Arguments) -> str:
    query = text_query(piece)
    parts = [f"{terms} @@ to_tsquery('simple', {arguments.add(query.terms)})"] if query.terms else []
    parts += [f"{text} LIKE {arguments.add(like)}" for like in query.likes]
    return f"({' AND '.join(parts)})"


MOST_ORGANISATIONS = 200


async def _organisations_called(piece: str) -> list[UUID]:
    arguments = _Arguments()
    condition = _text_condition(piece, "cjk_terms(name)", "lower(name)", arguments)
    code = arguments.add(piece.upper())
    rows = await fetch(
        f"SELECT id FROM organisation WHERE {condition} OR code = {code} LIMIT {MOST_ORGANISATIONS}", *arguments.values
    )
    return [row["id"] for row in rows]


async def _agencies(pieces: Sequence[str], size: int, skip: int) -> tuple[list[AgencyHit], int]:
    arguments = _Arguments()
    stages = arguments.add([str(stage) for stage in PUBLIC_STAGES])
    named = [
        f"({_text_condition(piece, 'cjk_terms(o.name)', 'lower(o.name)', arguments)} OR o.code = {arguments.add(piece.upper())})"
        for piece in pieces
    ]
    rows = await fetch(
        "SELECT o.code, o.name, a.stage, o.region_code, a.service_items, a.notice_ends_at, count(*) OVER () AS total"
        " FROM agency a JOIN organisation o ON o.id = a.organisation_id"
        f" WHERE a.stage = ANY ({stages}::text[]) AND {' AND '.join(named)}"
        f" ORDER BY a.stage <> 'admitted', o.name, o.code LIMIT {size} OFFSET {skip}",
        *arguments.values,
    )
    if not rows and skip:
        return await _agencies(pieces, size, 0)
    total = rows[0]["total"] if rows else 0
    hits = [{name: row[name] for name in row if name != "total"} for row in rows]
    return [AgencyHit(**{**row, "service_items": tuple(row["service_items"])}) for row in hits], total


def _escaped(piece: str) -> str:
    return piece.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
