"""What is due is handled one by one, and one in trouble holds up nobody."""

from __future__ import annotations

import pytest

from market.kernel.sweep import one_by_one


async def test_one_in_trouble_is_told_and_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def act(one: int) -> bool:
        if one == 2:
            raise LookupError("no such year")
        return one != 3

    assert await one_by_one([1, 2, 3, 4], "the lapse of a contract", act) == 2
    assert [record.getMessage() for record in caplog.records] == [
        "the lapse of a contract failed for 2; it is tried again with the next pass"
    ]
