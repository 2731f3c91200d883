"""`python -m market register …`: audit, rotate and witness the public register."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path, dir_okay=False)
READ = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def register() -> None:
    """The public register: audit it, change its key, witness somebody else's."""


def _fail(text: object, status: int) -> None:
    click.secho(str(text), fg="red", err=True)
    sys.exit(status)


def _run(work: Coroutine[Any, Any, int]) -> None:
    sys.exit(asyncio.run(work))


@register.command()
@click.option(
    "--checkpoint",
    "kept",
    type=READ,
    multiple=True,
    help="A checkpoint kept outside of this database; any number of them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
def audit(kept: tuple[Path, ...], as_json: bool) -> None:
    """Replay the database against the register and report every altered, missing or extra row.

    Recomputes the tree, every signature and every digest, then compares what each act recorded with what the tables say
    now. Runs beside a working market and disturbs nothing. Exits with 0 if nothing was found, 1 otherwise.

    Whoever held both the database and the signing key could rewrite everything consistently: give a checkpoint from
    elsewhere (a witness, an earlier download) with --checkpoint to rule that out too.
    """
    from market.cli.register.auditing import run_audit

    _run(run_audit([path.read_text(encoding="utf8") for path in kept], as_json=as_json))


@register.command()
@click.option("--lost", is_flag=True, help="The present key is lost for good: replace it without its signature.")
@click.option("--json", "as_json", is_flag=True, help="Print the new key as JSON.")
def rotate(lost: bool, as_json: bool) -> None:
    """Give the register a new key, introduced by an entry that the old one signs.

    The new private key is written into DATA_DIR/register-keys; copy it to every machine that runs a worker. The old file
    stays: keep it as long as anybody may ask. With --lost nobody who trusts the old key will follow by himself.
    """
    from market.cli.register.keeping import rotate_key

    _run(rotate_key(lost=lost, as_json=as_json))


@register.command()
@click.argument("file", type=FILE)
@click.option(
    "--name", required=True, help="The name of the key: an address without a scheme, such as witness.example.org/w1."
)
@click.option(
    "--witness/--log",
    "for_witness",
    default=True,
    show_default=True,
    help="A key to cosign with, or one for a register.",
)
def keygen(file: Path, name: str, for_witness: bool) -> None:
    """Write a new private key into FILE (readable by its owner only) and print the public one."""
    from market.register.keys import new_key, write_key
    from market.register.notes import Kind, NoteInvalid

    try:
        key = new_key(name, Kind.WITNESS if for_witness else Kind.LOG)
        write_key(file, key)
    except NoteInvalid as problem:
        _fail(problem, 2)
    except OSError as problem:
        _fail(f"nothing was written: {problem}", 2)
    else:
        click.echo(key.verifier.text)


@register.command("add-witness")
@click.argument("key")
@click.option("--title", required=True, help="The institution, as pages call it.")
def add_witness_command(key: str, title: str) -> None:
    """Accept cosignatures of the institution whose public KEY this is."""
    from market.cli.register.keeping import accept_witness

    _run(accept_witness(key, title))


@register.command()
@click.argument("url")
@click.option("--signing-key", type=READ, required=True, help="Your private key, as `keygen` wrote it.")
@click.option("--state", type=FILE, required=True, help="Where to remember the last checkpoint. Never delete it.")
@click.option("--key", "vkey", help="The register's public key, from a source you trust; needed for the first visit.")
@click.option("--out", type=FILE, help="Where to keep the newest cosigned checkpoint.")
@click.option("--submit/--no-submit", default=True, show_default=True, help="Bring each cosignature to the register.")
@click.option("--once", is_flag=True, help="One visit instead of one every --interval seconds.")
@click.option("--interval", type=click.IntRange(1, 86_400), default=60, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print each visit as one JSON object a line.")
def witness(
    url: str,
    signing_key: Path,
    state: Path,
    vkey: str | None,
    out: Path | None,
    submit: bool,
    once: bool,
    interval: int,
    as_json: bool,
) -> None:
    """Watch the register at URL from another institution, and cosign what continues what you saw before.

    Needs no database and none of our settings. An alarm means that the register contradicts itself: the evidence is
    written beside the state file, and the witness stops. Exits with 1 on an alarm, 2 if it cannot begin, 3 if the
    register could not be reached (with --once).
    """
    from market.cli.register.witnessing import Witness, run_witness

    given = Witness(url.rstrip("/"), signing_key, state, vkey, out, submit=submit, as_json=as_json)
    _run(run_witness(given, interval=None if once else interval))


@register.command()
def status() -> None:
    """Print what the register has signed, with which key, and what waits, as JSON."""
    from market.cli.register.keeping import tell_status

    click.echo(json.dumps(asyncio.run(tell_status()), ensure_ascii=False))
