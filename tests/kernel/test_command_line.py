"""The command line as people call it: real processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from market.cli.commands import main
from market.kernel.db import fetch_value
from tests.conftest import ROOT

OPERATOR = [
    "--name",
    "市政务服务局",
    "--code",
    "11370200MA3C00000X",
    "--person",
    "高远",
    "--phone",
    "13800138000",
    "--login",
    "first",
]


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-m", "market", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", ["serve", "worker", "demo", "migrate", "verify", "bench", "operator"])
def test_every_command_explains_itself(command: str) -> None:
    answer = CliRunner().invoke(main, [command, "--help"])
    assert answer.exit_code == 0
    assert "Usage:" in answer.stdout


def test_all_mistakes_of_the_configuration_are_listed_at_once() -> None:
    answer = run("serve", MODE="production", PORT="http", CLOCK_SPEED="0", DATABASE_URL="mysql://x")
    assert answer.returncode == 2
    for variable in ("PORT", "CLOCK_SPEED", "DATABASE_URL", "SECRET_KEY", "BEACON", "PUBLIC_URL"):
        assert variable in answer.stderr


def test_no_secret_is_printed() -> None:
    answer = run(
        "serve", MODE="production", SECRET_KEY="hunter2-hunter2", DATABASE_URL="postgresql://u:pa55word@nowhere/x"
    )
    assert "hunter2" not in answer.stderr + answer.stdout
    assert "pa55word" not in answer.stderr + answer.stdout


async def test_the_first_operator_is_set_up_once(database: str) -> None:
    from stdnum.cn import uscc

    code = "11370200MA3C00000"
    arguments = [
        *OPERATOR[:3],
        code + uscc.calc_check_digit(code),
        *OPERATOR[4:],
        "--password",
        "correct horse battery",
    ]
    first = await asyncio.to_thread(run, "operator", *arguments, DATABASE_URL=database)
    assert first.returncode == 0, first.stderr
    again = await asyncio.to_thread(run, "operator", *arguments, DATABASE_URL=database)
    assert again.returncode == 2
    assert "already" in again.stderr
    assert await fetch_value("SELECT count(*) FROM organisation WHERE kind = 'operator'") == 1


async def test_production_refuses_the_demonstrations_database(database: str) -> None:
    from market.kernel.clock import wall_now
    from market.kernel.db import execute

    await execute("INSERT INTO demonstration (built_at, finished) VALUES ($1, true)", wall_now())
    answer = await asyncio.to_thread(
        run,
        "serve",
        MODE="production",
        SECRET_KEY="x" * 40,
        PUBLIC_URL="https://example.cn",
        BEACON="drand",
        DATABASE_URL=database,
    )
    assert answer.returncode == 4
    assert "demonstration" in answer.stderr
