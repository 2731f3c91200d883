"""The register's bench does what it says; how fast is a matter of the machine."""

from __future__ import annotations

from pathlib import Path

from market.cli.bench.harness import Measurement, Part
from market.cli.bench.progress import table_of
from market.cli.bench.register import append, bare, grow, proof_times, sample
from market.kernel.db import execute, fetch_value
from market.register.keys import KeyFolder, put_in_force


async def test_it_appends_sequences_and_proves(database: str, tmp_path: Path) -> None:
    put_in_force(KeyFolder(tmp_path / "register-keys", "bench.example/register"))
    await execute(
        "CREATE TABLE bare_entry (id uuid PRIMARY KEY, at timestamptz, kind text, subject text, by text, data jsonb)"
    )
    before = await fetch_value("SELECT count(*) FROM register_entry")
    assert await append(200) > 0
    assert await bare(200) > 0
    assert await fetch_value("SELECT count(*) FROM bare_entry") == 200
    assert await fetch_value("SELECT max(size) FROM register_checkpoint") == before + 200
    steps: list[None] = []
    await grow(1000, lambda: steps.append(None))
    size = await fetch_value("SELECT max(size) FROM register_checkpoint")
    assert size == await fetch_value("SELECT count(*) FROM register_leaf") == 1000
    asked = await sample(size)
    made, looked_up = await proof_times(asked, lambda: steps.append(None))
    assert made > looked_up > 0
    assert len(steps) == 1 + len(asked.ids)


def test_a_limit_is_kept_or_not() -> None:
    rate = Part("append", 60.0, 100.0)
    quick = Part("proof", 4.0, 1.0, better="lower", counts=False, limit=5.0)
    slow = Part("proof", 6.0, 1.0, better="lower", counts=False, limit=5.0)
    assert Measurement("register", "entries/s", 0.4, 1, (rate, quick)).met
    assert not Measurement("register", "entries/s", 0.4, 1, (rate, slow)).met
    assert table_of([Measurement("register", "entries/s", 0.4, 1, (rate, slow))]).row_count == 2
