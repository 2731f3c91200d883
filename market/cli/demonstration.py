"""`python -m market demo`: the demonstration market, built once by the same actions that the pages call."""

from __future__ import annotations

from market.kernel.settings import Settings


async def build_demonstration(settings: Settings, dsn: str, *, fresh: bool, as_json: bool) -> None:
    raise NotImplementedError
