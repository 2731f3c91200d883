"""Sending a table, trying it, confirming it, carrying it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from agencies.rules import HeldPractitioner
from market.api.bulk.kinds import NOTICES, SIGN_UPS, form_of_row, known_columns, several
from market.api.bulk.queries import RowView, RunView, acting, rows_of, run_by_id
from market.api.bulk.sheets import Sheet
from market.beacon.source import beacon_in_force
from market.catalogue import queries as catalogue_queries
from market.kernel.db import before_each_commit, execute, execute_many, to_json, transaction
from market.kernel.errors import FormInvalid, Message, NotFound, Refusal
from market.kernel.i18n import N_, speaking
from market.kernel.ids import new_id
from market.kernel.jobs import defer
from market.kernel.times import load_calendar
from market.web.display import show
from market.web.viewer import Viewer
from projects.posting import actions as posting
from projects.posting.answers import parse
from projects.posting.forms import drafted
from projects.posting.queries import access_draft
from projects.posting.rules import refuse_bad
from projects.queries import ProjectView, project_by_number
from projects.selection.sign_ups import actions as selection
from projects.selection.sign_ups.actions import SignUpOffer
from projects.selection.sign_ups.forms import parse_offer
from projects.selection.sign_ups.rules import check_window
from projects.selection.sign_ups.showing import sign_up_facts

TRY_JOB: Final = "bulk.try"
CARRY_OUT_JOB: Final = "bulk.carry_out"
# The cell that a refusal is about, where it is one.
_CELLS: Final = dict.fromkeys(
    ("posting.window_over", "posting.window_too_short", "posting.closes_on_holiday"), "sign_up_closes_at"
)
Errors = Mapping[str, Sequence[Message]]
# What the pages call by another name than the table's column.
_COLUMNS: Final = {
    "requirements": "needs",
    "avoided": "avoided_code",
    "invited": "invited_code",
    "criteria": "criterion_name",
}


async def send(viewer: Viewer, kind: str, name: str, sheet: Sheet, *, now: datetime) -> UUID:
    """Keeps the table and has it tried. Raises FormInvalid for columns that there are not."""
    unknown = [
        column
        for column in sheet.columns
        if column and column not in known_columns(kind) and not column.startswith("need:")
    ]
    if unknown:
        raise FormInvalid(
            {
                "file": [
                    Message(
                        N_("There is no column {name}: take the headings of the template."), {"name": unknown[0][:60]}
                    )
                ]
            }
        )
    run_id = new_id()
    async with transaction():
        await execute(
            "INSERT INTO bulk_run (id, organisation_id, person_id, kind, name, columns, sent_at) VALUES ($1,$2,$3,$4,$5,$6,$7)",
            run_id, viewer.organisation_id, viewer.person_id, kind, name[:200], list(sheet.columns), now,
        )  # fmt: skip
        rows = [(new_id(), run_id, row.line, to_json(row.cells)) for row in sheet.rows]
        await execute_many("INSERT INTO bulk_row (id, run_id, line, \"values\", href) VALUES ($1,$2,$3,$4,'')", rows)
        await defer(TRY_JOB, run=str(run_id))
    return run_id


async def try_out(run_id: UUID, *, now: datetime) -> None:
    """The dry run: every row as if it were carried out at this moment, and nothing is."""
    run = await run_by_id(run_id)
    viewer = await acting(run)
    if run.tried_at is not None:
        return
    first: dict[str, int] = {}  # line that says a thing for the first time
    for row in await rows_of(run_id):
        earlier = first.setdefault(_sameness(run, row), row.line)
        if row.errors is None:
            errors = await _mistakes(run, viewer, row, now) if viewer else {"": [_left()]}
            errors = errors or ({"": [_repeated(earlier)]} if earlier != row.line else {})
            await execute("UPDATE bulk_row SET errors = $2 WHERE id = $1", row.id, to_json(_stored(errors)))
    await execute("UPDATE bulk_run SET tried_at = $2 WHERE id = $1 AND tried_at IS NULL", run_id, now)


def _sameness(run: RunView, row: RowView) -> str:
    """Two rows with the same one would do the same twice: a whole notice, or a project to sign up for."""
    return to_json(row.values) if run.kind == NOTICES else row.values.get("project", "")


def _repeated(line: int) -> Message:
    return Message(N_("This row says the same as row {line}; it would be carried out twice."), {"line": line})


async def _mistakes(run: RunView, viewer: Viewer, row: RowView, now: datetime) -> Errors:
    try:
        await (_try_notice if run.kind == NOTICES else _try_sign_up)(viewer, row, now)
    except FormInvalid as invalid:
        return {_COLUMNS.get(name, name): told for name, told in invalid.errors.items()}
    except Refusal as refusal:
        return {_CELLS.get(refusal.code, ""): [one for one in (refusal.message, refusal.todo) if one]}
    except NotFound:
        return {"project": [Message(N_("There is no project of this number."))]}
    return {}


async def _try_notice(viewer: Viewer, row: RowView, now: datetime) -> None:
    assert viewer.organisation_id is not None
    values = drafted(form_of_row(NOTICES, row.values))
    catalogue = await catalogue_queries.catalogue_at(now)
    notice = parse(values, catalogue, now=now)
    books = await posting.books_for(
        notice.region_code, calendar=await load_calendar(), beacon=beacon_in_force(), now=now
    )
    refuse_bad(await posting.findings_for(notice, viewer.organisation_id, books, now=now, repost_of=None))


async def _try_sign_up(viewer: Viewer, row: RowView, now: datetime) -> None:
    project, _, eligible = await _offer(viewer, row, now)
    check_window(project.stage, project.sign_up_opens_at, project.sign_up_closes_at, now)
    if not eligible:
        raise Refusal("sign_up.not_eligible", N_("Your agency cannot take part in this project."),
                      todo=N_("The project's page says why, rule by rule."))  # fmt: skip


async def _offer(viewer: Viewer, row: RowView, now: datetime) -> tuple[ProjectView, SignUpOffer, bool]:
    """People may be named instead of given by their ids."""
    project = await project_by_number(row.values.get("project", ""))
    facts = await sign_up_facts(project, viewer, now)
    persons = {one.name: str(one.id) for one in facts.people}
    workers = {one.name: str(one.id) for one in _alone(facts.practitioners)}
    person, chosen = row.values.get("authorised_person", ""), several(row.values.get("practitioners", ""))
    form = form_of_row(SIGN_UPS, row.values | {
        "authorised_person": persons.get(person, person), "practitioners": ";".join(workers.get(name, name) for name in chosen),
    })  # fmt: skip
    needed = facts.demand.practitioners_needed
    return (
        project,
        parse_offer(form, people=facts.people, practitioners=facts.practitioners, needed=needed),
        facts.assessment.eligible,
    )


def _alone(people: Sequence[HeldPractitioner]) -> list[HeldPractitioner]:
    """Those whose name says who is meant."""
    names = [one.name for one in people]
    return [one for one in people if names.count(one.name) == 1]


async def confirm(viewer: Viewer, run: RunView, *, publish: bool, now: datetime) -> None:
    """From here on it is carried out. Raises Refusal before it was tried, for a second time, and where no row is good."""
    if run.tried_at is None:
        raise Refusal("bulk.not_tried", N_("The rows are still being tried."), todo=N_("Reload the page in a moment."))
    if not run.good:
        raise Refusal(
            "bulk.nothing_good", N_("No row is without mistakes."), todo=N_("Correct the table and send it again.")
        )
    async with transaction():
        confirmed = await execute(
            "UPDATE bulk_run SET confirmed_at = $2, publish = $3, person_id = $4 WHERE id = $1 AND confirmed_at IS NULL", run.id, now,
            publish, viewer.person_id,
        )  # fmt: skip
        if not confirmed:
            raise Refusal(
                "bulk.confirmed", N_("This table was confirmed before."), todo=N_("See below what became of its rows.")
            )
        await defer(CARRY_OUT_JOB, run=str(run.id))


async def carry_out(run_id: UUID, *, now: datetime) -> None:
    """Each row in a transaction of its own. Begun again after an interruption, it goes on where it stood."""
    run = await run_by_id(run_id)
    if run.confirmed_at is None or run.finished_at is not None:
        return
    viewer = await acting(run)
    for row in await rows_of(run_id, only="open"):
        await _carry_out_row(run, viewer, row, now)
    await execute("UPDATE bulk_run SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL", run_id, now)


async def _carry_out_row(run: RunView, viewer: Viewer | None, row: RowView, now: datetime) -> None:
    try:
        if viewer is None:
            raise Refusal("bulk.left", _left().text)
        href = await (_post if run.kind == NOTICES else _sign_up)(run, viewer, row, now)
    except Refusal as refusal:
        await _end(row, "refused", "", refusal.message)
    except FormInvalid as invalid:
        await _end(row, "refused", "", next(iter(invalid.errors.values()))[0])
    except NotFound:
        await _end(row, "refused", "", Message(N_("There is no project of this number.")))
    else:
        await _end(row, "done", href, None)


async def _post(run: RunView, viewer: Viewer, row: RowView, now: datetime) -> str:
    """The row's own id is the draft's: a second try finds it. The row is ended by the publication's own transaction."""
    await posting.start_draft(viewer, drafted(form_of_row(NOTICES, row.values)), now=now, draft_id=row.id)
    draft = await access_draft(viewer, row.id)
    if draft.number is not None:
        return f"/projects/{draft.number}"
    if not run.publish:
        return draft.url

    async def ended() -> None:
        await _end(row, "done", draft.url, None)

    with before_each_commit(ended):
        number = await posting.publish(viewer, row.id, seen=posting.fingerprint(draft), calendar=await load_calendar(),
                                       beacon=beacon_in_force(), now=now)  # fmt: skip
    return f"/projects/{number}"


async def _sign_up(run: RunView, viewer: Viewer, row: RowView, now: datetime) -> str:
    """Judged by the moment at which the table was confirmed: that is when its sign-ups reached the server."""
    assert run.confirmed_at is not None
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    project, offer, _ = await _offer(viewer, row, run.confirmed_at)
    await selection.sign_up(project.id, viewer.organisation_id, offer, by=viewer.person_id, now=run.confirmed_at)
    return f"{project.url}/sign-up/receipt"


async def _end(row: RowView, outcome: str, href: str, said: Message | None) -> None:
    told = to_json(_told(said)) if said else None
    await execute("UPDATE bulk_row SET outcome = $2, href = $3, said = $4 WHERE id = $1", row.id, outcome, href, told)


def _left() -> Message:
    return Message(N_("Whoever sent the table does not act for the organisation any more."))


def _stored(errors: Errors) -> dict[str, Any]:
    return {name: [_told(one) for one in told] for name, told in errors.items()}


def _told(message: Message) -> dict[str, Any]:
    """The sentence is translated when it is read, and its facts are kept as they are shown in either language."""
    facts = {name: _told(one) if isinstance(one, Message) else _shown(one) for name, one in message.facts.items()}
    return {"text": message.text, "facts": facts}


def _shown(fact: Any) -> str | list[str]:
    with speaking("zh_CN"):
        chinese = show(fact)
    with speaking("en"):
        english = show(fact)
    return chinese if chinese == english else [chinese, english]
