"""Builders of sealed bids, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from market.beacon.timelock import seal
from market.demo.agencies import Agent
from market.demo.selection import offer_of
from market.demo.world import World
from projects.experts.actions import keep_encrypted
from projects.experts.proposals import Proposal, ProposalSeal, encrypt_proposal
from projects.queries import ProjectView
from projects.selection.bids import actions
from projects.selection.bids.queries import BidView, bid_by_id, standing_bid
from projects.selection.bids.text import Belonging, write
from projects.selection.methods import merit
from projects.selection.methods.terms import Quote
from projects.selection.rounds.queries import open_round
from projects.selection.sign_ups.actions import SealedBid
from projects.selection.sign_ups.actions.wishes import SealedBy


async def belonging_of(project: ProjectView, agent: Agent, nonce: str | None = None) -> Belonging:
    """Where a bid of this agency belongs: the project's round that is open now, with a nonce of its own."""
    current = await open_round(project.id)
    assert current is not None
    assert current.beacon_round is not None
    assert current.beacon_chain is not None
    return Belonging(
        project.number, agent.code, current.beacon_round, current.beacon_chain, nonce or secrets.token_hex(16),
        Quote(project.quote),
    )  # fmt: skip


async def sealed_bid(
    world: World, agent: Agent, project: ProjectView, quoted: int, *, sealed_by: SealedBy = "browser", **changed: Any
) -> SealedBid:
    """A bid sealed as the browser or the server seals it. `quoted`: fen, or basis points of discount; `changed` replaces
    members of where it belongs."""
    given = await belonging_of(project, agent)
    belonging = Belonging(**{**_members(given), **changed})
    file_id, proposal = await _proposal(world, agent, project) if project.method == merit.CODE else (None, None)
    ciphertext = seal(world.beacon.chain, given.round, write(belonging, quoted, proposal))
    return SealedBid(given.nonce, ciphertext, sealed_by, file_id)


async def _proposal(world: World, agent: Agent, project: ProjectView) -> tuple[UUID, ProposalSeal]:
    """Where experts score, a bid comes with an encrypted proposal."""
    assert agent.viewer.person_id is not None
    text = f"{agent.name}：{project.title}技术方案".encode()
    file, proposal = encrypt_proposal(Proposal("技术方案.txt", text))
    kept = await keep_encrypted(world.running.files, file, owner=agent.id, by=agent.viewer.person_id, now=world.now)
    return kept.id, proposal


def _members(belonging: Belonging) -> Mapping[str, Any]:
    return {name: getattr(belonging, name) for name in Belonging.__dataclass_fields__}


async def send_bid(world: World, agent: Agent, project: ProjectView, sealed: SealedBid) -> BidView:
    """Hands a bid in; it replaces the one that stands."""
    assert agent.viewer.person_id is not None
    stands = await standing_bid(project.id, agent.id)
    taken = await actions.submit_bid(
        project.id, agent.id, await offer_of(world, agent, project), sealed, by=agent.viewer.person_id, now=world.now,
        replaces=stands.id if stands and not stands.opened_at and stands.nonce != sealed.nonce else None,
    )  # fmt: skip
    assert taken.bid_id is not None
    return await bid_by_id(taken.bid_id)


async def submit_bid(
    world: World, agent: Agent, project: ProjectView, quoted: int, *, sealed_by: SealedBy = "browser"
) -> BidView:
    """Signs the agency up with a sealed bid, or replaces the one that stands. `quoted`: fen, or basis points."""
    sealed = await sealed_bid(world, agent, project, quoted, sealed_by=sealed_by)
    return await send_bid(world, agent, project, sealed)


async def submit_bids(world: World, quotes: Mapping[Agent, int], project: ProjectView) -> None:
    """One after the other, a minute apart."""
    for agent, quoted in quotes.items():
        await submit_bid(world, agent, project, quoted)
        world.clock.advance(minutes=1)
