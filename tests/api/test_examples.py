"""The examples of docs/api.md are run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import anyio.to_thread
import pytest
from litestar import Litestar

from tests.api.conftest import Cast
from tests.api.test_fuzzing import served

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


async def test_every_example_works(site: Litestar, cast: Cast) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: the examples of docs/api.md cannot be run as they stand")
    runs = [["sh", "-eu", "-c", text] for text in examples("sh")] + [
        [sys.executable, "-c", text] for text in examples("python")
    ]
    assert len(runs) >= 4
    async with served(site) as address:
        around = {**os.environ, "MARKET": address, "TOKEN": cast.tokens["owner"]}
        for run in runs:
            done: subprocess.CompletedProcess[str] = await anyio.to_thread.run_sync(
                partial(subprocess.run, run, env=around, capture_output=True, text=True, timeout=60, check=False)
            )
            assert done.returncode == 0, f"{run[2]}\n{done.stdout}\n{done.stderr}"


def test_every_scope_is_explained() -> None:
    from market.accounts.tokens.rules import Scope

    assert [scope for scope in Scope if f"| `{scope}` |" not in DOCUMENT] == []
