"""Two acts on one contract at the same instant, each on its own connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from market.demo.contracts import refuse_contract, sign_contract
from market.kernel.errors import Refusal
from market.web.viewer import Viewer
from projects.contracts import actions
from projects.contracts.queries import ContractView
from projects.contracts.rules import State
from projects.rules import Stage
from tests.contracts.award import Award, acts_of


async def at_once(*acts: Awaitable[Any]) -> list[Any]:
    """Their results; a lawful refusal is a result too, everything else fails the test."""
    results = await asyncio.gather(*acts, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Refusal):
            raise result
    return results


async def test_both_sides_sign_at_once_and_the_contract_comes_into_force_once(award: Award) -> None:
    contract = await award.run_past_notice()
    pressed = [award.owner, award.winner] * 4
    await at_once(*(sign_contract(award.world, contract, viewer) for viewer in pressed))
    assert (await award.contract()).state is State.IN_FORCE
    assert (await award.project()).stage is Stage.FULFILMENT
    assert await acts_of(award.number, "contract.signed") == 2
    assert await acts_of(award.number, "contract.in_force") == 1


async def _sign_late_and_lapse(award: Award, contract: ContractView, signer: Viewer) -> list[Any]:
    """The signature reached the server just in time, the sweep runs at the deadline, both meet in the database."""
    last_moment = contract.sign_due_at - timedelta(seconds=1)
    signing = actions.sign(
        contract.number,
        viewer=signer,
        terms_sha256=contract.terms_sha256,
        calendar=award.world.calendar,
        now=last_moment,
    )
    lapsing = [actions.lapse(contract.project_id, contract.id, now=contract.sign_due_at) for _ in range(3)]
    return await at_once(signing, *lapsing)


async def test_the_last_signature_and_the_lapse_meet_and_exactly_one_of_them_counts(award: Award) -> None:
    contract = await award.run_past_notice()
    await sign_contract(award.world, contract, award.winner)
    results = await _sign_late_and_lapse(award, contract, award.owner)
    after, in_force = await award.contract(), await acts_of(award.number, "contract.in_force")
    lapsed = await acts_of(award.number, "contract.lapsed")
    assert (after.state, in_force, lapsed) in {(State.IN_FORCE, 1, 0), (State.ENDED, 0, 1)}
    assert sum(result is True for result in results[1:]) == lapsed
    stage = (await award.project()).stage
    assert stage is (Stage.FULFILMENT if in_force else Stage.TERMINATED)


async def test_several_workers_open_one_contract(award: Award) -> None:
    project = await award.project()
    now = project.result_notice_ends_at
    assert now is not None
    opened = await at_once(
        *(actions.open_contract(project.id, calendar=award.world.calendar, now=now) for _ in range(5))
    )
    assert opened.count(True) == 1
    assert await acts_of(award.number, "contract.opened") == 1
    assert await acts_of(award.number, "result.final") == 1


async def test_several_workers_let_one_contract_lapse_once(award: Award) -> None:
    contract = await award.run_past_notice()
    lapsed = await at_once(
        *(actions.lapse(contract.project_id, contract.id, now=contract.sign_due_at) for _ in range(5))
    )
    assert lapsed.count(True) == 1
    assert await acts_of(award.number, "contract.lapsed") == 1
    assert await acts_of(award.number, "draw.committed") == 1


async def test_one_side_signs_while_the_other_refuses(award: Award) -> None:
    contract = await award.run_past_notice()
    await at_once(
        sign_contract(award.world, contract, award.owner), refuse_contract(award.world, contract, award.winner)
    )
    assert (await award.contract()).state is State.ENDED
    assert (await award.project()).stage is Stage.DRAWING
    assert await acts_of(award.number, "contract.refused") == 1
    assert await acts_of(award.number, "contract.in_force") == 0


async def test_a_refusal_sent_twice_is_recorded_once(award: Award) -> None:
    contract = await award.run_past_notice()
    results = await at_once(*(refuse_contract(award.world, contract, award.winner) for _ in range(3)))
    assert sum(isinstance(result, Refusal) for result in results) == 2
    assert await acts_of(award.number, "contract.refused") == 1
    assert await acts_of(award.number, "draw.committed") == 1
