"""The canary: amounts that occur nowhere else are sealed, then everything that anybody could read is searched for them."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from market.accounts.actions import tell
from market.demo.agencies import Agent, credit_code, operator_of
from market.demo.bids import submit_bid
from market.demo.projects import open_owner, publish_project
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import fetch, fetch_value, transaction
from market.kernel.jobs import defer
from market.kernel.money import Money
from market.web.display import money, wan
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.bids import forms as bid_forms
from projects.selection.bids.forms import Limits
from tests.architecture.scene import _organisation
from tests.selection.bids.test_bid_pages import hand_in, signed_in
from tests.visitor import Visitor

SEALED_IN_BROWSER = 123_457_89
SEALED_BY_SERVER = 98_765_43
DISCOUNT = 2347
CEILING = 152_000_00


def spellings(fen: int) -> set[str]:
    """The same amount as anybody might write it."""
    amount = Money(fen)
    return {
        str(fen),
        amount.yuan_text,
        f"{fen / 100:,.2f}",
        money(amount),
        wan(amount),
        f"{fen / 1_000_000:.6f}",
        f"{fen / 100}",
    }


NEEDLES = spellings(SEALED_IN_BROWSER) | spellings(SEALED_BY_SERVER) | {
    "23.47", "2347%", str(CEILING * (10_000 - DISCOUNT) // 10_000), "116,325.60", "116325.6",
}  # fmt: skip
_DIGITS = [one.encode() for one in NEEDLES]  # (found much faster than the expression)
# Not as a part of something longer: moments, keys and hashes hold all digits by chance.
_AMOUNT = re.compile(
    rf"(?<![0-9a-f:.])(?:{'|'.join(re.escape(one) for one in sorted(NEEDLES, key=len, reverse=True))})(?![0-9a-f])".encode()
)


@dataclass
class Search:
    """Looks through texts and bytes and remembers where an amount was found."""

    found: list[str] = field(default_factory=list)

    def look(self, where: str, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        if any(needle in data for needle in _DIGITS):
            self.found += [f"{needle.decode()} in {where}" for needle in {*_AMOUNT.findall(data)}]


class Listener(logging.Handler):
    """Everything that anybody logs at any level, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {record.args!r} {record.exc_info!r}")


@pytest.fixture
def heard() -> Iterator[Listener]:
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.setLevel(level)
    root.removeHandler(listener)


async def search_database(search: Search) -> None:
    """Every row of every table as text; what stands as bytes is searched as bytes."""
    tables = await fetch(
        "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    assert len(tables) > 40
    for table in tables:
        for row in await fetch(f"SELECT t::text AS text FROM {table['name']} t"):
            search.look(table["name"], row["text"])
    columns = await fetch(
        "SELECT quote_ident(table_name) AS table, quote_ident(column_name) AS name FROM information_schema.columns"
        " WHERE data_type = 'bytea' AND table_schema = 'public'"
    )
    assert columns
    for column in columns:
        for row in await fetch(
            f"SELECT {column['name']} AS data FROM {column['table']} WHERE {column['name']} IS NOT NULL"
        ):
            search.look(f"{column['table']}.{column['name']}", bytes(row["data"]))


def search_files(search: Search, folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            search.look(str(path), path.read_bytes())


async def addresses(site: Litestar, project: ProjectView) -> list[str]:
    """Every page there is, with this project, its round and its bids wherever one can stand, and with each entry of the
    register where the first of them is shown."""
    one = {
        "number": project.number, "no": "1", "code": await fetch_value("SELECT code FROM organisation WHERE kind = 'agency' LIMIT 1"),
        "path": "/0/000", "name": "projects.csv", "chain_hash": project.beacon_chain, "round": "1",
    }  # fmt: skip
    bids = [str(row["id"]) for row in await fetch("SELECT id FROM sealed_bid")]
    entries = [str(row["id"]) for row in await fetch("SELECT id FROM register_entry")]
    found, anybody = [], Visitor(site)
    for route in site.routes:
        if not isinstance(route, HTTPRoute) or "GET" not in route.methods:
            continue
        path = route.path
        for name, value in one.items():
            for kind in ("str", "int", "path"):
                path = path.replace(f"{{{name}:{kind}}}", value.removeprefix("/") if kind == "path" else value)
        if (asked := re.search(r"\{\w+:uuid\}", path)) is None:
            named = [path]
        else:
            told = await anybody.get(path.replace(asked[0], entries[0]))
            named = [path.replace(asked[0], one) for one in (*bids, *entries[: None if told.is_success else 1])]
        found += [address for address in named if "{" not in address]
    return found


async def everybody(world: World, site: Litestar, owner: Viewer, agents: list[Agent]) -> dict[str, Visitor]:
    people = {
        "owner": owner, "bidder": agents[0].viewer, "other bidder": agents[1].viewer, "operator": await operator_of(world),
        "other owner": await open_owner(world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11")),
        "expert": await _organisation(world, "expert", 901),
        "regulator": await _organisation(world, "regulator", 902, ("3702", "")),
    }  # fmt: skip
    return {name: await signed_in(site, viewer) for name, viewer in people.items()} | {"anonymous": Visitor(site)}


async def walk(search: Search, visitors: dict[str, Visitor], paths: list[str]) -> int:
    """How many pages were read."""
    read = 0
    for who, visitor in visitors.items():
        for path in paths:
            answer = await asyncio.wait_for(visitor.get(path), timeout=60)
            read += answer.status_code == 200
            search.look(f"{path} as {who}", answer.content)
            search.look(f"headers of {path} as {who}", str(answer.headers))
    return read


@pytest.fixture
async def sealed(world: World, site: Litestar, owner: Viewer, agents: list[Agent], priced: ProjectView) -> ProjectView:
    """A price sealed as browsers do and one that the server sealed; a discount in another project."""
    await submit_bid(world, agents[0], priced, SEALED_IN_BROWSER)
    answer = await hand_in(await signed_in(site, agents[1].viewer), priced, amount=" 98,765.43 ")
    assert answer.status_code == 303
    await submit_bid(world, agents[2], priced, 140_000_00)
    other = await publish_project(
        world, owner, method="average_price", quote="discount", ceiling="152000", floor="", smallest_discount="1",
        largest_discount="40",
    )  # fmt: skip
    assert (await hand_in(await signed_in(site, agents[1].viewer), other, amount="23.47%")).status_code == 303
    await submit_bid(world, agents[0], other, DISCOUNT)
    # Errors must not keep what was typed either.
    for amount in ("98,765.43x", "1" + "98,765.43"):
        wrong = await hand_in(await signed_in(site, agents[3].viewer), priced, amount=amount)
        assert wrong.status_code == 422
        assert "98,765.43" not in wrong.text
    return priced


async def test_an_amount_is_nowhere_before_the_opening_and_everywhere_after(
    world: World, site: Litestar, owner: Viewer, agents: list[Agent], heard: Listener, sealed: ProjectView
) -> None:
    visitors = await everybody(world, site, owner, agents)
    search = Search()
    await search_database(search)
    of_project = [path for path in await addresses(site, sealed) if sealed.number in path]
    assert await walk(search, visitors, of_project) > 50
    await world.run_until(sealed.sign_up_closes_at + FREEZE_PAUSE)
    assert await fetch_value("SELECT stage FROM project WHERE id = $1", sealed.id) == "drawing"
    assert await walk(search, visitors, await addresses(site, sealed)) > 300
    await search_database(search)
    search_files(search, world.settings.data_dir)
    search.look("the log", "\n".join(heard.lines))
    assert search.found == []

    await world.run_past(sealed.sign_up_closes_at)
    after = Search()
    await search_database(after)
    await walk(after, {"anonymous": visitors["anonymous"]}, of_project)
    shown = " ".join(after.found)
    for amount in (SEALED_IN_BROWSER, SEALED_BY_SERVER):
        assert Money(amount).yuan_text in shown or money(Money(amount)) in shown
        assert str(amount) in shown


async def logs_it(quoted: int) -> None:
    logging.getLogger("projects.selection").debug("a bid of %s fen came in", quoted)


async def queues_it(quoted: int) -> None:
    async with transaction():
        await defer("selection.decide", round_id=f"bid {Money(quoted).yuan_text}")


async def tells_it(quoted: int) -> None:
    organisation: UUID = await fetch_value("SELECT id FROM organisation WHERE kind = 'public_body' LIMIT 1")
    async with transaction():
        await tell(organisation, "bid", link="/", cause="bid", now=_now(), facts={"amount": money(Money(quoted))})


def _now() -> Any:
    from market.kernel.clock import wall_now

    return wall_now()


@pytest.mark.parametrize("leak", [logs_it, queues_it, tells_it])
async def test_the_canary_dies_of_a_leak(
    world: World, site: Litestar, agents: list[Agent], heard: Listener, priced: ProjectView,
    leak: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The server's own code is altered to let the amount out in one place: the search has to find it."""
    read, leaking = bid_forms.read_amount, []

    def read_and_leak(fields: Any, limits: Limits) -> int | None:
        quoted = read(fields, limits)
        if quoted is not None:
            leaking.append(asyncio.ensure_future(leak(quoted)))
        return quoted

    monkeypatch.setattr(bid_forms, "read_amount", read_and_leak)
    assert (await hand_in(await signed_in(site, agents[1].viewer), priced, amount="98765.43")).status_code == 303
    await asyncio.gather(*leaking)
    search = Search()
    await search_database(search)
    search.look("the log", "\n".join(heard.lines))
    assert search.found
