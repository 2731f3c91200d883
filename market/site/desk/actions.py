"""What is done at the desk: filters kept, matters given to a colleague, reminders sent, several at once, files ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from market.accounts.actions import tell
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import Message, NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.jobs import defer
from market.register.actions import record
from market.register.queries import utc_text
from market.site.desk import queries
from market.site.desk.filters import Filter
from market.site.desk.queries import MOST_SAVED, Asking, asking
from market.site.desk.views import View
from market.web.viewer import Viewer
from ratings.flags.actions import take_up as take_flag
from ratings.tips.actions import take_up as take_tip

EXPORT: Final = "site.desk.export"
GONE: Final = Message(N_("It is not there any more, or not in your scope."))
QUICKER: Final = Message(N_("Somebody else was quicker."))


@dataclass(frozen=True)
class Result:
    """`refused`: why nothing was done to this one; None where it was done."""

    row_id: str
    name: str
    refused: Message | None = None


@dataclass(frozen=True)
class Order:
    """One thing to do to several rows. `person_id`: to whom, where it is "assign"."""

    do: str
    view: View
    row_ids: tuple[str, ...]
    person_id: UUID | None = None


async def save_filter(name: str, asked: Filter, *, viewer: Viewer, now: datetime) -> None:
    """Under one's own name for it; the same name again means something else from now on."""
    async with transaction():
        await execute("SELECT pg_advisory_xact_lock(hashtextextended('saved_filter:' || $1, 0))", str(viewer.person_id))
        if await fetch_value("SELECT count(*) FROM saved_filter WHERE person_id = $1", viewer.person_id) >= MOST_SAVED:
            raise Refusal("filter.too_many", N_("You have {most} saved filters, which is the most there may be."),
                          todo=N_("Delete one that you do not need any more."), most=MOST_SAVED)  # fmt: skip
        await execute(
            "INSERT INTO saved_filter VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT ON CONSTRAINT saved_filter_once"
            " DO UPDATE SET query = excluded.query, saved_at = excluded.saved_at",
            new_id(), viewer.person_id, asked.view.name, name, asked.query, now,
        )  # fmt: skip


async def drop_filter(filter_id: UUID, *, viewer: Viewer) -> None:
    """One's own; else NotFound."""
    if not await execute("DELETE FROM saved_filter WHERE id = $1 AND person_id = $2", filter_id, viewer.person_id):
        raise NotFound


async def do_all(order: Order, *, viewer: Viewer, calendar: Calendar, now: datetime) -> list[Result]:
    """Each in a transaction of its own: what is refused to one is done to the others."""
    who = await asking(viewer, now)
    return [await _do(order, row_id, who, viewer, calendar) for row_id in order.row_ids]


async def _do(order: Order, row_id: str, who: Asking, viewer: Viewer, calendar: Calendar) -> Result:
    try:
        row = await queries.row_of(order.view, row_id, who)
    except NotFound:
        return Result(row_id, row_id, GONE)
    try:
        await _act(order, row, who, viewer, calendar)
    except Refusal as refusal:
        return Result(row_id, row["key"], refusal.message)
    except NotFound:
        return Result(row_id, row["key"], GONE)
    except (asyncpg.UniqueViolationError, asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
        return Result(row_id, row["key"], QUICKER)
    return Result(row_id, row["key"])


async def _act(order: Order, row: dict[str, Any], who: Asking, viewer: Viewer, calendar: Calendar) -> None:
    match order.do, order.view.name:
        case "remind", _:
            await remind(row, viewer=viewer, now=who.now)
        case "assign", _:
            assert order.person_id is not None
            await assign(order.view, row, order.person_id, viewer=viewer, now=who.now)
        case "take", "flags":
            await take_flag(row["subject_id"], viewer=viewer, now=who.now)
        case "take", _ if row["about"] == "result":
            raise Refusal("desk.one_by_one", N_("A formal complaint is examined before it is accepted: open it."))
        case "take", _:
            await take_tip(row["subject_id"], viewer=viewer, calendar=calendar, now=who.now)


async def assign(view: View, row: dict[str, Any], person_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """To a colleague, who is told, or to oneself; only what one's own authority deals with."""
    if row["authority_id"] != viewer.organisation_id:
        raise Refusal("desk.not_ours", N_("Your authority has not taken this up."), todo=N_("Take it up first."))
    name = dict(await queries.colleagues(row["authority_id"])).get(str(person_id))
    if name is None:
        raise Refusal("desk.no_colleague", N_("This is nobody who handles matters of your authority."))
    assignment_id = new_id()
    async with transaction():
        await execute(
            "UPDATE desk_assignment SET ended_at = $3 WHERE authority_id = $1 AND subject_id = $2 AND ended_at IS NULL",
            viewer.organisation_id, row["subject_id"], now,
        )  # fmt: skip
        await execute(
            "INSERT INTO desk_assignment VALUES ($1,$2,$3,$4,$5,$6,NULL)",
            assignment_id, viewer.organisation_id, row["subject_id"], person_id, viewer.person_id, now,
        )  # fmt: skip
        if person_id != viewer.person_id:
            await tell(viewer.organisation_id, N_("{by} assigned {number} to {name}, who deals with it from now on."),
                       link=view.href(row), cause=f"assigned:{assignment_id}", now=now, person_id=person_id,
                       facts={"by": viewer.person_name, "number": row["key"], "name": name})  # fmt: skip


async def remind(row: dict[str, Any], *, viewer: Viewer, now: datetime) -> None:
    """Whoever is on turn of an overdue step is told that the authority has noticed; once for each limit that passes."""
    if row["due_at"] is None or row["due_at"] > now:
        raise Refusal("desk.not_overdue", N_("Nothing is overdue in this project."))
    late = await _on_turn(row)
    if not late:
        raise Refusal("desk.nobody_late", N_("Neither the owner nor the agency is on turn in this project."))
    async with transaction():
        data = {"step": row["step"], "due_at": utc_text(row["due_at"])}
        entry_id = await record("project.reminded", subject=row["id"], by=viewer.organisation_code, data=data, at=now)
        touched = await execute(
            "INSERT INTO step_reminder VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT ON CONSTRAINT step_reminder_once DO NOTHING",
            new_id(), row["project_id"], row["step"], row["due_at"], viewer.organisation_id, viewer.person_id, now, entry_id,
        )  # fmt: skip
        if not touched:
            raise Refusal("desk.reminded", N_("Your authority has reminded them of this limit already."))
        for organisation_id in late:
            await tell(organisation_id, N_("{authority} reminds you: a step of yours in {number} is overdue. Take it now."),
                       link=f"/projects/{row['id']}", cause=f"reminder.authority:{entry_id}", now=now,
                       facts={"authority": viewer.organisation_name, "number": row["id"]})  # fmt: skip


async def _on_turn(row: dict[str, Any]) -> list[UUID]:
    """Owner and agencies of the project among those whose turn it is."""
    found = await fetch(
        "SELECT DISTINCT o.id FROM project p JOIN organisation o ON o.id = p.owner_id OR o.id = p.winner_id"
        " OR o.id IN (SELECT c.agency_id FROM contract c WHERE c.project_id = p.id) WHERE p.id = $1 AND o.name = ANY ($2)",
        row["project_id"], row["who"],
    )  # fmt: skip
    return [one["id"] for one in found]


async def order_export(asked: Filter, form: str, total: int, *, viewer: Viewer, locale: str, now: datetime) -> UUID:
    """A long file, in the background. Returns its id."""
    export_id = new_id()
    async with transaction():
        await execute(
            "INSERT INTO desk_export (id, person_id, authority_id, view, query, format, locale, rows_total, asked_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
            export_id, viewer.person_id, viewer.organisation_id, asked.view.name, asked.query, form, locale, total, now,
        )  # fmt: skip
        await defer(EXPORT, export=str(export_id))
    return export_id


def chosen(row_ids: Sequence[str], most: int) -> tuple[str, ...]:
    """Each once, in their order."""
    return tuple(dict.fromkeys(row_ids))[:most]
