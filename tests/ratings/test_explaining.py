"""The statement on the command line and on the page, and a rulebook tried on history."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from litestar import Litestar

from market.cli.credit.printing import explained, statement_text, trial_text
from market.demo.contracts import refuse_contract
from market.demo.ratings import rate_both
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch_value
from market.kernel.errors import NotFound
from ratings.credit import queries
from ratings.credit.rules import points_text
from ratings.credit.rules.trial import summary
from ratings.credit.trial import TrialInvalid, moves_csv, read_numbers, tried, with_numbers
from tests.contracts.award import Award
from tests.visitor import Visitor


@pytest.fixture
async def refused(award: Award) -> Award:
    """The winner refused to sign: twenty points."""
    contract = await award.run_past_notice()
    await refuse_contract(award.world, contract, award.winner)
    await award.world.settle()
    return award


async def test_page_and_command_tell_the_same(refused: Award, site: Litestar) -> None:
    code, now = refused.winner.organisation_code, refused.world.now
    async with Visitor(site) as visitor:
        page = (await visitor.get(f"/agencies/{code}/credit")).text
        data = (await visitor.get(f"/agencies/{code}/credit.json")).json()
    printed = await explained(code, None, as_json=True, locale="en", now=now, public_url="http://x")
    told = json.loads(printed)
    for key in ("score", "band", "rated", "opening", "statement", "pauses", "rules", "finished_jobs"):
        assert told[key] == data[key], key
    text = await explained(code, None, as_json=False, locale="zh_CN", now=now, public_url="http://x")
    number = (await queries.agency_account(code, now)).events[0].evidence_no
    assert "Won and refused to sign" not in text
    for piece in (
        "−20",
        "80",
        "credit.deduct.sign_refused.points",
        "rulebook 2025-1",
        f"entry {number}",
        refused.number,
    ):
        assert piece in text
    for piece in ("−20", f"{number}", "credit.deduct.sign_refused.points"):
        assert piece in page


async def test_the_statement_adds_up(refused: Award) -> None:
    account = await queries.agency_account(refused.winner.organisation_code, refused.world.now)
    assert statement_text(account)[-1].split() == [points_text(account.score.points), "balance"]


async def test_a_past_day_knows_only_what_was_known_then(refused: Award) -> None:
    now = refused.world.now
    code, before = refused.winner.organisation_code, (beijing_date(now) - timedelta(days=2)).isoformat()
    told = json.loads(await explained(code, before, as_json=True, locale="en", now=now, public_url="http://x"))
    assert (told["score"], told["events"], told["rated"]) == (10_000, [], False)
    today = json.loads(await explained(code, beijing_date(now).isoformat(), as_json=True, locale="en", now=now,
                                       public_url="http://x"))  # fmt: skip
    assert today["score"] == 8_000


async def test_nobody_by_that_code(award: Award) -> None:
    with pytest.raises(NotFound):
        await explained("91370202000099999X", None, as_json=False, locale="en", now=award.world.now, public_url="")


NUMBERS = """
[[rule]]
key = "credit.deduct.sign_refused.points"
value = 35
[[rule]]
key = "red.jobs_min"
value = 1
"""


async def test_a_dearer_refusal_would_pause_the_winner_alone(refused: Award) -> None:
    numbers = read_numbers(NUMBERS)
    assert numbers == {"credit.deduct.sign_refused.points": 35}
    before = await fetch_value("SELECT count(*) FROM register_entry")
    moves = await tried(numbers, refused.world.now)
    moved = [move for move in moves if move.moved]
    assert [move.code for move in moved] == [refused.winner.organisation_code]
    assert (moved[0].before.points, moved[0].after.points) == (8_000, 6_500)
    assert (moved[0].before.paused_until, moved[0].after.pause_rule) == (None, "tier.pause_below")
    told = summary(moves)
    assert (told.agencies, told.moved, told.up, told.down, told.paused) == (3, 1, 0, 1, 1)
    rows = moves_csv(moves).splitlines()
    assert len(rows) == 2
    assert rows[1].startswith(f"{refused.winner.organisation_code},")
    assert "-15" in rows[1]
    assert trial_text(moves)[0].startswith("3 agencies, 1 would move")
    assert await fetch_value("SELECT count(*) FROM register_entry") == before


async def test_the_numbers_in_force_move_nobody(accepted: Award) -> None:
    await rate_both(accepted.world, accepted.number, accepted.owner, accepted.winner, 5)
    await accepted.world.settle()
    same = {
        rule.key: rule.value for rule in accepted.world.rulebook.listed if rule.key.startswith(("credit.", "tier."))
    }
    assert not any(move.moved for move in await tried(same, accepted.world.now))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("credit.bands", (95, 85, 85, 60), "falling"),
        ("credit.bands", (95, 85, 60), "must be like"),
        ("credit.base", 130, "between the lowest and the highest"),
        ("credit.base", "100", "must be like"),
        ("tier.pause_below", 85, "must rise"),
        ("credit.unheard_of", 1, "no such rule"),
        ("credit.add.max", -1, "must be like"),
    ],
)
async def test_numbers_with_gaps_or_overlaps_are_not_tried(award: Award, key: str, value: object, said: str) -> None:
    with pytest.raises(TrialInvalid, match=said):
        with_numbers(award.world.rulebook, {key: value})  # type: ignore[dict-item]


@pytest.mark.parametrize("text", ["", "x = [", "[[rule]]\nkey='credit.base'", "rule = 3", NUMBERS + NUMBERS])
def test_files_that_are_no_rulebook(text: str) -> None:
    with pytest.raises(TrialInvalid):
        read_numbers(text)


async def _market(dsn: str, folder: Path, *args: str) -> tuple[int, str, str]:
    """`python -m market …` on this test's database."""
    environment = {**os.environ, "DATABASE_URL": dsn, "DATA_DIR": str(folder)}
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "market", *args, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await run.communicate()
    return run.returncode or 0, out.decode(), err.decode()


async def test_the_commands_themselves(refused: Award, dsn: str, tmp_path: Path) -> None:
    code = refused.winner.organisation_code
    file, table = tmp_path / "other.toml", tmp_path / "moves.csv"
    file.write_text(NUMBERS)
    status, out, err = await _market(dsn, tmp_path, "credit", "explain", code, "--language", "zh_CN")
    assert (status, err) == (0, "")
    assert "credit.deduct.sign_refused.points" in out
    status, out, err = await _market(dsn, tmp_path, "credit", "trial", str(file), "--csv", str(table))
    assert (status, err) == (0, "")
    assert code in table.read_text()
    file.write_text("[[rule]]\nkey = 'credit.base'\nvalue = 130")
    status, out, err = await _market(dsn, tmp_path, "credit", "trial", str(file))
    assert (status, out) == (2, "")
    assert "between the lowest and the highest" in err
    assert (await _market(dsn, tmp_path, "credit", "explain", "91370202000099999X"))[0] == 2
