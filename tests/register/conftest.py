from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest

from market.kernel.clock import FixedClock
from market.kernel.db import transaction
from market.register.actions import record
from market.register.keys import KeyFolder, put_in_force

Act = Callable[..., Awaitable[UUID]]
ORIGIN = "market.example/register"


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return put_in_force(KeyFolder(tmp_path / "register-keys", ORIGIN))


@pytest.fixture
def act(database: str, folder: KeyFolder, clock: FixedClock) -> Act:
    """`await act("title")` records one act in a transaction of its own and returns its entry."""

    async def recorded(title: str = "act", **more: object) -> UUID:
        async with transaction():
            return await record(
                "project.published", subject="MX-2026-000001", by="91370200MA00000001", at=clock.now(),
                data={"title": title, **more}, private={"person": "somebody"},
            )  # fmt: skip

    return recorded
