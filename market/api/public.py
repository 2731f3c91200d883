"""What everybody may read, in the order in which it was committed."""

from __future__ import annotations

from typing import Any, Final

from agencies.queries.directory import access_public, lines_of
from agencies.rules import IMPORTED_LISTS
from market.api.answers import (
    AgencyAnswer,
    EntryAnswer,
    ItemAnswer,
    ProjectAnswer,
    RegionAnswer,
    agency_answer,
    agency_row,
    entry_answer,
    item_answer,
    project_answer,
    region_answer,
)
from market.api.reads import Asked, Parameter, canonical, reading
from market.api.shapes import (
    CatalogueAnswer,
    CheckpointAnswer,
    DecisionAnswer,
    ImportedListsAnswer,
    ListsAnswer,
    NoticeContent,
    OverdueAnswer,
    ProofAnswer,
    RulebookAnswer,
    StatisticsAnswer,
)
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import UnknownCode
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import FormInvalid, Message, NotFound
from market.kernel.i18n import N_
from market.register import log
from market.register.acts import NAMES
from market.register.proofs import NotSequenced, inclusion_proof
from market.register.queries import entry, entry_of, history_of, utc_text
from market.site.routes.statistics import statistics_json
from projects.payments.overdue.routes import overdue_json
from projects.posting.actions import notice_json
from projects.posting.queries import published_notice
from projects.queries import PROJECT_SQL, project_by_number, project_view
from projects.rules import Stage
from projects.selection.methods import METHODS
from ratings.cases import queries as cases
from ratings.cases.queries import CaseView
from ratings.imported.routes import public_json
from ratings.lists.routes import lists_json
from ratings.lists.rules import LISTS

PROJECTS, AGENCIES, CATALOGUE, LISTS_GROUP, REGISTER = (
    N_("Projects"), N_("Agencies"), N_("Catalogue and rulebook"), N_("Lists and figures"), N_("Register"),
)  # fmt: skip
_FILTERS: Final = (
    Parameter("stage", N_("Only those at this stage."), tuple(Stage)),
    Parameter("method", N_("Only those with this method of selection."), tuple(METHODS)),
    Parameter("region", N_("Only those in this region: six digits, or the first ones."), example="3702"),
    Parameter("item", N_("Only those with this service item."), example="C001"),
)
# The page's ids come from the log and the index of kinds; whole rows are read for the page only.
_LISTED = """
WITH placed AS (
    SELECT l.leaf, p.id FROM register_leaf l JOIN register_entry e ON e.id = l.entry_id AND e.kind = $1
    JOIN project p ON p.number = e.subject
    WHERE l.leaf > $2 AND ($3::text IS NULL OR p.stage = $3) AND ($4::text IS NULL OR p.method = $4)
      AND ($5::text IS NULL OR p.region_code LIKE $5 || '%') AND ($6::text IS NULL OR p.service_items @> ARRAY[$6])
    ORDER BY l.leaf LIMIT $7)
SELECT placed.leaf, project.* FROM placed JOIN ({projects}) project ON project.id = placed.id ORDER BY placed.leaf
"""


async def _listed(asked: Asked, listing: str, kind: str) -> dict[str, Any]:
    region = asked.given.get("region")
    if region is not None and not (region.isascii() and region.isdigit()):
        return asked.page(listing, [])
    rows = await fetch(
        _LISTED.format(projects=PROJECT_SQL), kind, asked.after(listing), asked.given.get("stage"), asked.given.get("method"),
        region, asked.given.get("item"), asked.limit,
    )  # fmt: skip
    return asked.page(listing, [(row.pop("leaf"), project_answer(project_view(row), asked.url)) for row in rows])


@reading(
    "/projects", N_("Published projects, the oldest first"), PROJECTS, ProjectAnswer, parameters=_FILTERS, paged=True
)
async def list_projects(asked: Asked) -> Any:
    return await _listed(asked, "projects", "project.published")


@reading(
    "/results", N_("Results of selections, the oldest first"), PROJECTS, ProjectAnswer, parameters=_FILTERS, paged=True
)
async def list_results(asked: Asked) -> Any:
    """A project stands here once for each result that became final."""
    return await _listed(asked, "results", "result.final")


@reading("/projects/{number:str}", N_("One project"), PROJECTS, ProjectAnswer)
async def read_project(asked: Asked) -> Any:
    return project_answer(await project_by_number(asked.places["number"]), asked.url)


@reading(
    "/projects/{number:str}/notice",
    N_("The notice as canonical JSON: the bytes whose SHA-256 the register names"),
    PROJECTS,
    NoticeContent,
)
async def read_notice(asked: Asked) -> Any:
    project = await project_by_number(asked.places["number"])
    return notice_json(await published_notice(project.id))


@reading(
    "/projects/{number:str}/history",
    N_("Every legal act on one project, the oldest first"),
    PROJECTS,
    EntryAnswer,
    listed=True,
)
async def read_history(asked: Asked) -> Any:
    project = await project_by_number(asked.places["number"])
    entries = await history_of(project.number)
    leaves = await fetch(
        "SELECT entry_id, leaf FROM register_leaf WHERE entry_id = ANY($1)", [one.id for one in entries]
    )
    placed = {row["entry_id"]: row["leaf"] for row in leaves}
    return {"items": [entry_answer(one, placed.get(one.id)) for one in entries]}


_ADMITTED = """
SELECT l.leaf, e.subject FROM register_leaf l JOIN register_entry e ON e.id = l.entry_id AND e.kind = 'agency.admitted'
WHERE l.leaf > $1 ORDER BY l.leaf LIMIT $2
"""


@reading("/agencies", N_("Admitted agencies, in the order of admission"), AGENCIES, AgencyAnswer, paged=True)
async def list_agencies(asked: Asked) -> Any:
    """Who left the market is passed over; its admission stays in the register."""
    placed = await fetch(_ADMITTED, asked.after("agencies"), asked.limit)
    lines = await lines_of([row["subject"] for row in placed], today=beijing_date(asked.now))
    found = [(row["leaf"], agency_row(lines[row["subject"]], asked.url)) for row in placed if row["subject"] in lines]
    page = asked.page("agencies", found)
    if placed:
        page["next"] = asked.page("agencies", [(placed[-1]["leaf"], None)])["next"]
    return page | {"more": len(placed) == asked.limit}


@reading("/agencies/{code:str}", N_("One agency"), AGENCIES, AgencyAnswer)
async def read_agency(asked: Asked) -> Any:
    found = await access_public(asked.viewer, asked.places["code"])
    if found.dossier.agency.admitted_at is None:
        raise NotFound
    return agency_answer(found, beijing_date(asked.now), asked.url)


@reading("/catalogue", N_("The whole catalogue, as its SHA-256 in the register says"), CATALOGUE, CatalogueAnswer)
async def read_catalogue(asked: Asked) -> Any:
    version = (await catalogue_queries.catalogue_at(asked.now)).version
    return canonical(await catalogue_queries.published_content("catalogue", version))


@reading("/catalogue/items", N_("Service items"), CATALOGUE, ItemAnswer, listed=True)
async def list_items(asked: Asked) -> Any:
    return {"items": [item_answer(item) for item in (await catalogue_queries.catalogue_at(asked.now)).items]}


@reading("/catalogue/items/{code:str}", N_("One service item"), CATALOGUE, ItemAnswer)
async def read_item(asked: Asked) -> Any:
    try:
        return item_answer((await catalogue_queries.catalogue_at(asked.now)).item(asked.places["code"]))
    except UnknownCode as unknown:
        raise NotFound from unknown


@reading("/regions", N_("Regions with their national codes"), CATALOGUE, RegionAnswer, listed=True)
async def list_regions(asked: Asked) -> Any:
    return {"items": [region_answer(one) for one in (await catalogue_queries.catalogue_at(asked.now)).regions]}


@reading("/rulebook", N_("The rulebook in force, as its SHA-256 in the register says"), CATALOGUE, RulebookAnswer)
async def read_rulebook(asked: Asked) -> Any:
    book = await catalogue_queries.rulebook_in_force(asked.here.settings.site_region, asked.now)
    return canonical(await catalogue_queries.published_content("rulebook", book.version))


async def _downloaded(handler: Any, asked: Asked, **given: Any) -> Any:
    """The very content of a download of the site's pages."""
    answer = await handler.fn(asked.request, **given)
    if answer.status_code == 422:
        told: dict[str, list[str]] = answer.content["errors"]
        raise FormInvalid({name: [Message(text) for text in texts] for name, texts in told.items()})
    return answer.content


@reading(
    "/lists",
    N_("Red list and restricted list"),
    LISTS_GROUP,
    ListsAnswer,
    parameters=(Parameter("name", N_("One of the lists."), tuple(LISTS)),),
)
async def read_lists(asked: Asked) -> Any:
    return await _downloaded(lists_json, asked, name=asked.given.get("name"))


@reading("/lists/imported", N_("Who of this market stands on another authority's list"), LISTS_GROUP, ImportedListsAnswer,
         parameters=(Parameter("name", N_("One of the lists."), tuple(IMPORTED_LISTS)),))  # fmt: skip
async def read_imported_lists(asked: Asked) -> Any:
    return await _downloaded(public_json, asked, name=asked.given.get("name"))


@reading("/decisions", N_("Published decisions on breaches"), LISTS_GROUP, DecisionAnswer, listed=True)
async def list_decisions(asked: Asked) -> Any:
    return {"items": [_decision(one, asked.url) for one in await cases.published(asked.now)]}


@reading("/decisions/{number:str}", N_("One published decision"), LISTS_GROUP, DecisionAnswer)
async def read_decision(asked: Asked) -> Any:
    return _decision(await cases.published_case(asked.places["number"], asked.now), asked.url)


def _decision(case: CaseView, url: str) -> DecisionAnswer:
    assert case.decided_at is not None
    return DecisionAnswer(
        case.number, case.firm_code, case.firm_name, case.authority_name, str(case.violation), case.legal_cause, case.reasons,
        utc_text(case.decided_at), str(case.decision_entry_id) if case.decision_entry_id else None,
        f"{url}/decisions/{case.number}",
    )  # fmt: skip


@reading("/statistics", N_("The market's figures: the very numbers of the page"), LISTS_GROUP, StatisticsAnswer, parameters=(
    Parameter("region", N_("Only those in this region: six digits, or the first ones."), example="370200"),
    Parameter("class", N_("Only this class of services."), example="C"),
    Parameter("from", N_("From this day on."), example="2026-01-01"),
    Parameter("to", N_("Up to this day."), example="2026-12-31"),
))  # fmt: skip
async def read_statistics(asked: Asked) -> Any:
    return await _downloaded(statistics_json, asked)


@reading("/overdue", N_("Payments that are overdue for so long that they are public"), LISTS_GROUP, OverdueAnswer)
async def read_overdue(asked: Asked) -> Any:
    return await _downloaded(overdue_json, asked)


_KINDS: Final = Parameter("kind", N_("Only acts of this kind."), tuple(NAMES))
_ENTRIES = """
SELECT l.leaf, e.* FROM register_leaf l JOIN register_entry e ON e.id = l.entry_id
WHERE l.leaf > $1 AND ($2::text IS NULL OR e.kind = $2) ORDER BY l.leaf LIMIT $3
"""


@reading("/register/entries", N_("Every legal act in the order of the log: poll it and you miss nothing"), REGISTER, EntryAnswer,
         parameters=(_KINDS,), paged=True)  # fmt: skip
async def list_entries(asked: Asked) -> Any:
    rows = await fetch(_ENTRIES, asked.after("entries"), asked.given.get("kind"), asked.limit)
    found = [(leaf := row.pop("leaf"), entry_answer(entry_of(row), leaf)) for row in rows]
    return asked.page("entries", found)


@reading("/register/entries/{entry_id:uuid}", N_("One entry of the register"), REGISTER, EntryAnswer)
async def read_entry(asked: Asked) -> Any:
    found = await entry(asked.places["entry_id"])
    return entry_answer(found, await fetch_value("SELECT leaf FROM register_leaf WHERE entry_id = $1", found.id))


@reading("/register/entries/{entry_id:uuid}/proof", N_("Everything needed to check one entry"), REGISTER, ProofAnswer)
async def read_proof(asked: Asked) -> Any:
    try:
        return await inclusion_proof(asked.places["entry_id"])
    except NotSequenced as waiting:
        raise NotFound from waiting


@reading("/register/checkpoint", N_("The newest signed checkpoint"), REGISTER, CheckpointAnswer)
async def read_checkpoint(asked: Asked) -> Any:
    found = await log.checkpoint()
    if found is None:
        raise NotFound
    return CheckpointAnswer(found.size, found.root.hex(), utc_text(found.signed_at), found.text)
