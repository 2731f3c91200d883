"""A change of the contract of an award: what it would say, and the acts of both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from market.web.viewer import Viewer
from projects.contracts.changes import actions, queries
from projects.contracts.changes.actions import NewChange, NewMilestone
from projects.contracts.changes.queries import ChangeView
from projects.contracts.changes.terms import Content
from projects.contracts.queries import ContractView
from tests.contracts.award import Award

REASON = "用地范围调整，新增一处测区，需补充外业测量。"


async def stands(award: Award) -> tuple[ContractView, Content]:
    contract = await award.contract()
    return contract, queries.content_in_force(contract, await queries.changes_of(contract.id))


async def change(award: Award, **other: Any) -> NewChange:
    """More of the same service for 5 % more, unless told otherwise."""
    contract, now = await stands(award)
    more = contract.price_fen // 20
    first = now.milestones[0]
    new = NewChange(
        (NewMilestone(first.title, first.price_fen, first.days), NewMilestone("补充测区成果", more, 5)),
        now.content + "\n另增补充测区一处，按同一标准测量。", now.scale, now.other_requirements, now.special, REASON,
    )  # fmt: skip
    return replace(new, **other)


async def propose(award: Award, by: Viewer, new: NewChange | None = None) -> ChangeView:
    contract, world = await award.contract(), award.world
    return await actions.propose(
        contract.number, new or await change(award), viewer=by, calendar=world.calendar, now=world.now
    )


async def sign(award: Award, made: ChangeView, by: Viewer) -> ChangeView:
    contract, world = await award.contract(), award.world
    return await actions.sign(
        contract.number, made.no, terms_sha256=made.terms_sha256, viewer=by, calendar=world.calendar, now=world.now
    )
