"""The lists of notices and results, and the parts of a project's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from projects.page.search import text_query
from projects.rules import BANDS, STAGE_GROUPS, Stage
from projects.selection.methods import METHODS

PAGE: Final = 20
MOST_PAGES: Final = 500
SOON: Final = timedelta(hours=48)
SORTS: Final = {
    "newest": "p.published_at DESC, p.id DESC",
    "closing": "p.sign_up_closes_at, p.id",
    "price": "p.amount_fen DESC, p.id DESC",
}


@dataclass(frozen=True)
class ListQuery:
    """What the address of the list says; unknown values count as not given."""

    text: str = ""
    region: str = ""
    service_class: str = ""
    item: str = ""
    stage: str = ""
    method: str = ""
    band: str = ""
    soon: bool = False
    sort: str = "newest"
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One project in a list."""

    number: str
    title: str
    owner_name: str
    stage: Stage
    method: str
    service_items: Sequence[str]
    region_code: str
    price_fen: int | None
    amount_fen: int
    budget_fen: int | None
    published_at: datetime
    sign_up_closes_at: datetime
    drawn_at: datetime | None
    result_notice_ends_at: datetime | None
    result_final_at: datetime | None
    failed_at: datetime | None
    winner_code: str | None
    winner_name: str | None


@dataclass
class _Conditions:
    """WHERE clauses with their parameters."""

    clauses: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, clause: str, *values: Any) -> None:
        """`?` in the clause stands for the next parameter."""
        for value in values:
            self.values.append(value)
            clause = clause.replace("?", f"${len(self.values)}", 1)
        self.clauses.append(clause)

    @property
    def sql(self) -> str:
        return f" WHERE {' AND '.join(self.clauses)}" if self.clauses else ""


_LINE = (
    "SELECT p.number, p.title, o.name AS owner_name, p.stage, p.method, p.service_items, p.region_code, p.price_fen, p.amount_fen, p.budget_fen,"
    " p.published_at, p.sign_up_closes_at, p.drawn_at, p.result_notice_ends_at, p.result_final_at, p.failed_at,"
    " w.code AS winner_code, w.name AS winner_name"
)
_JOINS = " JOIN organisation o ON o.id = p.owner_id LEFT JOIN organisation w ON w.id = p.winner_id"


async def notices(asked: ListQuery, now: datetime) -> tuple[list[Line], int]:
    """One page of the list and the number of all that match."""
    where = _where(asked, now)
    return await _page(where, SORTS.get(asked.sort, SORTS["newest"]), asked.page)


async def _page(where: _Conditions, order: str, page: int) -> tuple[list[Line], int]:
    # The page's ids and the total come from narrow index rows; whole rows are read for the page's lines only.
    rows = await fetch(
        f"{_LINE}, (SELECT count(*) FROM project p{where.sql}) AS total FROM"
        f" (SELECT p.id FROM project p{where.sql} ORDER BY {order} LIMIT {PAGE} OFFSET {PAGE * (page - 1)}) found"
        f" JOIN project p ON p.id = found.id{_JOINS} ORDER BY {order}",
        *where.values,
    )
    return [_line(row) for row in rows], rows[0]["total"] if rows else 0


def _line(row: dict[str, Any]) -> Line:
    return Line(**{name: row[name] for name in Line.__dataclass_fields__ if name != "stage"}, stage=Stage(row["stage"]))


def _where(asked: ListQuery, now: datetime) -> _Conditions:
    where = _Conditions()
    if asked.soon:
        where.add("p.stage = 'sign_up' AND p.sign_up_closes_at > ? AND p.sign_up_closes_at <= ?", now, now + SOON)
    elif asked.stage in STAGE_GROUPS:
        where.add("p.stage = ANY(?::text[])", [str(stage) for stage in STAGE_GROUPS[asked.stage]])
    if asked.method in METHODS:
        where.add("p.method = ?", asked.method)
    if asked.region:
        where.add("p.region_code LIKE ?", f"{region_prefix(asked.region)}%")
    if asked.item:
        where.add("p.service_items @> ARRAY[?]::text[]", asked.item)
    elif asked.service_class:
        where.add("p.service_classes LIKE ?", f"%|{asked.service_class}|%")
    low, high = BANDS.get(asked.band, (None, None))
    if low is not None:
        where.add("p.amount_fen >= ?", low)
    if high is not None:
        where.add("p.amount_fen < ?", high)
    _match_text(where, asked.text)
    return where


def _match_text(where: _Conditions, text: str) -> None:
    query = text_query(text)
    if query.terms:
        where.add("p.search_terms @@ to_tsquery('simple', ?)", query.terms)
    for pattern in query.likes:
        where.add("p.search_text LIKE ?", pattern)


def region_prefix(code: str) -> str:
    """370000 -> 37, 370200 -> 3702, 370203 -> 370203: what all codes within the region begin with."""
    return code.removesuffix("00").removesuffix("00")


async def results(*, failed: bool, page: int) -> tuple[list[Line], int]:
    """Selections that came to a result, newest first; or those that failed."""
    where, moment = _Conditions(), "failed_at" if failed else "drawn_at"
    where.add(f"p.{moment} IS NOT NULL")
    return await _page(where, f"p.{moment} DESC, p.id DESC", page)


@dataclass(frozen=True)
class Document:
    """A public file of a notice; `label` is what the owner calls it."""

    id: str
    name: str
    size: int
    sha256: str
    label: str


async def document_of(number: str, file_id: UUID) -> StoredFile:
    """A public file of this project; NotFound for every other file."""
    row = await fetch_one(
        "SELECT s.id, s.owner_organisation_id, s.name, s.media_type, s.size, s.sha256, s.uploaded_at FROM project_file f"
        " JOIN project p ON p.id = f.project_id JOIN stored_file s ON s.id = f.file_id WHERE p.number = $1 AND f.file_id = $2",
        number, file_id,
    )  # fmt: skip
    if row is None:
        raise NotFound
    return StoredFile(**row)


@dataclass(frozen=True)
class Committed:
    """The round of the beacon that decides, as the notice or its last amendment committed to it; none where nothing is
    left to chance."""

    no: int
    committed_at: datetime
    deadline: datetime
    beacon_round: int | None


@dataclass(frozen=True)
class Amendment:
    no: int
    changes: dict[str, list[Any]]
    reason: str
    restarts_window: bool
    made_at: datetime


@dataclass(frozen=True)
class Details:
    """Everything on the project's page that is not a column of the project itself."""

    requirements: list[tuple[str, str, str]]
    avoided: list[tuple[str, str, str]]
    invited: list[tuple[str, str]]
    amendments: list[Amendment]
    documents: list[Document]
    committed: Committed | None


_DETAILS = """
SELECT
  (SELECT coalesce(json_agg(json_build_array(qualification_type, level, speciality) ORDER BY qualification_type, speciality), '[]')
   FROM project_requirement WHERE project_id = $1) AS requirements,
  (SELECT coalesce(json_agg(json_build_array(o.code, o.name, a.reason) ORDER BY o.code), '[]')
   FROM project_avoided a JOIN organisation o ON o.id = a.agency_id WHERE a.project_id = $1) AS avoided,
  (SELECT coalesce(json_agg(json_build_array(o.code, o.name) ORDER BY o.code), '[]')
   FROM project_invited i JOIN organisation o ON o.id = i.agency_id WHERE i.project_id = $1) AS invited,
  (SELECT coalesce(json_agg(json_build_object('no', no, 'changes', changes, 'reason', reason, 'restarts_window', restarts_window,
     'made_at', made_at) ORDER BY no), '[]') FROM project_amendment WHERE project_id = $1) AS amendments,
  (SELECT coalesce(json_agg(json_build_object('id', s.id, 'name', s.name, 'size', s.size, 'sha256', s.sha256, 'label', f.label)
     ORDER BY s.uploaded_at, s.id), '[]')
   FROM project_file f JOIN stored_file s ON s.id = f.file_id WHERE f.project_id = $1) AS documents,
  r.no, r.committed_at, r.deadline, r.beacon_round
FROM (SELECT 1) one LEFT JOIN LATERAL (
  SELECT no, committed_at, deadline, beacon_round FROM selection_round
  WHERE project_id = $1 AND superseded_at IS NULL AND annulled_at IS NULL ORDER BY no DESC LIMIT 1) r ON true
"""


async def details_of(project_id: UUID) -> Details:
    row = await fetch_one(_DETAILS, project_id)
    assert row is not None
    committed = {name: row[name] for name in Committed.__dataclass_fields__}
    return Details(
        requirements=[tuple(one) for one in from_json(row["requirements"])],
        avoided=[tuple(one) for one in from_json(row["avoided"])],
        invited=[tuple(one) for one in from_json(row["invited"])],
        amendments=[_amendment(one) for one in from_json(row["amendments"])],
        documents=[Document(**one) for one in from_json(row["documents"])],
        committed=Committed(**committed) if row["no"] is not None else None,
    )


def _amendment(data: dict[str, Any]) -> Amendment:
    return Amendment(**{**data, "made_at": datetime.fromisoformat(data["made_at"])})


async def names_of(codes: Sequence[str]) -> dict[str, str]:
    """Organisation code -> name, for the timeline."""
    if not codes:
        return {}
    rows = await fetch("SELECT code, name FROM organisation WHERE code = ANY($1::text[])", list(codes))
    return {row["code"]: row["name"] for row in rows}
