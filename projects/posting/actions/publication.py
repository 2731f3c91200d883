"""Publication: a draft becomes a project, once and irrevocably."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.beacon.source import Beacon
from market.catalogue import queries as catalogue_queries
from market.kernel.calendar import BEIJING, Calendar
from market.kernel.db import execute, execute_many, fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from projects.posting import queries, rules
from projects.posting.actions.checking import Books, books_for, findings_for
from projects.posting.actions.drafts import already_published, fingerprint
from projects.posting.actions.invitations import tell_invited
from projects.posting.actions.notices import columns, iso, notice_sha256, write_demand
from projects.posting.answers import parse
from projects.posting.queries import Draft
from projects.posting.rules import Notice
from projects.rules import Stage, project_number
from projects.search import tell_search
from projects.selection.rounds.actions import commit_round
from projects.selection.rounds.rules import entries_close


async def publish(
    viewer: Viewer, draft_id: UUID, *, seen: str, calendar: Calendar, beacon: Beacon, now: datetime
) -> str:
    """Publishes a draft: from here on it is a project, and irrevocable. Returns its number.

    `seen`: the fingerprint of the draft that the signatory checked. A draft becomes a project once: whoever comes
    second gets a Refusal that names the project.
    """
    async with transaction():
        # One publication of an owner at a time: otherwise two halves of a split job would not see each other.
        await fetch_value("SELECT 1 FROM organisation WHERE id = $1 FOR NO KEY UPDATE", viewer.organisation_id)
        draft = await _take_draft(viewer, draft_id, seen, now)
        catalogue = await catalogue_queries.catalogue_at(now)
        notice = parse(draft.values, catalogue, now=now)
        books = await books_for(notice.region_code, calendar=calendar, beacon=beacon, now=now)
        rules.refuse_bad(await findings_for(notice, draft.owner_id, books, now=now, repost_of=draft.repost_of))
        return await _insert_project(viewer, draft, notice, books, now)


async def _take_draft(viewer: Viewer, draft_id: UUID, seen: str, now: datetime) -> Draft:
    taken = await execute(
        "UPDATE project_draft SET published_at = $3 WHERE id = $1 AND owner_id = $2 AND published_at IS NULL",
        draft_id, viewer.organisation_id, now,
    )  # fmt: skip
    draft = await queries.access_draft(viewer, draft_id)
    if not taken:
        raise already_published(draft)
    if fingerprint(draft) != seen:
        raise Refusal(
            "posting.changed_since_check", N_("Somebody changed the draft after you checked it; nothing was published."),
            todo=N_("Check your answers again."),
        )  # fmt: skip
    return draft


async def _insert_project(viewer: Viewer, draft: Draft, notice: Notice, books: Books, now: datetime) -> str:
    project_id = new_id()
    number = project_number(now.astimezone(BEIJING).year, await fetch_value("SELECT nextval('project_number')"))
    row = columns(notice, books.catalogue) | {
        "id": project_id, "number": number, "owner_id": draft.owner_id, "draft_id": draft.id, "stage": str(Stage.SIGN_UP),
        "catalogue_version": books.catalogue.version, "rulebook_version": books.rulebook.version,
        "published_by": viewer.person_id, "published_at": now, "sign_up_opens_at": now,
        "sign_up_closes_at": notice.sign_up_closes_at, "due_at": notice.sign_up_closes_at,
        "beacon_chain": books.beacon.chain.hash, "repost_of": draft.repost_of,
    }  # fmt: skip
    names, places = ", ".join(row), ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await execute(f"INSERT INTO project ({names}) VALUES ({places})", *row.values())
    await write_demand(project_id, notice)
    await execute_many("INSERT INTO project_file (id, project_id, file_id, label) VALUES ($1,$2,$3,$4)",
                       [(new_id(), project_id, file_id, label) for file_id, label in draft.files])  # fmt: skip
    beacon_round = await commit_round(
        project_id, no=1, cause="published", method=notice.method, deadline=entries_close(notice, books.rulebook),
        beacon=books.beacon, rulebook=books.rulebook, now=now,
    )  # fmt: skip
    await _record_publication(number, viewer, notice, books, beacon_round, now)
    await tell_search(project_id)
    await tell_invited(number, viewer.organisation_name, notice, now=now)
    return number


async def _record_publication(
    number: str, viewer: Viewer, notice: Notice, books: Books, beacon_round: int | None, now: datetime
) -> None:
    await record("project.published", subject=number, by=viewer.organisation_code, at=now, data={
        "title": notice.title, "service_items": list(notice.service_items), "budget_fen": notice.budget_fen,
        "price_fen": notice.price_fen, "ceiling_fen": notice.ceiling_fen, "method": notice.method, "access": notice.access, "sign_up_closes_at": iso(notice.sign_up_closes_at),
        "beacon_chain": books.beacon.chain.hash, "beacon_round": beacon_round,
        "algorithm": books.rulebook.text("draw.algorithm"), "rulebook": books.rulebook.version,
        "catalogue": books.catalogue.version, "notice_sha256": notice_sha256(notice),
    })  # fmt: skip
