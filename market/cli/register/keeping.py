"""What the operator does with the register's keys and witnesses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import click

from app import assembled
from market.cli.environment import database_or_exit, settings_or_exit
from market.register import log
from market.register.cosigning import add_witness
from market.register.keys import KeyFileUnsafe, KeyMissing, keys_in_force
from market.register.notes import NoteInvalid
from market.register.rotation import KeyNotLost, rotate
from market.register.sequencing import LogBroken
from market.web.context import Running


@asynccontextmanager
async def _market() -> AsyncIterator[Running]:
    settings = settings_or_exit()
    async with assembled(settings, database_or_exit(settings).dsn) as running:
        yield running


async def rotate_key(*, lost: bool, as_json: bool) -> int:
    async with _market() as running:
        try:
            key = await rotate(keys_in_force(), lost=lost, now=running.clock.now())
        except (KeyMissing, KeyFileUnsafe, KeyNotLost, LogBroken) as problem:
            click.secho(f"Nothing was changed: {problem}", fg="red", err=True)
            return 1
    click.echo(json.dumps({"key": key.text}) if as_json else key.text)
    return 0


async def accept_witness(vkey: str, title: str) -> int:
    async with _market() as running:
        try:
            key = await add_witness(vkey, title, now=running.clock.now())
        except NoteInvalid as problem:
            click.secho(f"Nothing was changed: {problem}", fg="red", err=True)
            return 2
    click.echo(f"Cosignatures of {key.name} ({title}) are taken in from now on.")
    return 0


async def tell_status() -> dict[str, Any]:
    async with _market():
        signed, waits, keys, witnesses = (
            await log.checkpoint(),
            await log.waiting(),
            await log.keys(),
            await log.witnesses(),
        )
    return {
        "size": signed.size if signed else 0, "root": signed.root.hex() if signed else None,
        "signed_at": signed.signed_at.isoformat() if signed else None, "waiting": waits.count,
        "keys": [one.key.text for one in keys],
        "witnesses": [{"key": one.key.text, "title": one.title, "size": one.size} for one in witnesses],
    }  # fmt: skip
