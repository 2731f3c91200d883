"""Bidding over real forms: sealed in the browser or by the server, errors, receipts, and what others see of it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import httpx
import pytest
from litestar import Litestar

from market.demo.agencies import Agent
from market.demo.bids import belonging_of, sealed_bid, submit_bid
from market.demo.projects import publish_project
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import fetch_one, fetch_value
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.bids import queries as bid_queries
from projects.selection.bids.text import Belonging, read
from projects.selection.methods.terms import Quote
from projects.selection.sign_ups.actions import SealedBid
from tests.visitor import Visitor


async def signed_in(site: Litestar, viewer: Viewer) -> Visitor:
    assert viewer.person_id is not None
    assert viewer.organisation_id is not None
    return await Visitor(site).sign_in_as(viewer.person_id, viewer.organisation_id)


def field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found.group(1)


async def filled(visitor: Visitor, project: ProjectView, **changed: Any) -> dict[str, Any]:
    page = await visitor.get(f"{project.url}/bid")
    person = re.search(r'name="authorised_person" value="([^"]*)"', page.text)
    assert person
    given = {"authorised_person": person.group(1), "agreed": "on", "amount": "100,000.50"}
    return given | {"nonce": field(page.text, "nonce"), "replaces": field(page.text, "replaces")} | changed


async def hand_in(visitor: Visitor, project: ProjectView, **changed: Any) -> httpx.Response:
    return await visitor.send_form(f"{project.url}/bid", await filled(visitor, project, **changed))


async def opened(world: World, project: ProjectView, agent: Agent) -> int:
    """What stands of an agency, opened with the round that is not out yet."""
    from market.beacon import bls
    from market.beacon.local import LocalBeacon
    from market.beacon.rules import Round
    from market.beacon.timelock import Opening

    bid = await bid_queries.standing_bid(project.id, agent.id)
    assert bid is not None
    assert bid.ciphertext is not None
    assert isinstance(world.beacon, LocalBeacon)
    published = Round(bid.beacon_round, bls.sign_round(world.beacon._key.secret, bid.beacon_round))
    belonging = Belonging(
        project.number, agent.code, bid.beacon_round, bid.beacon_chain, bid.nonce, Quote(project.quote)
    )
    return read(Opening(world.beacon.chain, published).open(bid.ciphertext), belonging)


async def test_without_javascript_the_server_seals_what_arrives(
    world: World, site: Litestar, priced: ProjectView, agents: list[Agent]
) -> None:
    visitor = await signed_in(site, agents[0].viewer)
    answer = await hand_in(visitor, priced)
    bid = await bid_queries.standing_bid(priced.id, agents[0].id)
    assert bid is not None
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{priced.url}/bids/{bid.id}"
    assert bid.sealed_by == "server"
    assert await opened(world, priced, agents[0]) == 100_000_50
    receipt = (await visitor.get(answer.headers["location"])).text
    assert bid.ciphertext_sha256[:8] in receipt
    assert "100,000.50" not in receipt


async def test_what_the_browser_sealed_is_kept_as_it_came(
    world: World, site: Litestar, priced: ProjectView, agents: list[Agent]
) -> None:
    visitor = await signed_in(site, agents[0].viewer)
    sealed = await sealed_bid(world, agents[0], priced, 90_000_00)
    sent = sealed.ciphertext.replace("\n", "\r\n")  # as browsers do
    answer = await hand_in(visitor, priced, amount="", nonce=sealed.nonce, ciphertext=sent)
    assert answer.status_code == 303
    bid = await bid_queries.standing_bid(priced.id, agents[0].id)
    assert bid is not None
    assert (bid.ciphertext, bid.sealed_by) == (sealed.ciphertext, "browser")
    kept = await visitor.get(f"{priced.url}/bids/{bid.id}/sealed.age")
    assert hashlib.sha256(kept.content).hexdigest() == bid.ciphertext_sha256


BAD = ["", "NaN", "1e5", "1,2", "-5", "90000.001", "79,999.99", "152,000.01", "0", "十万", "90000 90000", "1" * 40]


@pytest.mark.parametrize("amount", BAD)
async def test_a_bad_amount_is_refused_and_not_repeated(
    site: Litestar, priced: ProjectView, agents: list[Agent], amount: str
) -> None:
    visitor = await signed_in(site, agents[0].viewer)
    answer = await hand_in(visitor, priced, amount=amount)
    assert answer.status_code == 422
    assert 'id="f-amount-errors"' in answer.text
    assert f'value="{amount}"' not in answer.text or amount in {"", "0"}
    assert await fetch_value("SELECT count(*) FROM sealed_bid") == 0


async def test_all_errors_come_at_once(site: Litestar, priced: ProjectView, agents: list[Agent]) -> None:
    visitor = await signed_in(site, agents[0].viewer)
    answer = await visitor.send_form(f"{priced.url}/bid", {"amount": "x"})
    assert answer.status_code == 422
    for name in ("authorised_person", "agreed", "amount"):
        assert f'href="#f-{name}"' in answer.text
    foreign = await hand_in(
        visitor, priced, amount="123,456.78", authorised_person="01890a5d-ac96-774b-bcce-b302099a8057"
    )
    assert foreign.status_code == 409
    assert "123,456.78" not in foreign.text
    assert 'href="#f-authorised_person"' in foreign.text


async def test_a_double_click_is_one_bid(site: Litestar, priced: ProjectView, agents: list[Agent]) -> None:
    visitor = await signed_in(site, agents[0].viewer)
    form = await filled(visitor, priced)
    first = await visitor.send_form(f"{priced.url}/bid", form)
    second = await visitor.send_form(f"{priced.url}/bid", form | {"amount": "120000"})
    assert first.headers["location"] == second.headers["location"]
    assert await fetch_value("SELECT count(*) FROM sealed_bid") == 1
    told = await visitor.get(second.headers["location"])
    assert "先前已提交" in told.text


async def test_one_millisecond_late_is_refused_with_the_servers_time(
    world: World, site: Litestar, priced: ProjectView, agents: list[Agent]
) -> None:
    from datetime import timedelta

    visitor = await signed_in(site, agents[0].viewer)
    form = await filled(visitor, priced)
    world.clock.set(priced.sign_up_closes_at + timedelta(milliseconds=1))
    answer = await visitor.send_form(f"{priced.url}/bid", form)
    assert answer.status_code == 409
    assert "0.001" in answer.text
    assert await fetch_value("SELECT count(*) FROM sealed_bid") == 0


async def test_replacing_and_withdrawing_through_pages(
    site: Litestar, priced: ProjectView, agents: list[Agent]
) -> None:
    visitor = await signed_in(site, agents[0].viewer)
    first = (await hand_in(visitor, priced)).headers["location"]
    second = (await hand_in(visitor, priced, amount="95000")).headers["location"]
    assert first != second
    listed = await visitor.get(f"{priced.url}/bids")
    assert first in listed.text
    assert second in listed.text
    assert (await visitor.get(f"{first}/sealed.age")).status_code == 404
    await visitor.send_form(f"{priced.url}/sign-up/withdraw")
    assert (await visitor.get(f"{second}/sealed.age")).status_code == 404
    assert (await visitor.get(second)).status_code == 200
    told = json.loads((await visitor.get(f"{second}/receipt.json")).content)
    assert told["ended"]["how"] == "withdrawn"


async def test_taking_a_reserve_price_back_through_pages(
    world: World, site: Litestar, owner: Viewer, agents: list[Agent]
) -> None:
    live = await publish_project(world, owner, method="multi_round")
    bid = await submit_bid(world, agents[0], live, 100_000_00)
    visitor = await signed_in(site, agents[0].viewer)
    assert f'href="{live.url}/bid/withdraw"' in (await visitor.get(f"{live.url}/bids")).text
    assert "报名继续有效" in (await visitor.get(f"{live.url}/bid/withdraw")).text
    sent = await visitor.send_form(f"{live.url}/bid/withdraw")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{live.url}/bids/{bid.id}")
    told = json.loads((await visitor.get(f"{live.url}/bids/{bid.id}/receipt.json")).content)
    assert told["ended"]["how"] == "withdrawn"
    assert (await visitor.get(f"{live.url}/bid/withdraw")).status_code == 404


async def test_the_receipt_proves_whose_bid_it_was(
    world: World, site: Litestar, priced: ProjectView, agents: list[Agent]
) -> None:
    import rfc8785

    bid = await submit_bid(world, agents[0], priced, 100_000_00)
    visitor = await signed_in(site, agents[0].viewer)
    told = json.loads((await visitor.get(f"{priced.url}/bids/{bid.id}/receipt.json")).content)
    private = told["register"]["private"]
    digest = hashlib.sha256(private["salt"].encode() + rfc8785.dumps(private["facts"])).hexdigest()
    public = await fetch_one("SELECT private_digest, data FROM register_entry WHERE id = $1", bid.entry_id)
    assert public is not None
    assert public["private_digest"] == digest
    assert private["facts"] == {
        "agency": agents[0].code, "bid": str(bid.id), "nonce": bid.nonce, "project": priced.number,
    }  # fmt: skip
    assert told["ciphertext_sha256"] == bid.ciphertext_sha256


async def test_after_the_close_the_page_says_when_it_opens(
    world: World, site: Litestar, priced: ProjectView, agents: list[Agent]
) -> None:
    visitor = await signed_in(site, agents[0].viewer)
    await hand_in(visitor, priced)
    for agent in agents[2:]:
        await submit_bid(world, agent, priced, 110_000_00)
    await world.run_until(priced.sign_up_closes_at + FREEZE_PAUSE)
    moved = await visitor.get(f"{priced.url}/bid")
    assert (moved.status_code, moved.headers["location"]) == (303, f"{priced.url}/bids")
    assert "全部报价同时开启" in (await visitor.get(f"{priced.url}/bids")).text
    other = await signed_in(site, agents[1].viewer)
    assert (await other.get(f"{priced.url}/bid")).status_code == 409
    assert (await other.get(f"{priced.url}/bids")).status_code == 404


async def test_nobody_counts_sealed_entries(
    world: World, site: Litestar, owner: Viewer, priced: ProjectView, agents: list[Agent]
) -> None:
    """The page of the project is the same for others before and after a bid."""
    visitors = [await signed_in(site, owner), await signed_in(site, agents[1].viewer), Visitor(site)]
    secret = re.compile(r'(name="csrf_token" value="|data-now="|name="nonce" value=")[^"]*')
    before = [secret.sub("", (await one.get(priced.url)).text) for one in visitors]
    await submit_bid(world, agents[0], priced, 100_000_00)
    after = [secret.sub("", (await one.get(priced.url)).text) for one in visitors]
    assert before == after
    assert "密封" in before[2]


async def test_the_form_sends_a_discount_where_one_is_asked_for(
    world: World, site: Litestar, owner: Viewer, agents: list[Agent]
) -> None:
    from market.demo.projects import publish_project

    project = await publish_project(
        world, owner, method="lowest_price", quote="discount", ceiling="152000", floor="", smallest_discount="1",
        largest_discount="40",
    )  # fmt: skip
    visitor = await signed_in(site, agents[0].viewer)
    assert (await hand_in(visitor, project, amount="40.01")).status_code == 422
    assert (await hand_in(visitor, project, amount="12.5")).status_code == 303
    assert await opened(world, project, agents[0]) == 1250


async def test_a_file_for_another_agency_is_nobodys_business_before_the_opening(
    world: World, site: Litestar, priced: ProjectView, agents: list[Agent]
) -> None:
    foreign = await sealed_bid(world, agents[1], priced, 90_000_00)
    visitor = await signed_in(site, agents[0].viewer)
    assert isinstance(foreign, SealedBid)
    assert (await belonging_of(priced, agents[0])).agency == agents[0].code
    answer = await hand_in(visitor, priced, amount="", nonce=foreign.nonce, ciphertext=foreign.ciphertext)
    assert answer.status_code == 303


async def test_names_and_their_number_stay_sealed_until_the_opening(
    world: World, site: Litestar, owner: Viewer, priced: ProjectView, agents: list[Agent]
) -> None:
    for agent in agents[:3]:
        await submit_bid(world, agent, priced, 100_000_00)
    await world.run_until(priced.sign_up_closes_at + FREEZE_PAUSE)
    pages = (
        priced.url,
        f"{priced.url}/rounds/1",
        f"/register?subject={priced.number}",
        "/register?kind=bid.sealed",
        "/bench",
    )
    for visitor in (Visitor(site), await signed_in(site, owner), await signed_in(site, agents[3].viewer)):
        for page in pages:
            text = (await visitor.get(page)).text
            for agent in agents[:3]:
                assert agent.name not in text, page
                assert agent.code not in text, page
    await world.run_past(priced.sign_up_closes_at)
    assert agents[0].name in (await Visitor(site).get(f"{priced.url}/rounds/1")).text
