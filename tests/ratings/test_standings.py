"""All standings at once are the standings of each, on random histories."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from litestar import Litestar

from market.cli.audit.credit import check_scores
from market.cli.bench.credit import lengthen, populate, statement_ns
from market.demo.world import World
from market.kernel.db import execute, execute_many, fetch, transaction
from market.kernel.ids import new_id
from ratings.credit import queries
from ratings.credit.rules import CORRECTION, Event, not_cancelled, pauses, score
from ratings.credit.rules.position import position
from ratings.credit.standings import all_standings
from ratings.periods import add_months
from tests.ratings.test_credit_rules import RULES, STRICT, histories, moments
from tests.visitor import Visitor

# Most random firms are in trouble, so that pauses of every cause begin and end.
KINDS = (
    ("five_stars", 100),
    ("low_rating", -25),
    ("late_delivery", -1500),
    ("sign_up_abandoned", -200),
    ("sign_refused", -2000),
)


@given(histories(), moments)
def test_a_long_account_is_walked_once_and_pauses_begin_where_the_score_says(events: list[Event], at: datetime) -> None:
    """Against the plain definition: the score of all that was known when a deduction was recorded."""
    known = not_cancelled(events, at)
    by_score = [
        event.id for place, event in enumerate(known)
        if event.points < 0 and score(known[: place + 1], RULES, event.recorded_at).points < 7000
    ]  # fmt: skip
    assert [one.cause.id for one in pauses(events, RULES, STRICT, at)] == by_score


@pytest.fixture
async def bench_market(world: World, dsn: str) -> World:
    await populate(dsn, firms=60, each=12)
    return world


async def _agencies() -> list[UUID]:
    return [
        row["organisation_id"] for row in await fetch("SELECT organisation_id FROM agency ORDER BY organisation_id")
    ]


async def _random_histories(random: Random, now: datetime) -> None:
    entries = [row["id"] for row in await fetch("SELECT id FROM register_entry ORDER BY id LIMIT 24")]
    await execute("ALTER TABLE credit_event DISABLE TRIGGER credit_event_only_grows")
    await execute("DELETE FROM credit_event")
    await execute("ALTER TABLE credit_event ENABLE TRIGGER credit_event_only_grows")
    rows: list[tuple[Any, ...]] = []
    for agency in await _agencies():
        for entry, later_entry in [*zip(entries[:12], entries[12:], strict=True)][: random.randrange(13)]:
            kind, points = random.choice(KINDS)
            at = now - timedelta(days=random.randrange(900), hours=random.randrange(24))
            row = (
                new_id(),
                agency,
                kind,
                points,
                at,
                at + timedelta(days=random.randrange(9)),
                add_months(at, 12),
                entry,
                None,
            )
            rows.append(row)
            if random.random() < 0.2:
                later = row[5] + timedelta(days=random.randrange(200))
                rows.append((new_id(), agency, CORRECTION, 0, later, later, add_months(later, 1), entry, row[0]))
                if random.random() < 0.5:
                    undone = later + timedelta(days=random.randrange(90))
                    row = (
                        new_id(),
                        agency,
                        CORRECTION,
                        0,
                        undone,
                        undone,
                        add_months(undone, 1),
                        later_entry,
                        rows[-1][0],
                    )
                    rows.append(row)
    await execute_many(
        "INSERT INTO credit_event (id, organisation_id, kind, points, rulebook_version, rule, occurred_at, recorded_at, valid_until,"
        " evidence_id, cancels) VALUES ($1,$2,$3,$4,'2025-1','x',$5,$6,$7,$8,$9) ON CONFLICT DO NOTHING",
        sorted(rows, key=lambda row: row[2] == CORRECTION),
    )  # fmt: skip


async def test_all_at_once_is_the_same_as_one_by_one(bench_market: World) -> None:
    now, paused = bench_market.now, 0
    for seed in range(3):
        await _random_histories(Random(seed), now)
        for at in (now, now - timedelta(days=200), now - timedelta(days=400)):
            for one in await all_standings(at):
                account = await queries.agency_account(one.code, at)
                alone = position(account.events, account.rules, queries.pause_rules(account.book), at, finished_jobs=0)
                assert one.position == alone, (seed, at, one.code)
                paused += alone.paused_until is not None
    assert paused > 50


async def test_a_statement_finds_its_own_events_by_index(bench_market: World, site: Litestar) -> None:
    code = await lengthen(600)
    account = await queries.agency_account(code, bench_market.now)
    assert len(account.events) >= 600
    async with Visitor(site) as visitor:
        last = len(account.score.lines) // 50 + 1
        for page, number in (("", 50), (f"?page={last}", len(account.score.lines) % 50), ("?page=99", 0)):
            answer = await visitor.get(f"/agencies/{code}/credit{page}")
            assert (answer.status_code, answer.text.count("is-gain") + answer.text.count("is-loss")) == (200, number)
    assert account.score.opening + sum(line.change for line in account.score.lines) == account.score.points
    assert await statement_ns(code, bench_market.now, 1) > 0
    async with transaction():
        await execute("SET LOCAL enable_seqscan = off")
        plan = await fetch(
            "EXPLAIN SELECT * FROM credit_event WHERE organisation_id = ANY ($1)", [account.organisation.id]
        )
    assert "credit_event_of" in str(plan)


async def test_the_audit_finds_a_score_that_no_event_explains(bench_market: World) -> None:
    code = await lengthen(3)
    owner = await queries.agency_account(code, bench_market.now)
    await execute(
        "INSERT INTO credit_account VALUES ($1, $2, $3, NULL)",
        owner.organisation.id,
        owner.score.points,
        bench_market.now,
    )
    assert await check_scores() == []
    await execute("UPDATE credit_account SET points = points + 100")
    [finding] = await check_scores()
    assert (finding.kind, finding.key) == ("altered", code)


async def test_no_event_is_slipped_in_before_what_was_computed(bench_market: World) -> None:
    owner = await queries.agency_account(await lengthen(1), bench_market.now)
    await execute("INSERT INTO credit_account VALUES ($1, 0, $2, NULL)", owner.organisation.id, bench_market.now)
    slip = (
        "INSERT INTO credit_event (id, organisation_id, kind, points, rulebook_version, rule, occurred_at, recorded_at, valid_until,"
        " evidence_id) SELECT gen_random_uuid(), organisation_id, 'slipped', 100, '2025-1', 'x', $1::timestamptz, $1, $1::timestamptz + interval '1 year',"
        " evidence_id FROM credit_event WHERE organisation_id = $2 LIMIT 1"
    )
    with pytest.raises(asyncpg.RestrictViolationError, match="backdated"):
        await execute(slip, bench_market.now - timedelta(seconds=1), owner.organisation.id)
    assert await execute(slip, bench_market.now, owner.organisation.id) == 1
