"""Sealed bids before they open: in time, one of each agency, replaced, taken back, each with a receipt."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from market.beacon.timelock import seal
from market.cli.audit import audit_market
from market.demo.agencies import Agent
from market.demo.bids import sealed_bid, send_bid, submit_bid
from market.demo.projects import publish_project
from market.demo.selection import offer_of, sign_up
from market.demo.world import World
from market.kernel.db import execute, fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.register.queries import entry
from market.web.viewer import Viewer
from projects.posting.actions import withdraw as withdraw_notice
from projects.queries import ProjectView
from projects.selection.bids import actions as bid_actions
from projects.selection.bids import queries as bid_queries
from projects.selection.rounds.queries import open_round
from projects.selection.sign_ups import actions as sign_up_actions
from projects.selection.sign_ups.actions import SealedBid
from projects.selection.sign_ups.queries import sign_up_of


async def kinds_of_sealed() -> list[str]:
    return [
        row["kind"] for row in await fetch("SELECT kind FROM register_entry WHERE subject = 'sealed' ORDER BY written")
    ]


async def test_a_bid_signs_its_agency_up_and_tells_the_public_nothing(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    made = await submit_bid(world, agents[0], priced, 100_000_00)
    mine = await sign_up_of(priced.id, agents[0].id)
    assert mine is not None
    assert (mine.id, mine.entry_id) == (made.sign_up_id, made.entry_id)
    recorded = await entry(made.entry_id)
    assert (recorded.kind, recorded.subject, recorded.by) == ("bid.sealed", "sealed", "agency")
    assert recorded.data == {"ciphertext_sha256": made.ciphertext_sha256}
    private = await bid_queries.private_of(made.entry_id)
    assert private is not None
    assert private["facts"] == {
        "agency": agents[0].code, "bid": str(made.id), "nonce": made.nonce, "project": priced.number,
    }  # fmt: skip
    said = await fetch("SELECT kind FROM register_entry WHERE subject = $1", priced.number)
    assert [row["kind"] for row in said] == ["project.published"]
    assert await audit_market() == []


async def test_the_same_request_twice_is_answered_the_same_twice(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    sealed = await sealed_bid(world, agents[0], priced, 100_000_00)
    answers = await asyncio.gather(*[send_bid(world, agents[0], priced, sealed) for _ in range(5)])
    assert len({answer.id for answer in answers}) == 1
    assert await kinds_of_sealed() == ["bid.sealed"]
    later = await send_bid(world, agents[0], priced, sealed)
    assert later == answers[0]


async def test_a_form_that_the_server_sealed_twice_counts_once(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    first = await sealed_bid(world, agents[0], priced, 100_000_00, sealed_by="server")
    second = replace(await sealed_bid(world, agents[0], priced, 90_000_00, sealed_by="server"), nonce=first.nonce)
    made = await send_bid(world, agents[0], priced, first)
    assert await send_bid(world, agents[0], priced, second) == made


async def test_a_newer_bid_replaces_the_older_one_whose_text_is_erased(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    first = await submit_bid(world, agents[0], priced, 100_000_00)
    world.clock.advance(minutes=5)
    second = await submit_bid(world, agents[0], priced, 90_000_00)
    old = await bid_queries.bid_by_id(first.id)
    assert (old.ended, old.ended_at, old.ciphertext) == ("replaced", world.now, None)
    assert old.end_entry_id is not None
    assert (await entry(old.end_entry_id)).data == {"ciphertext_sha256": first.ciphertext_sha256}
    assert second.sign_up_id == first.sign_up_id
    assert await bid_queries.standing_bid(priced.id, agents[0].id) == second
    assert sorted(await kinds_of_sealed()) == ["bid.replaced", "bid.sealed", "bid.sealed"]
    assert await audit_market() == []


async def test_whoever_does_not_know_of_the_standing_bid_replaces_nothing(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    stands = await submit_bid(world, agents[0], priced, 100_000_00)
    offer = await offer_of(world, agents[0], priced)
    by = agents[0].viewer.person_id
    assert by is not None
    for known, code in ((None, "bid.stands"), (uuid4(), "bid.stands")):
        sealed = await sealed_bid(world, agents[0], priced, 90_000_00)
        with pytest.raises(Refusal) as refused:
            await bid_actions.submit_bid(priced.id, agents[0].id, offer, sealed, by=by, now=world.now, replaces=known)
        assert refused.value.code == code
    assert await bid_queries.standing_bid(priced.id, agents[0].id) == stands
    await sign_up_actions.withdraw(priced.id, agents[0].id, now=world.now)
    with pytest.raises(Refusal) as refused:
        await bid_actions.submit_bid(priced.id, agents[0].id, offer, sealed, by=by, now=world.now, replaces=stands.id)
    assert refused.value.code == "bid.gone"


async def test_withdrawing_erases_the_bid_with_the_sign_up(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    made = await submit_bid(world, agents[0], priced, 100_000_00)
    gone = await sign_up_actions.withdraw(priced.id, agents[0].id, now=world.now)
    bid = await bid_queries.bid_by_id(made.id)
    assert (bid.ended, bid.ciphertext, bid.end_entry_id) == ("withdrawn", None, gone.withdrawal_entry_id)
    assert await kinds_of_sealed() == ["bid.sealed", "bid.withdrawn"]
    again = await submit_bid(world, agents[0], priced, 95_000_00)
    assert again.stands
    assert again.sign_up_id != made.sign_up_id
    assert await audit_market() == []


async def test_the_window_is_half_open_to_the_microsecond(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    closes_at = priced.sign_up_closes_at
    world.clock.set(closes_at - timedelta(microseconds=1))
    await submit_bid(world, agents[0], priced, 100_000_00)
    sealed = await sealed_bid(world, agents[1], priced, 90_000_00)
    world.clock.set(closes_at + timedelta(milliseconds=1))
    with pytest.raises(Refusal) as refused:
        await send_bid(world, agents[1], priced, sealed)
    assert refused.value.code == "sign_up.closed"
    assert refused.value.facts["arrived_at"] == closes_at + timedelta(milliseconds=1)
    with pytest.raises(Refusal) as kept:
        await sign_up_actions.withdraw(priced.id, agents[0].id, now=world.now)
    assert kept.value.code == "sign_up.withdrawal_closed"


async def refusal_of(world: World, agent: Agent, project: ProjectView, sealed: SealedBid) -> str:
    with pytest.raises(Refusal) as refused:
        await send_bid(world, agent, project, sealed)
    return refused.value.code


async def test_a_file_that_could_never_count_is_refused_on_arrival(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    good = await sealed_bid(world, agents[0], priced, 100_000_00)
    current = await open_round(priced.id)
    assert current is not None
    assert current.beacon_round is not None
    chain = world.beacon.chain
    wrong = {
        "other round": seal(chain, current.beacon_round + 1, b"x" * 100),
        "too long": good.ciphertext + "A" * 8192,
        "not age": "100000.00",
        "altered header": good.ciphertext.replace("AGE ENCRYPTED", "AGE  ENCRYPTED"),
        "other chain": seal(replace(chain, genesis=chain.genesis + 1), current.beacon_round, b"x" * 100),
    }
    for name, ciphertext in wrong.items():
        assert await refusal_of(world, agents[0], priced, replace(good, ciphertext=ciphertext)) == "bid.malformed", name
    public = replace(good, ciphertext=seal(chain, 1, b"x" * 100))
    assert await refusal_of(world, agents[0], priced, public) == "bid.round_public"
    assert await fetch_value("SELECT count(*) FROM sign_up") == 0


async def test_nothing_is_taken_twice(world: World, priced: ProjectView, agents: list[Agent]) -> None:
    first = await sealed_bid(world, agents[0], priced, 100_000_00)
    await send_bid(world, agents[0], priced, first)
    again = replace(first, nonce="0" * 32)
    assert await refusal_of(world, agents[0], priced, again) == "bid.replayed"
    await submit_bid(world, agents[0], priced, 90_000_00)
    assert await refusal_of(world, agents[0], priced, first) == "bid.nonce_used"
    other = await sealed_bid(world, agents[1], priced, 90_000_00)
    assert await refusal_of(world, agents[1], priced, replace(other, nonce=first.nonce)) == "bid.nonce_used"


async def test_a_rivals_file_is_taken_in_form_only(world: World, priced: ProjectView, agents: list[Agent]) -> None:
    """Refusing it would tell the copier that it had hit a bid; what is inside names the rival."""
    good = await submit_bid(world, agents[0], priced, 81_000_00)
    assert good.ciphertext is not None
    copied = await send_bid(world, agents[1], priced, SealedBid("f" * 32, good.ciphertext, "browser"))
    assert copied.stands
    noise = seal(world.beacon.chain, good.beacon_round, b"80000.00".ljust(2048))
    garbled = await send_bid(world, agents[2], priced, SealedBid("e" * 32, noise, "browser"))
    last = await submit_bid(world, agents[3], priced, 90_000_00)
    await world.run_past(priced.sign_up_closes_at)
    opened = [await bid_queries.bid_by_id(one.id) for one in (good, copied, garbled, last)]
    assert [(one.quoted, one.fault) for one in opened] == [
        (81_000_00, None), (None, "other_agency"), (None, "unreadable"), (90_000_00, None),
    ]  # fmt: skip
    assert all(one.ciphertext for one in opened)  # the opening shows all of them, also those that do not count
    assert await audit_market() == []


async def test_a_bid_where_none_is_asked_for_and_none_where_one_is(
    world: World, priced: ProjectView, project: ProjectView, agents: list[Agent]
) -> None:
    sealed = await sealed_bid(world, agents[0], project, 100_000_00)
    assert await refusal_of(world, agents[0], project, sealed) == "bid.not_asked"
    with pytest.raises(Refusal) as refused:
        await sign_up(world, agents[0], priced)
    assert refused.value.code == "bid.needed"


async def test_after_an_amendment_the_bid_is_void_and_a_new_one_counts(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    from market.kernel.db import transaction
    from projects.selection.bids.actions import void_bids

    made = await submit_bid(world, agents[0], priced, 100_000_00)
    async with transaction():
        assert await void_bids(priced.id, now=world.now) == 1
    assert (await bid_queries.bid_by_id(made.id)).ended == "amended"
    again = await submit_bid(world, agents[0], priced, 95_000_00)
    assert again.sign_up_id == made.sign_up_id
    assert again.stands


async def test_in_several_rounds_a_reserve_price_is_free(world: World, owner: Viewer, agents: list[Agent]) -> None:
    live = await several_rounds(world, owner)
    await sign_up(world, agents[0], live)
    await submit_bid(world, agents[1], live, 100_000_00)
    assert await kinds_of_sealed() == ["sign_up.sealed", "bid.sealed"]
    await submit_bid(world, agents[0], live, 110_000_00)
    await sign_up_actions.withdraw(live.id, agents[0].id, now=world.now)
    await sign_up(world, agents[0], live)
    await sign_up_actions.withdraw(live.id, agents[0].id, now=world.now)
    assert (await kinds_of_sealed())[2:] == [
        "bid.sealed",
        "bid.withdrawn",
        "sign_up.sealed",
        "sign_up.sealed_withdrawn",
    ]
    said = await fetch("SELECT kind FROM register_entry WHERE subject = $1", live.number)
    assert [row["kind"] for row in said] == ["project.published"]
    assert await audit_market() == []


async def test_a_reserve_price_can_be_taken_back_alone(
    world: World, owner: Viewer, priced: ProjectView, agents: list[Agent]
) -> None:
    live = await several_rounds(world, owner)
    bid = await submit_bid(world, agents[0], live, 100_000_00)
    assert await sign_up_actions.withdraw_reserve(live.id, agents[0].id, now=world.now) == bid.id
    assert await sign_up_actions.withdraw_reserve(live.id, agents[0].id, now=world.now) == bid.id  # sent twice
    gone = await bid_queries.bid_by_id(bid.id)
    assert (gone.ended, gone.ciphertext) == ("withdrawn", None)
    assert await kinds_of_sealed() == ["bid.sealed", "bid.withdrawn"]
    mine = await sign_up_of(live.id, agents[0].id)
    assert mine is not None
    assert mine.withdrawn_at is None
    again = await submit_bid(world, agents[0], live, 95_000_00)
    world.clock.set(live.sign_up_closes_at)
    with pytest.raises(Refusal) as late:
        await sign_up_actions.withdraw_reserve(live.id, agents[0].id, now=world.now)
    assert late.value.code == "sign_up.withdrawal_closed"
    assert (await bid_queries.bid_by_id(again.id)).stands
    with pytest.raises(NotFound):
        await sign_up_actions.withdraw_reserve(live.id, agents[1].id, now=world.now)
    with pytest.raises(Refusal) as needed:
        await sign_up_actions.withdraw_reserve(priced.id, agents[0].id, now=world.now)
    assert needed.value.code == "bid.not_reserve"
    assert await audit_market() == []


async def several_rounds(world: World, owner: Viewer) -> ProjectView:
    from market.demo.projects import closing_time
    from market.web.display import local_input

    starts = closing_time(world, 5).replace(hour=10)
    return await publish_project(
        world, owner, method="multi_round", ceiling="152000", floor="80000", bidding_starts_at=local_input(starts)
    )


async def test_a_withdrawn_notice_leaves_no_text(
    world: World, owner: Viewer, priced: ProjectView, agents: list[Agent]
) -> None:
    made = await submit_bid(world, agents[0], priced, 100_000_00)
    await withdraw_notice(owner, priced.number, reason="项目资金未落实，取消本次采购。", now=world.now)
    assert (await bid_queries.bid_by_id(made.id)).ciphertext is None


TAMPERING = {
    "the file": "UPDATE sealed_bid SET ciphertext = replace(ciphertext, 'A', 'B')",
    "its hash": f"UPDATE sealed_bid SET ciphertext_sha256 = '{'0' * 64}'",
    "its bidder": "UPDATE sealed_bid SET agency_id = (SELECT agency_id FROM sign_up WHERE agency_id <> sealed_bid.agency_id LIMIT 1)",
    "its time": "UPDATE sealed_bid SET received_at = received_at - interval '1 hour'",
    "its end": "UPDATE sealed_bid SET ended = 'withdrawn', ended_at = now(), ciphertext = NULL",
    "its presence": "DELETE FROM sealed_bid",
    "its project": "UPDATE sealed_bid SET project_id = (SELECT id FROM project WHERE id <> sealed_bid.project_id LIMIT 1)",
}


@pytest.mark.parametrize("sql", TAMPERING.values(), ids=TAMPERING.keys())
async def test_the_audit_finds_what_was_done_straight_in_the_database(
    world: World, priced: ProjectView, project: ProjectView, agents: list[Agent], sql: str
) -> None:
    await sign_up(world, agents[1], project)
    await submit_bid(world, agents[0], priced, 100_000_00)
    assert await audit_market() == []
    await execute(sql)
    assert await audit_market() != []
