"""After publication: dated amendments, and withdrawal while sign-up is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.accounts.actions import tell
from market.beacon.source import Beacon
from market.catalogue.rules import Catalogue
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch, fetch_value, require_transaction, to_json, transaction
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from projects.actions import lock_project, move_project
from projects.announcements import tell_of_amendments
from projects.posting import rules
from projects.posting.actions.checking import Books, books_of, findings_for
from projects.posting.actions.invitations import tell_invited
from projects.posting.actions.notices import columns, notice_sha256, plain, write_demand
from projects.posting.answers import parse
from projects.posting.queries import published_notice
from projects.posting.rules import Finding, Notice
from projects.queries import ProjectView, access_own_project
from projects.rules import Stage
from projects.search import tell_search
from projects.selection.bids.actions import void_bids
from projects.selection.rounds.actions import commit_round, erase_unopened
from projects.selection.rounds.rules import entries_close

# Every bidder of the project is told the same, whether it had sent a bid or not.
BID_AGAIN = N_("The notice of {number} was amended: {title}. Bids sent so far do not count any more; please bid again.")


@dataclass(frozen=True)
class Amendment:
    """An amendment before it is published: what changes, whether the window starts again, how the checks go."""

    before: Notice
    after: Notice
    changes: Mapping[str, tuple[Any, Any]]
    restarts_window: bool
    findings: list[Finding]


async def preview(
    project: ProjectView, values: Mapping[str, Any], *, calendar: Calendar, beacon: Beacon, now: datetime
) -> Amendment:
    """What would happen. Raises FormInvalid for the form, Refusal where nothing, or another job, would be published."""
    rules.check_still_open(project.stage, project.sign_up_closes_at, now)
    before, books = await published_notice(project.id), await books_of(project, calendar, beacon)
    after = parse(values, books.catalogue, now=now)
    changes = rules.check_amendment(before, after)
    again = rules.restarts_window(changes)
    findings = await findings_for(after, project.owner_id, books, now=now, but=project.id, new_window=again)
    return Amendment(before, after, changes, again, findings)


async def amend(
    viewer: Viewer,
    number: str,
    values: Mapping[str, Any],
    *,
    reason: str,
    calendar: Calendar,
    beacon: Beacon,
    now: datetime,
) -> Amendment:
    """Publishes a dated amendment. Where it touches who may take part, the price or the work, the sign-up window starts
    again; a changed closing time commits the draw to a new beacon round. `values`: the complete form of the notice."""
    seen = await access_own_project(viewer, number)
    async with transaction():
        project = await lock_project(seen.id)
        amendment = await preview(project, values, calendar=calendar, beacon=beacon, now=now)
        rules.refuse_bad(amendment.findings)
        await _write_amendment(viewer, project, amendment, reason, await books_of(project, calendar, beacon), now)
    return amendment


async def _write_amendment(
    viewer: Viewer, project: ProjectView, amendment: Amendment, reason: str, books: Books, now: datetime
) -> None:
    after, again = amendment.after, amendment.restarts_window
    await _update_project(project, amendment, books.catalogue, now)
    await write_demand(project.id, after)
    no = 1 + await fetch_value("SELECT count(*) FROM project_amendment WHERE project_id = $1", project.id)
    shown = {name: [plain(old), plain(new)] for name, (old, new) in amendment.changes.items()}
    await execute(
        "INSERT INTO project_amendment (id, project_id, no, changes, reason, restarts_window, made_by, made_at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
        new_id(), project.id, no, to_json(shown), reason, again, viewer.person_id, now,
    )  # fmt: skip
    await tell_of_amendments(project.id)
    moved = not amendment.changes.keys().isdisjoint({"sign_up_closes_at", "bidding_starts_at"})
    beacon_round = await _new_round(project, after, books, now) if again or moved else None
    voided = await void_bids(project.id, now=now) if again or moved else 0
    await record("project.amended", subject=project.number, by=viewer.organisation_code, at=now, data={
        "no": no, "changes": shown, "reason": reason, "restarts_window": again, "beacon_round": beacon_round,
        "sign_up_closes_at": plain(after.sign_up_closes_at), "notice_sha256": notice_sha256(after),
    })  # fmt: skip
    await tell_invited(project.number, project.owner_name, after, now=now)
    told = BID_AGAIN if voided else N_("The notice of {number} was amended: {title}")
    await _tell_signed_up(project, told, f"amended-{no}", now)


async def _update_project(project: ProjectView, amendment: Amendment, catalogue: Catalogue, now: datetime) -> None:
    closes_at = amendment.after.sign_up_closes_at
    row = columns(amendment.after, catalogue) | {"sign_up_closes_at": closes_at, "due_at": closes_at}
    row |= {"sign_up_opens_at": now} if amendment.restarts_window else {}
    assignments = ", ".join(f"{name} = ${place}" for place, name in enumerate(row, start=2))
    await execute(f"UPDATE project SET {assignments} WHERE id = $1", project.id, *row.values())
    await tell_search(project.id)


async def _new_round(project: ProjectView, after: Notice, books: Books, now: datetime) -> int | None:
    last: int = await fetch_value("SELECT max(no) FROM selection_round WHERE project_id = $1", project.id)
    return await commit_round(
        project.id, no=last + 1, cause="window_restarted", method=after.method,
        deadline=entries_close(after, books.rulebook), beacon=books.beacon, rulebook=books.rulebook, now=now,
    )  # fmt: skip


async def withdraw(viewer: Viewer, number: str, *, reason: str, now: datetime) -> None:
    """Takes a notice back, with a public reason, as long as sign-up is open and no pool is frozen."""
    seen = await access_own_project(viewer, number)
    async with transaction():
        project = await lock_project(seen.id)
        rules.check_still_open(project.stage, project.sign_up_closes_at, now)
        await move_project(project.id, expect=Stage.SIGN_UP, to=Stage.WITHDRAWN, due_at=None, withdrawn_at=now,
                           withdrawal_reason=reason)  # fmt: skip
        await execute("UPDATE selection_round SET superseded_at = $2 WHERE project_id = $1 AND frozen_at IS NULL"
                      " AND superseded_at IS NULL AND annulled_at IS NULL", project.id, now)  # fmt: skip
        await erase_unopened(project.id, now=now)
        await record("project.withdrawn", subject=number, by=viewer.organisation_code, at=now, data={"reason": reason})
        await _tell_signed_up(project, N_("{number} was withdrawn by its owner: {title}"), "withdrawn", now)


async def _tell_signed_up(project: ProjectView, text: str, what: str, now: datetime) -> None:
    require_transaction()
    signed_up = await fetch(
        "SELECT agency_id FROM sign_up WHERE project_id = $1 AND withdrawn_at IS NULL ORDER BY agency_id", project.id
    )
    for row in signed_up:
        await tell(row["agency_id"], text, link=project.url, cause=f"{what}:{project.number}", now=now,
                   facts={"number": project.number, "title": project.title})  # fmt: skip
