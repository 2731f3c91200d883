"""Flags are opened by screens, and reviewed by people: taken up, asked about, and closed with an outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.queries import catalogue, rulebook_in_force
from market.catalogue.rules import NATION, Rulebook, UnknownCode, deadline
from market.kernel.calendar import BEIJING, Calendar, beijing_date
from market.kernel.db import execute, execute_many, fetch, fetch_one, fetch_value, to_json, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import Entry
from market.web.viewer import Viewer
from ratings.flags.queries.cases import case_of, history_until, numbers_since
from ratings.flags.queries.desk import FlagView, access_flag, access_question, question_by_id
from ratings.flags.screens import SCREENS, low_price
from ratings.flags.screens.interface import History, Lead, Numbers, Reads, Screen

AFTER = {
    "project.published": Reads.NOTICE, "draw.made": Reads.RESULT, "selection.decided": Reads.RESULT,
    "contract.in_force": Reads.CONTRACT,
}  # fmt: skip


@dataclass(frozen=True)
class Closing:
    """`decision`: the register entry of the decision that the flag led to, where there is one."""

    outcome: str
    reason: str
    decision: Entry | None = None


def numbers_of(screen: Screen, book: Rulebook) -> Numbers:
    return {key: int(book.rule(key).values[0]) for key in screen.rules}


def found_in(history: History, book: Rulebook, *reads: Reads) -> list[tuple[Screen, Lead]]:
    """The leads of all screens that read this, in the order of screens."""
    return [
        (screen, lead)
        for screen in SCREENS.values() if screen.reads in reads
        for lead in screen.find(history, numbers_of(screen, book))
    ]  # fmt: skip


async def look_at(number: str, *reads: Reads, calendar: Calendar, now: datetime) -> int:
    """Runs the screens of single projects over one; the number of flags that were opened. Safe to repeat."""
    book = await rulebook_in_force(NATION, now)
    case = await case_of(number, calendar, with_matching=Reads.NOTICE in reads)
    if case is None:
        return 0
    return await open_flags(found_in(History((case,)), book, *reads), book, calendar=calendar, now=now)


async def look_back(until: datetime, *, calendar: Calendar, now: datetime) -> tuple[int, int]:
    """Seeks patterns over the period that ends at a moment: (flags opened, projects looked at). Safe to repeat."""
    book = await rulebook_in_force(NATION, now)
    history = await history_until(until, book, calendar)
    opened = await open_flags(found_in(history, book, Reads.MARKET), book, calendar=calendar, now=now)
    return opened, len(history.cases)


async def day_swept(day: date) -> bool:
    found: bool = await fetch_value("SELECT EXISTS (SELECT FROM flag_sweep WHERE day >= $1)", day)
    return found


async def sweep_day(day: date, *, calendar: Calendar, now: datetime) -> bool:
    """Seeks patterns once a day where a result has come since the last time; False when the day has been swept."""
    if await day_swept(day):
        return False
    last: datetime | None = await fetch_value("SELECT max(swept_at) FROM flag_sweep")
    news = await fetch_value(
        "SELECT EXISTS (SELECT FROM project WHERE drawn_at > coalesce($1, '-infinity'::timestamptz))", last
    )
    cases = (await look_back(now, calendar=calendar, now=now))[1] if news else 0
    async with transaction():
        # Two workers may have looked at once: flags are opened once whoever finds them.
        return bool(await execute("INSERT INTO flag_sweep VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", day, now, cases))


async def recompute(since: datetime, *, calendar: Calendar, now: datetime, progress: Callable[[int, int], None]) -> int:
    """All screens over everything since: every project by itself, then the patterns at the end of each year and now."""
    numbers, opened = await numbers_since(since), 0
    for done, number in enumerate(numbers, 1):
        opened += await look_at(number, Reads.NOTICE, Reads.RESULT, Reads.CONTRACT, calendar=calendar, now=now)
        progress(done, len(numbers))
    ends = [
        datetime(year + 1, 1, 1, tzinfo=BEIJING)
        for year in range(since.astimezone(BEIJING).year, beijing_date(now).year)
    ]
    for until in (*ends, now):
        opened += (await look_back(until, calendar=calendar, now=now))[0]
    return opened


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
    regions, departments = await _scope(lead.projects)
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
        book = await catalogue(row["catalogue_version"])
        for item in row["service_items"]:
            try:
                departments.update(book.item(item).regulators)
            except UnknownCode:
                continue
    return sorted(regions), sorted(departments)


async def take_up(flag_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """An authority looks into it; from then on it answers for it. Refusal when another was quicker."""
    async with transaction():
        flag = await access_flag(viewer, flag_id)
        touched = await execute(
            "UPDATE flag SET authority_id = $2, taken_by = $3, taken_at = $4 WHERE id = $1 AND taken_at IS NULL",
            flag.id, viewer.organisation_id, viewer.person_id, now,
        )  # fmt: skip
        if not touched:
            raise Refusal("flag.taken", N_("This flag has been taken up already."))


async def ask(
    flag_id: UUID, organisation_id: UUID, question: str, *, viewer: Viewer, calendar: Calendar, now: datetime
) -> UUID:
    """Asks a party for its account, with a time to answer; the party is told, and nobody else."""
    async with transaction():
        flag = await _lock_taken(flag_id, viewer)
        if organisation_id not in {party.id for party in flag.parties}:
            raise Refusal("flag.no_party", N_("Only those whom the flag concerns can be asked about it."))
        if any(one.open and one.organisation_id == organisation_id for one in flag.questions):
            raise Refusal("flag.asked", N_("A question to them still waits for its answer."))
        due_at = await _answer_due(flag.screen, calendar, now)
        question_id = new_id()
        await execute(
            "INSERT INTO flag_question (id, flag_id, organisation_id, question, asked_by, asked_at, answer_due_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            question_id, flag.id, organisation_id, question, viewer.person_id, now, due_at,
        )  # fmt: skip
        await tell(
            organisation_id, N_("{authority} asks you for a written account."), link=f"/flags/questions/{question_id}",
            cause=f"flag.question:{question_id}", now=now, facts={"authority": viewer.organisation_name},
        )  # fmt: skip
    return question_id


async def _answer_due(screen: str, calendar: Calendar, now: datetime) -> datetime:
    """A note on an abnormally low price has a time of its own."""
    book = await rulebook_in_force(NATION, now)
    if screen == low_price.CODE:
        return deadline(book, "selection.low_price.answer_days", now, calendar)
    return deadline(book, "screen.answer_days", now, calendar)


async def answer(question_id: UUID, text: str, *, viewer: Viewer, now: datetime) -> None:
    """The party's account, once, as long as nobody has judged the flag."""
    async with transaction():
        found = await access_question(viewer, question_id)
        await execute("SELECT 1 FROM flag WHERE id = $1 FOR UPDATE", found.flag_id)
        found = await question_by_id(question_id)
        if found.answered_at is not None:
            raise Refusal("flag.answered", N_("This question has been answered."))
        if found.flag_closed:
            raise Refusal("flag.closed", N_("The matter has been closed; nothing is asked any more."))
        await execute(
            "UPDATE flag_question SET answer = $2, answered_by = $3, answered_at = $4 WHERE id = $1",
            found.id, text, viewer.person_id, now,
        )  # fmt: skip


async def close(flag_id: UUID, closing: Closing, *, viewer: Viewer, now: datetime) -> None:
    """Judges a flag. It is founded only after every party that was asked has answered or had its time to. The register
    says that a flag was reviewed and how it ended; it names nobody, but the decision that was taken if one was."""
    async with transaction():
        flag = await _lock_taken(flag_id, viewer)
        waiting = [one for one in flag.questions if one.open and now < one.answer_due_at]
        if closing.outcome == "founded" and waiting:
            raise Refusal(
                "flag.answer_awaited", N_("{name} may still answer until {moment}."), rule="screen.answer_days",
                name=waiting[0].organisation_name, moment=waiting[0].answer_due_at,
            )  # fmt: skip
        decision = closing.decision if closing.outcome == "founded" else None
        entry_id = await record(
            "flag.reviewed", subject=flag.number, by=viewer.organisation_code, at=now,
            data={
                "screen": flag.screen, "version": flag.version, "outcome": closing.outcome,
                "decision": str(decision.id) if decision else None,
            },
            private={"reason": closing.reason},
        )  # fmt: skip
        await execute(
            "UPDATE flag SET outcome = $2, reason = $3, decision_id = $4, closed_by = $5, closed_at = $6, entry_id = $7"
            " WHERE id = $1",
            flag.id, closing.outcome, closing.reason, decision.id if decision else None, viewer.person_id, now, entry_id,
        )  # fmt: skip


async def _lock_taken(flag_id: UUID, viewer: Viewer) -> FlagView:
    """The flag that this authority has taken up and not closed; it stays so until the transaction ends."""
    await access_flag(viewer, flag_id)
    await execute("SELECT 1 FROM flag WHERE id = $1 FOR UPDATE", flag_id)
    flag = await access_flag(viewer, flag_id)
    if flag.authority_id != viewer.organisation_id:
        raise Refusal("flag.not_taken", N_("Take the flag up first: whoever took it up answers for it."))
    if flag.closed_at is not None:
        raise Refusal("flag.closed", N_("The matter has been closed; nothing is asked any more."))
    return flag
