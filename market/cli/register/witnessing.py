"""The witness as a process: visit, remember, cosign, wait; on an alarm keep the evidence and stop."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import click
import httpx

from market.kernel.clock import wall_now
from market.register.keys import KeyFileUnsafe, KeyMissing, read_key
from market.register.notes import Kind, NoteInvalid, SigningKey, VerifierKey
from market.register.witness import (
    Alarm,
    Memory,
    StateUnreadable,
    Unreachable,
    Visit,
    alone,
    cosign,
    remember,
    remembered,
    submit,
    visit,
)

ALARM, CANNOT_BEGIN, NOT_REACHED = 1, 2, 3


@dataclass(frozen=True)
class Witness:
    url: str
    signing_key: Path
    state: Path
    vkey: str | None
    out: Path | None
    submit: bool
    as_json: bool


async def run_witness(given: Witness, *, interval: int | None) -> int:
    """For ever, or once when there is no interval. Returns the exit status."""
    try:
        with alone(given.state):
            key, memory = _signing_key(given), _memory(given)
            async with httpx.AsyncClient(base_url=given.url, timeout=30) as client:
                return await _watch(client, given, key, memory, interval)
    except (StateUnreadable, KeyMissing, KeyFileUnsafe, NoteInvalid, OSError) as problem:
        click.secho(f"Not started: {problem}", fg="red", err=True)
        return CANNOT_BEGIN


def _signing_key(given: Witness) -> SigningKey:
    key = read_key(given.signing_key)
    if key.verifier.kind is not Kind.WITNESS:
        raise NoteInvalid("the signing key is not one for cosignatures: make it with `register keygen --witness`")
    return key


def _memory(given: Witness) -> Memory:
    memory = remembered(given.state)
    told = VerifierKey.parse(given.vkey) if given.vkey else None
    if memory is None and told is None:
        raise StateUnreadable("the first visit needs the register's key: --key, from a source that you trust")
    if memory is not None and told is not None and (told.name, told.kind) != (memory.key.name, memory.key.kind):
        raise StateUnreadable(f"{given.state} remembers another register: {memory.key.name}")
    found = memory or Memory(told or VerifierKey.parse(""))
    if found.key.kind is not Kind.LOG:
        raise NoteInvalid("the key of a register is of type 1")
    return found


async def _watch(
    client: httpx.AsyncClient, given: Witness, key: SigningKey, memory: Memory, interval: int | None
) -> int:
    while True:
        status = 0
        try:
            memory = await _visit(client, given, key, memory)
        except Alarm as alarm:
            _raise_alarm(given, alarm)
            return ALARM
        except Unreachable as problem:
            _tell(given, {"event": "unreachable", "problem": str(problem)}, f"not reached: {problem}")
            status = NOT_REACHED
        if interval is None:
            return status
        await asyncio.sleep(interval)


async def _visit(client: httpx.AsyncClient, given: Witness, key: SigningKey, memory: Memory) -> Memory:
    """What is signed was written down before; what could not be brought is offered again with the next visit."""
    seen = await visit(client, memory)
    remember(given.state, seen.memory)
    seen = cosign(seen, key, time=int(wall_now().timestamp()))
    if seen.cosigned is not None:
        if given.out is not None:
            given.out.write_text(str(seen.cosigned), encoding="utf8")
        if given.submit:
            await submit(client, seen.cosigned)
    _tell_visit(given, seen)
    return seen.memory


def _tell_visit(given: Witness, seen: Visit) -> None:
    text = f"{seen.size} entries, {seen.grown} more than before; {'cosigned' if seen.cosigned else 'not cosigned'}"
    told = {
        "event": "visit",
        "size": seen.size,
        "grown": seen.grown,
        "cosigned": seen.cosigned is not None,
        "remark": seen.remark,
    }
    _tell(given, told, f"{text}{' (' + seen.remark + ')' if seen.remark else ''}")


def _raise_alarm(given: Witness, alarm: Alarm) -> None:
    kept = [_keep(given, number, text) for number, text in enumerate(alarm.evidence, start=1)]
    if given.as_json:
        click.echo(json.dumps({"event": "alarm", "problem": str(alarm), "evidence": kept}, ensure_ascii=False))
    click.secho(f"ALARM: {alarm}", fg="red", bold=True, err=True)
    for path in kept:
        click.secho(f"  evidence: {path}", err=True)
    click.secho(
        "Keep the evidence, tell the regulator and the public. This witness vouches for nothing more.", err=True
    )


def _keep(given: Witness, number: int, text: str) -> str:
    path = given.state.with_name(f"{given.state.name}.alarm-{wall_now():%Y%m%dT%H%M%S}-{number}.txt")
    path.write_text(text, encoding="utf8")
    return str(path)


def _tell(given: Witness, told: dict[str, object], text: str) -> None:
    click.echo(json.dumps(told, ensure_ascii=False) if given.as_json else f"{wall_now():%Y-%m-%d %H:%M:%S} {text}")
