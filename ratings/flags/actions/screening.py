"""Screens run over one project, over what one result concerns, over a period, or over all history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION, Rulebook
from market.kernel.calendar import BEIJING, Calendar, beijing_date
from market.kernel.db import execute, fetch_value, transaction
from ratings.flags.actions.opening import open_flags
from ratings.flags.queries import patterns
from ratings.flags.queries.cases import case_of, cases_about, cases_since, count_since
from ratings.flags.screens import SCREENS
from ratings.flags.screens.interface import History, Lead, Numbers, Reads, Screen, Tally
from ratings.periods import add_months

AFTER = {
    "project.published": (Reads.NOTICE, Reads.SIGN_UP), "project.failed": (Reads.SIGN_UP,),
    "draw.made": (Reads.SIGN_UP, Reads.RESULT), "selection.decided": (Reads.SIGN_UP, Reads.RESULT),
    "contract.in_force": (Reads.CONTRACT,), "change.in_force": (Reads.CONTRACT,),
}  # fmt: skip
MATCHING, PERIOD = "screen.tailored_matching_max", "screen.period"
Found = list[tuple[Screen, Lead]]


def numbers_of(screen: Screen, book: Rulebook) -> Numbers:
    return {key: int(book.rule(key).values[0]) for key in screen.rules}


def found_in(history: History, book: Rulebook, *reads: Reads) -> Found:
    """The leads of all screens that read this, in the order of screens; of those over a period the ones that look at no
    cases."""
    return [
        (screen, lead)
        for screen in SCREENS.values() if screen.reads in reads and screen.tally is None
        for lead in screen.find(history, numbers_of(screen, book))
    ]  # fmt: skip


def tallies(book: Rulebook) -> dict[str, Tally]:
    """Empty ones, of all screens that look at the cases of a period."""
    return {one.code: one.tally(numbers_of(one, book)) for one in SCREENS.values() if one.tally is not None}


async def look_at(number: str, *reads: Reads, calendar: Calendar, now: datetime) -> int:
    """Runs the screens of single projects over one; the number of flags that were opened. Safe to repeat."""
    book = await rulebook_in_force(NATION, now)
    case = await case_of(
        number, calendar, most_matching=book.integer(MATCHING) if Reads.NOTICE in reads else None,
        usual_over=book.months(PERIOD) if Reads.SIGN_UP in reads else None,
    )  # fmt: skip
    if case is None:
        return 0
    return await open_flags(found_in(History((case,)), book, *reads), book, calendar=calendar, now=now)


async def look_around(number: str, *, calendar: Calendar, now: datetime) -> int:
    """Seeks patterns that a published result may have completed: only those of its owner and of everybody in its pool, in
    the results that concern them. The number of flags that were opened. Safe to repeat."""
    subjects = await patterns.subjects_of(number)
    if not subjects:
        return 0
    book = await rulebook_in_force(NATION, now)
    found, _ = await _patterns(now, book, calendar, subjects=subjects)
    return await open_flags(found, book, calendar=calendar, now=now)


async def look_back(
    until: datetime, *, calendar: Calendar, now: datetime, progress: Callable[[int], None] = lambda _: None
) -> tuple[int, int]:
    """Seeks patterns over the period that ends at a moment: (flags opened, results looked at). Safe to repeat.
    `progress` hears how many results a further batch had."""
    book = await rulebook_in_force(NATION, now)
    found, results = await _patterns(until, book, calendar, progress=progress)
    people = await patterns.people_of(add_months(until, -book.months(PERIOD)), until, book)
    found += found_in(people, book, Reads.MARKET)
    return await open_flags(found, book, calendar=calendar, now=now), results


async def _patterns(
    until: datetime, book: Rulebook, calendar: Calendar, *, subjects: frozenset[str] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Found, int]:  # fmt: skip
    """One pass over all results as sketches, then a closer look at those whom a tally suspects, with all their results."""
    since, results, counted = add_months(until, -book.months(PERIOD)), 0, tallies(book)
    async for batch in patterns.sketches(since, until, subjects):
        for tally in counted.values():
            for case in batch:
                tally.see(case)
        results += len(batch)
        progress(len(batch))
    suspects = {
        code: _concerned(SCREENS[code], frozenset(tally.suspects()), subjects) for code, tally in counted.items()
    }
    everybody = frozenset().union(*suspects.values())
    if not everybody:
        return [], results
    history = History(await cases_about(everybody, since, until, calendar), period=patterns.period_of(until))
    return list(_closer(history, suspects, book, subjects)), results


def _concerned(screen: Screen, suspects: frozenset[str], subjects: frozenset[str] | None) -> frozenset[str]:
    """Of whom a tally suspects, those whose pattern a result of these subjects may have completed. It has seen the others
    only where they met them; they are left alone, but for those who make a group with one of them."""
    if subjects is None or (screen.groups and not suspects.isdisjoint(subjects)):
        return suspects
    return suspects & subjects


def _closer(
    history: History, suspects: Mapping[str, frozenset[str]], book: Rulebook, subjects: frozenset[str] | None
) -> Iterator[tuple[Screen, Lead]]:
    for code, codes in suspects.items():
        screen = SCREENS[code]
        for lead in screen.find(replace(history, subjects=codes), numbers_of(screen, book)):
            if subjects is None or not subjects.isdisjoint(lead.parties):
                yield screen, lead


async def day_swept(day: date) -> bool:
    found: bool = await fetch_value("SELECT EXISTS (SELECT FROM flag_sweep WHERE day >= $1)", day)
    return found


async def sweep_day(day: date, *, calendar: Calendar, now: datetime) -> bool:
    """Seeks patterns once a day where something has come since the last time; False when the day has been swept."""
    if await day_swept(day):
        return False
    last: datetime | None = await fetch_value("SELECT max(swept_at) FROM flag_sweep")
    cases = (await look_back(now, calendar=calendar, now=now))[1] if await patterns.news_since(last) else 0
    async with transaction():
        # Two workers may have looked at once: flags are opened once whoever finds them.
        return bool(await execute("INSERT INTO flag_sweep VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", day, now, cases))


async def recompute(since: datetime, *, calendar: Calendar, now: datetime, progress: Callable[[int, int], None]) -> int:
    """All screens over everything since: every project by itself, then the patterns at the end of each year and now.
    `progress` hears how many projects and results were looked at, of how many."""
    book = await rulebook_in_force(NATION, now)
    total, done, opened = await count_all(since, now=now), 0, 0

    def further(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    async for batch in cases_since(
        since, now, calendar, most_matching=book.integer(MATCHING), usual_over=book.months(PERIOD)
    ):
        leads = found_in(History(tuple(batch)), book, Reads.NOTICE, Reads.SIGN_UP, Reads.RESULT, Reads.CONTRACT)
        opened += await open_flags(leads, book, calendar=calendar, now=now)
        further(len(batch))
    for until in _ends(since, now):
        opened += (await look_back(until, calendar=calendar, now=now, progress=further))[0]
    return opened


async def count_all(since: datetime, *, now: datetime) -> int:
    """What `recompute` looks at: every project, and every result once more in each period around it."""
    months = (await rulebook_in_force(NATION, now)).months(PERIOD)
    results = [await patterns.count_results(add_months(until, -months), until) for until in _ends(since, now)]
    return await count_since(since) + sum(results)


def _ends(since: datetime, now: datetime) -> list[datetime]:
    """Of the periods: of every year that has ended since, and now."""
    years = range(since.astimezone(BEIJING).year, beijing_date(now).year)
    return [*(datetime(year + 1, 1, 1, tzinfo=BEIJING) for year in years), now]
