"""The public directory: search and filters over admitted agencies, entry notices, one agency's public page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agencies.queries.application import Dossier, agency_by_code, dossier_of
from agencies.rules import PUBLIC_STAGES, Removal, removal_of
from market.catalogue.rules import NATION
from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.register.naming import names_actors
from market.search.words import terms_of, words_of
from market.web.viewer import Viewer

PAGE_SIZE = 20
SORTS = {
    "name": "o.name, o.code",
    "admitted": "a.admitted_at DESC, o.code",
    "score": "s.score DESC NULLS LAST, o.name, o.code",
}
_FROM = """
FROM agency a JOIN organisation o ON o.id = a.organisation_id
LEFT JOIN agency_standing s ON s.agency_id = a.organisation_id
WHERE a.stage = 'admitted'
"""
_WITH_QUALIFICATION = """EXISTS (SELECT 1 FROM agency_qualification q WHERE q.agency_id = a.organisation_id
    AND q.qualification_type = {type} AND q.review = 'accepted' AND q.ended_at IS NULL
    AND {today}::date BETWEEN q.valid_from AND q.valid_until)"""


@dataclass(frozen=True)
class Filters:
    """`items`: agencies that offer any of these; `region`: a code of any tier."""

    text: str = ""
    items: tuple[str, ...] = ()
    region: str = ""
    qualification: str = ""
    sort: str = "name"


@dataclass(frozen=True)
class Held:
    """A certificate as the directory shows it."""

    qualification_type: str
    level: str
    valid_until: date


@dataclass(frozen=True)
class Line:
    id: UUID
    code: str
    name: str
    region_code: str
    branch_of: str | None
    admitted_at: datetime
    service_items: tuple[str, ...]
    score: int | None
    suspended_until: datetime | None
    restricted_until: datetime | None
    practitioners: int
    listed: bool
    qualifications: tuple[Held, ...] = ()
    removal: Removal | None = None

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Each kind and level once, however many certificates say so."""
        return list(dict.fromkeys((held.qualification_type, held.level) for held in self.qualifications))


@dataclass(frozen=True)
class Notice:
    """An agency that is about to enter."""

    code: str
    name: str
    region_code: str
    service_items: tuple[str, ...]
    notice_started_at: datetime
    notice_ends_at: datetime


@dataclass(frozen=True)
class Relative:
    code: str
    name: str


@dataclass(frozen=True)
class PublicAgency:
    """`branches`: admitted ones; `head_office`: where it is in the market itself."""

    dossier: Dossier
    branches: tuple[Relative, ...]
    head_office: Relative | None
    suspended_until: datetime | None
    suspension_reason: str
    restricted_until: datetime | None
    restriction_reason: str
    score: int | None
    removal: Removal | None = None


def search_query(text: str) -> str:
    """A tsquery that finds what cjk_terms indexed: neighbouring pairs of Chinese characters, beginnings of words.
    "" where the text holds nothing to search for. Only letters, digits and Chinese characters get into it."""
    return " & ".join(dict.fromkeys(term for word in words_of(text) for term in terms_of(word)))


def region_prefix(code: str) -> str:
    """370000 -> 37, 370200 -> 3702: what the codes of all regions inside begin with; the nation holds all."""
    if code == NATION:
        return ""
    while code.endswith("00"):
        code = code[:-2]
    return code


def _conditions(filters: Filters, today: date) -> tuple[str, list[Any]]:
    args: list[Any] = []

    def place(value: Any) -> str:
        args.append(value)
        return f"${len(args)}"

    conditions = []
    if filters.text:
        code = place(filters.text.strip().upper())
        conditions.append(
            f"(cjk_terms(o.name) @@ {place(search_query(filters.text))}::text::tsquery OR o.code = {code})"
        )
    if filters.items:
        conditions.append(f"a.service_items && {place(list(filters.items))}::text[]")
    if filters.region:
        conditions.append(f"o.kind = 'agency' AND o.region_code LIKE {place(region_prefix(filters.region) + '%')}")
    if filters.qualification:
        conditions.append(_WITH_QUALIFICATION.format(type=place(filters.qualification), today=place(today)))
    return "".join(f" AND {condition}" for condition in conditions), args


async def directory(filters: Filters, *, page: int, today: date) -> tuple[int, list[Line]]:
    """How many agencies match, and those on this page. Three queries whatever the size."""
    where, args = _conditions(filters, today)
    total: int = await fetch_value(f"SELECT count(*) {_FROM}{where}", *args)
    rows = await fetch(
        f"{_lines(today)}{where} ORDER BY {SORTS[filters.sort]} LIMIT {PAGE_SIZE} OFFSET {(page - 1) * PAGE_SIZE}",
        *args,
    )
    return total, await _with_held(rows, today)


async def lines_of(codes: Collection[str], *, today: date) -> dict[str, Line]:
    """The admitted ones among these, by code. Two queries however many they are."""
    rows = await fetch(f"{_lines(today)} AND o.code = ANY ($1)", list(codes))
    return {line.code: line for line in await _with_held(rows, today)}


def _lines(today: date) -> str:
    return (
        "SELECT a.organisation_id AS id, o.code, o.name, o.region_code, a.branch_of, a.admitted_at, a.service_items,"
        " s.score, s.suspended_until, s.restricted_until, s.removed_since, s.removed_until, s.removal_decision, (SELECT count(*) FROM agency_practitioner p"
        "  WHERE p.agency_id = a.organisation_id AND p.left_at IS NULL AND p.review = 'accepted') AS practitioners,"
        " EXISTS (SELECT 1 FROM imported_listing l WHERE l.code IN (o.code, a.branch_of) AND l.ended_at IS NULL"
        f"  AND (l.until_on IS NULL OR l.until_on >= '{today.isoformat()}'::date)) AS listed {_FROM}"
    )


async def _with_held(rows: Sequence[dict[str, Any]], today: date) -> list[Line]:
    held = await _held([row["id"] for row in rows], today)
    return [_line(row, held) for row in rows]


def _line(row: dict[str, Any], held: dict[UUID, list[Held]]) -> Line:
    facts = {"service_items": tuple(row["service_items"]), "qualifications": tuple(held.get(row["id"], ()))}
    return Line(**_with_removal({**row, **facts}))


def _with_removal(row: dict[str, Any]) -> dict[str, Any]:
    """The three columns of a removal as one."""
    removal = removal_of(row.pop("removed_since"), row.pop("removed_until"), row.pop("removal_decision"))
    return {**row, "removal": removal}


async def _held(agency_ids: Sequence[UUID], today: date) -> dict[UUID, list[Held]]:
    rows = await fetch(
        "SELECT agency_id, qualification_type, level, valid_until FROM agency_qualification WHERE agency_id = ANY ($1)"
        " AND review = 'accepted' AND ended_at IS NULL AND $2 BETWEEN valid_from AND valid_until ORDER BY created_at, id",
        list(agency_ids), today,
    )  # fmt: skip
    found: defaultdict[UUID, list[Held]] = defaultdict(list)
    for row in rows:
        found[row.pop("agency_id")].append(Held(**row))
    return found


async def counts_by_region() -> dict[str, int]:
    """Admitted agencies by province (two-digit prefix filled up to a code) and by city."""
    rows = await fetch(
        "SELECT left(o.region_code, 4) AS city, count(*) AS agencies FROM agency a"
        " JOIN organisation o ON o.id = a.organisation_id WHERE a.stage = 'admitted' GROUP BY 1 ORDER BY 1"
    )
    counted: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        counted[row["city"][:2] + "0000"] += row["agencies"]
        if not row["city"].endswith("00"):
            counted[row["city"] + "00"] += row["agencies"]
    return dict(sorted(counted.items()))


async def entry_notices(*, page: int = 1) -> tuple[int, list[Notice]]:
    """Agencies in their public notice period; what ends first stands first."""
    total: int = await fetch_value("SELECT count(*) FROM agency WHERE stage = 'notice'")
    rows = await fetch(
        "SELECT o.code, o.name, o.region_code, a.service_items, a.notice_started_at, a.notice_ends_at"
        " FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.stage = 'notice'"
        " ORDER BY a.notice_ends_at, o.code LIMIT $1 OFFSET $2",
        PAGE_SIZE, (page - 1) * PAGE_SIZE,
    )  # fmt: skip
    return total, [Notice(**{**row, "service_items": tuple(row["service_items"])}) for row in rows]


@names_actors
async def public_names(codes: Collection[str]) -> dict[str, str]:
    """Agencies whose page everybody may read, by code."""
    rows = await fetch(
        "SELECT o.code, o.name FROM agency a JOIN organisation o ON o.id = a.organisation_id"
        " WHERE o.code = ANY ($1) AND a.stage = ANY ($2::text[])",
        list(codes), list(map(str, PUBLIC_STAGES)),
    )  # fmt: skip
    return {row["code"]: row["name"] for row in rows}


async def access_public(viewer: Viewer, code: str) -> PublicAgency:
    """The public page of an agency: from its notice on for everybody, before that for itself and its supervisors."""
    agency = await agency_by_code(code)
    insider = viewer.organisation_id == agency.id or viewer.is_operator or viewer.is_regulator
    if agency.stage not in PUBLIC_STAGES and not insider:
        raise NotFound
    standing = await fetch_one(
        "SELECT suspended_until, suspension_reason, restricted_until, restriction_reason, score, removed_since, removed_until,"
        " removal_decision FROM agency_standing WHERE agency_id = $1",
        agency.id,
    )
    branches = await fetch(
        "SELECT o.code, o.name FROM agency a JOIN organisation o ON o.id = a.organisation_id"
        " WHERE a.branch_of = $1 AND a.stage = 'admitted' ORDER BY o.name",
        agency.code,
    )
    nothing = {
        "suspended_until": None, "suspension_reason": "", "restricted_until": None, "restriction_reason": "", "score": None
    }  # fmt: skip
    return PublicAgency(
        dossier=await dossier_of(agency), branches=tuple(Relative(**row) for row in branches),
        head_office=await _relative(agency.firm.branch_of), **(_with_removal(standing) if standing else nothing),
    )  # fmt: skip


async def _relative(code: str | None) -> Relative | None:
    row = await fetch_one("SELECT code, name FROM organisation WHERE code = $1", code) if code else None
    return Relative(**row) if row else None


@dataclass(frozen=True)
class Operator:
    name: str
    phone: str
    complaint_phone: str
    address: str


async def operator_contact() -> Operator | None:
    """To whom people turn who object to an entry."""
    row = await fetch_one(
        "SELECT name, phone, complaint_phone, address FROM organisation WHERE kind = 'operator' AND closed_at IS NULL"
        " ORDER BY created_at LIMIT 1"
    )
    return Operator(**row) if row else None


async def market_region() -> str:
    """Where the market is at home: its operator's region; the nation before there is one."""
    region: str | None = await fetch_value(
        "SELECT region_code FROM organisation WHERE kind = 'operator' AND closed_at IS NULL ORDER BY created_at LIMIT 1"
    )
    return region or NATION
