"""Statements and trials of rulebooks as text, on one state of the database that cannot be written to."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from market.cli.environment import connected, settings_or_exit
from market.kernel import db
from market.kernel.calendar import BEIJING
from market.kernel.clock import Clock
from market.kernel.errors import Message, NotFound
from market.kernel.i18n import speaking, tell
from market.kernel.settings import Settings
from market.kernel.times import read_clock
from ratings.credit.export import statement_json
from ratings.credit.panels import statement_lines
from ratings.credit.queries import Account, agency_account
from ratings.credit.routes import moment_asked
from ratings.credit.rules import points_text
from ratings.credit.rules.position import Position
from ratings.credit.rules.trial import Move, summary
from ratings.credit.trial import read_numbers, tried

SHOWN_MOVES = 50


@asynccontextmanager
async def _reading() -> AsyncIterator[tuple[Settings, Clock]]:
    """The market's database, one state of it, which cannot be written to."""
    settings = settings_or_exit()
    async with connected(settings, pool_size=1), db.transaction():
        await db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield settings, await read_clock()


async def explained(code: str, at: str | None, *, as_json: bool, locale: str, now: datetime, public_url: str) -> str:
    """What `explain` prints. Raises NotFound."""
    account = await agency_account(code, moment_asked(at, now))
    if as_json:
        return json.dumps(statement_json(account, public_url), ensure_ascii=False, indent=1)
    with speaking(locale):
        return "\n".join(statement_text(account))


def statement_text(account: Account) -> list[str]:
    """The rows of the page as lines of text."""
    score, pause = account.score, account.pause
    rows = zip(statement_lines(score), score.lines, strict=True)
    lines = [
        f"{account.organisation.name} ({account.organisation.code})",
        f"as of {_moment(account.at)}, rulebook {account.book.version}",
        f"score {points_text(score.points)}, {score.band} stars"
        if score.rated
        else "unrated: no event, no finished job",
        f"standing: no new sign-ups until {_moment(pause.ends_at)} ({pause.rule})"
        if pause
        else "standing: may sign up",
        "",
        f"{'':16}  {'':>7} {points_text(score.opening):>7}  brought forward",
    ]
    lines += [
        f"{_moment(row['at'])}  {row['change']:>7} {row['balance']:>7}  {_said(row['title'])}"
        f"  [entry {line.proof.evidence_no}, {line.event.rule}, rulebook {line.event.rulebook}"
        f"{', ' + line.event.project_number if line.event.project_number else ''}]"
        for row, line in rows
    ]
    return [*lines, f"{'':16}  {'':>7} {points_text(score.points):>7}  balance"]


def _said(title: Any) -> str:
    return tell(title, _said) if isinstance(title, Message) else str(title)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"


async def print_statement(code: str, at: str | None, *, as_json: bool, language: str) -> None:
    async with _reading() as (settings, clock):
        try:
            text = await explained(
                code, at, as_json=as_json, locale=language, now=clock.now(), public_url=settings.public_url
            )
        except NotFound:
            click.secho(f"No agency has the credit code {code}.", fg="red", err=True)
            sys.exit(2)
    click.echo(text)


async def try_numbers(text: str) -> list[Move]:
    """Raises TrialInvalid with all that is wrong with the rulebook file."""
    numbers = read_numbers(text)
    async with _reading() as (_, clock):
        return await tried(numbers, clock.now())


def trial_json(moves: list[Move]) -> str:
    shown = [asdict(move) | {"change": move.change} for move in moves if move.moved]
    return json.dumps({"unit": "hundredths of a point", "summary": asdict(summary(moves)), "moves": shown},
                      ensure_ascii=False, indent=1, default=str)  # fmt: skip


def trial_text(moves: list[Move]) -> list[str]:
    """The summary, then who moves most."""
    told = summary(moves)
    lines = [
        f"{told.agencies} agencies, {told.moved} would move: {told.up} up, {told.down} down,"
        f" {told.stars_changed} to other stars, {told.paused} newly paused, {told.freed} no longer paused.",
        f"Greatest loss {points_text(told.most_lost, signed=True)}, greatest gain {points_text(told.most_won, signed=True)}.",
    ]
    moved = sorted((move for move in moves if move.moved), key=lambda move: (-abs(move.change), move.code))
    lines += [
        f"{move.code}  {_place(move.before)} -> {_place(move.after)}  {points_text(move.change, signed=True):>7}  {move.name}"
        for move in moved[:SHOWN_MOVES]
    ]
    rest = len(moved) - SHOWN_MOVES
    return [*lines, *([f"… and {rest} more (--csv or --json give all)"] if rest > 0 else [])]


def _place(place: Position) -> str:
    paused = f"paused to {place.paused_until.astimezone(BEIJING):%Y-%m-%d}" if place.paused_until else ""
    return f"{points_text(place.points):>6} {place.band}★ {paused:20}"
