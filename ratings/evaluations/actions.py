"""Rating, showing ratings, replying to them, and what a low one costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.accounts.actions import tell
from market.accounts.queries import organisation
from market.catalogue.queries import rulebook
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_value, to_json, transaction
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.times import load_calendar
from market.register.actions import record
from market.register.queries import Entry
from market.web.viewer import Viewer
from projects.actions import close_project, lock_project
from projects.queries import ProjectView, project_by_number
from ratings.credit.actions import Proof, book_charges
from ratings.credit.rules import low_rating
from ratings.evaluations import queries
from ratings.evaluations.queries import RatingView
from ratings.evaluations.rules import PARTIES, Side, check_may_rate, check_may_reply, is_low, needs_reasons, overall


@dataclass(frozen=True)
class GiveRating:
    """A mark from 1 to 5 for each dimension of the side."""

    marks: Mapping[str, int]
    reasons: str


async def open_window(accepted: Entry, *, calendar: Calendar, now: datetime) -> bool:
    """From the acceptance of a delivery on, both sides may rate; False when the window was open already."""
    project = await project_by_number(accepted.subject)
    book = await rulebook(project.rulebook_version)
    due_at = deadline(book, "rating.window_days", accepted.at, calendar)
    async with transaction():
        opened = await execute(
            "INSERT INTO rating_window (project_id, owner_id, agency_id, opened_at, due_at) VALUES ($1,$2,$3,$4,$5)"
            " ON CONFLICT (project_id) DO NOTHING",
            project.id, project.owner_id, project.winner_id, accepted.at, due_at,
        )  # fmt: skip
        if opened:
            await _tell_both(project, N_("{project} is accepted. Please rate your partner; the rating stays hidden until both sides have rated or the time is over."),
                             link=f"{project.url}#rating", cause="rating-open", now=now)  # fmt: skip
    return bool(opened)


async def give_rating(
    project: ProjectView, side: Side, command: GiveRating, *, acting: Viewer, calendar: Calendar, now: datetime
) -> bool:
    """Once a project and side. Returns whether it is shown now: both parties' ratings are in, or were shown before."""
    book = await rulebook(project.rulebook_version)
    async with transaction():
        locked = await lock_project(project.id)
        window = await queries.window_of(locked.id)
        check_may_rate(window, side, now)
        rating_id = await _insert_rating(locked, side, command, acting=acting, now=now)
        await record("rating.given", subject=locked.number, by=acting.organisation_code, data={"side": side}, at=now,
                     private={"marks": dict(command.marks), "reasons": command.reasons})  # fmt: skip
        after = await queries.window_of(locked.id)
        if after is not None and after.revealed_at is not None:
            await _show(await _lock_rating(rating_id), book, calendar=calendar, now=now)
            return True
        if after is not None and after.complete:
            await _reveal(locked, book, calendar=calendar, now=now)
            return True
    return False


async def reveal_next(now: datetime) -> bool:
    """Shows the ratings of one project whose time to rate is over and closes it; False when none is due."""
    async with transaction():
        due = await fetch_value(
            "SELECT w.project_id FROM rating_window w JOIN project p ON p.id = w.project_id"
            " WHERE w.due_at <= $1 AND w.revealed_at IS NULL ORDER BY w.due_at LIMIT 1 FOR NO KEY UPDATE OF p SKIP LOCKED",
            now,
        )
        if due is None:
            return False
        project = await lock_project(due)
        window = await queries.window_of(due)
        if window is not None and window.revealed_at is None:
            book = await rulebook(project.rulebook_version)
            await _reveal(project, book, calendar=await load_calendar(), now=now)
    return True


async def reply(rating: RatingView, text: str, *, acting: Viewer, now: datetime) -> None:
    """The rated side's answer, public beside the rating."""
    async with transaction():
        locked = await _lock_rating(rating.id)
        check_may_reply(revealed_at=locked.revealed_at, due_at=locked.reply_due_at, replied=locked.replied_at is not None,
                        now=now)  # fmt: skip
        await execute(
            "UPDATE rating SET reply = $2, replied_by = $3, replied_at = $4 WHERE id = $1",
            rating.id, text, acting.person_id, now,
        )  # fmt: skip
        await record("rating.replied", subject=rating.project_number, by=acting.organisation_code,
                     data={"side": rating.side, "reply": text}, at=now)  # fmt: skip
        await tell(rating.rater_id, N_("{organisation} replied to your rating of {project}."),
                   link=f"/projects/{rating.project_number}", cause=f"rating-reply:{rating.id}", now=now,
                   facts={"organisation": rating.rated_name, "project": rating.project_number})  # fmt: skip


async def settle_next_low(now: datetime) -> bool:
    """Lets one low rating count whose right of reply is over; False when none is due."""
    async with transaction():
        due = await fetch_value(
            "SELECT id FROM rating WHERE reply_due_at <= $1 AND settled_at IS NULL ORDER BY reply_due_at LIMIT 1"
            " FOR UPDATE SKIP LOCKED",
            now,
        )
        if due is None:
            return False
        await _settle_low(await _lock_rating(due), now=now)
        await execute("UPDATE rating SET settled_at = $2 WHERE id = $1", due, now)
    return True


async def _insert_rating(
    project: ProjectView, side: Side, command: GiveRating, *, acting: Viewer, now: datetime
) -> UUID:
    rated, rating_id = project.owner_id if side == "agency" else project.winner_id, new_id()
    await execute(
        "INSERT INTO rating (id, project_id, side, rater_id, rated_id, marks, overall, reasons, affiliated, rated_by,"
        " rated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        rating_id, project.id, side, acting.organisation_id, rated, to_json(dict(command.marks)), overall(command.marks),
        command.reasons, side in PARTIES and await queries.affiliated(project, now=now), acting.person_id, now,
    )  # fmt: skip
    return rating_id


async def _reveal(project: ProjectView, book: Rulebook, *, calendar: Calendar, now: datetime) -> None:
    """Shows what was given, opens the right of reply to low ratings, and closes the project."""
    given = await queries.ratings_of_project(project.id)
    for rating in given.values():
        await _show(rating, book, calendar=calendar, now=now)
    if "owner" not in given:
        owner = await organisation(project.owner_id)
        await record("rating.missing", subject=project.number, by="market", at=now, data={"owner": owner.code})
    await execute("UPDATE rating_window SET revealed_at = $2 WHERE project_id = $1", project.id, now)
    await close_project(project.id, now=now)
    await _tell_both(project, N_("The ratings for {project} are shown now, and the project is closed."),
                     link=project.url, cause="rating-shown", now=now)  # fmt: skip


async def _show(rating: RatingView, book: Rulebook, *, calendar: Calendar, now: datetime) -> None:
    entry_id = await _record_revealed(rating, now=now)
    low = needs_reasons(rating.marks, low_stars=book.integer("rating.low_stars"))
    reply_due_at = deadline(book, "rating.reply_days", now, calendar) if low else None
    await execute(
        "UPDATE rating SET revealed_at = $2, revealed_entry_id = $3, reply_due_at = $4 WHERE id = $1",
        rating.id, now, entry_id, reply_due_at,
    )  # fmt: skip
    if low:
        await _tell_low(rating, now=now)


async def _record_revealed(rating: RatingView, *, now: datetime) -> UUID:
    """Ratings of an agency are public with their marks. An agency's rating of an owner is public as a fact; its marks enter
    as a digest, because owners are shown in aggregate only."""
    marks = {"overall": rating.overall, "marks": dict(rating.marks)}
    public = rating.side != "agency"
    data = {
        "side": rating.side,
        "rater": rating.rater_code,
        "rated": rating.rated_code,
        "affiliated": rating.affiliated,
    }
    return await record(
        "rating.revealed", subject=rating.project_number, by="market", at=now,
        data=data | marks if public else data, private=None if public else marks,
    )  # fmt: skip


async def _settle_low(rating: RatingView, *, now: datetime) -> None:
    project = await project_by_number(rating.project_number)
    book = await rulebook(project.rulebook_version)
    low = is_low(rating.overall, low_stars=book.integer("rating.low_stars"))
    if rating.side != "owner" or rating.affiliated or rating.struck_at is not None or not low:
        return
    if rating.revealed_at is None or rating.revealed_entry_id is None:
        raise ValueError("a rating that was not shown cannot count")
    proof = Proof(rating.revealed_entry_id, rating.revealed_at, book, project.number)
    await book_charges([low_rating(rating.rated_code, book.integer)], proof, now=now)


async def _lock_rating(rating_id: UUID) -> RatingView:
    await fetch_value("SELECT id FROM rating WHERE id = $1 FOR UPDATE", rating_id)
    found = await queries.rating_by_id(rating_id)
    if found is None:
        raise NotFound
    return found


async def _tell_low(rating: RatingView, *, now: datetime) -> None:
    await tell(
        rating.rated_id, N_("{organisation} gave you a low rating for {project}. You may reply in public before it counts."),
        link=f"/ratings/{rating.id}/reply", cause=f"rating-low:{rating.id}", now=now,
        facts={"organisation": rating.rater_name, "project": rating.project_number},
    )  # fmt: skip


async def _tell_both(project: ProjectView, text: str, *, link: str, cause: str, now: datetime) -> None:
    for organisation_id in filter(None, (project.owner_id, project.winner_id)):
        await tell(organisation_id, text, link=link, cause=f"{cause}:{project.id}", now=now,
                   facts={"project": project.number})  # fmt: skip
