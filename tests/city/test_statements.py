"""No page asks the database once for each of its rows: over the fullest market there is, every page of every role sends
each statement a few times at most, however many rows it shows."""

from __future__ import annotations

import pytest
from litestar import Litestar

from market.demo.world import World
from market.kernel.db import fetch_one
from tests.city.reading import listen, pages
from tests.visitor import Visitor

VISITORS = (None, "owner1", "agency1", "agency3", "person1", "expert1", "regulator1", "operator1")
MOST = 5  # things that one page may ask one statement of: for itself and the parts around it, never for its rows


async def test_no_page_asks_once_for_each_row(city: World, site: Litestar, monkeypatch: pytest.MonkeyPatch) -> None:
    known, sent, repeated = set[str](), listen(monkeypatch), dict[str, str]()
    for login in VISITORS:
        async with Visitor(site) as visitor:
            if login is not None:
                await _sign_in(visitor, login)
            async for url, statements in pages(visitor, known, "/workbench" if login else "/", sent):
                repeated |= {f"{login} {url}": f"{n} × {sql}" for sql, n in statements.items() if n > MOST}
    assert repeated == {}
    assert len(known) > 120, sorted(known)


async def _sign_in(visitor: Visitor, login: str) -> None:
    row = await fetch_one(
        "SELECT p.id, m.organisation_id FROM person p JOIN membership m ON m.person_id = p.id WHERE p.login = $1", login
    )
    assert row is not None, login
    await visitor.sign_in_as(row["id"], row["organisation_id"])
