"""Contracts and deliveries of tests and of the demonstration, made by the same actions that the pages call."""

from __future__ import annotations

from agencies.queries import practitioners
from market.demo.agencies import paper
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.web.viewer import Viewer
from projects.contracts import actions as contracts
from projects.contracts.filing.actions import NewFiling, record_filing
from projects.contracts.filing.queries import filing_of
from projects.contracts.queries import ContractView, contracts_of
from projects.fulfilment import actions as fulfilment
from projects.fulfilment.actions import NewDelivery
from projects.fulfilment.queries import DeliveryView, Fulfilment, Reason

STATEMENT = "按合同约定提交全部成果，成果已经两级检查，质量合格。"
SOME_REASON = Reason("成果报告第三章", "控制点成果表与附图编号不一致，请核对后重新提交。")


async def current_contract(project_number: str) -> ContractView:
    """The latest contract of a project whose result is final."""
    return (await contracts_of(project_number))[0]


async def sign_contract(world: World, contract: ContractView, viewer: Viewer) -> ContractView:
    """The viewer's organisation signs what the contract's page shows."""
    return await contracts.sign(
        contract.number, viewer=viewer, terms_sha256=contract.terms_sha256, calendar=world.calendar, now=world.now
    )


async def sign_both(world: World, project_number: str, owner: Viewer, agency: Viewer) -> ContractView:
    """The agency signs, then the owner: the contract is in force."""
    contract = await current_contract(project_number)
    await sign_contract(world, contract, agency)
    return await sign_contract(world, contract, owner)


async def file_contract(world: World, contract: ContractView, owner: Viewer) -> None:
    """A public body files its contract with the finance bureau, today; for others nothing is to be filed."""
    filing = await filing_of(contract.id)
    if filing is not None and filing.recorded_at is None:
        new = NewFiling(
            "青岛市财政局", f"青财采备〔{world.now.year}〕{contract.project_number[-4:]}号", beijing_date(world.now)
        )
        await record_filing(contract.number, new, viewer=owner, now=world.now)


async def refuse_contract(
    world: World, contract: ContractView, viewer: Viewer, reason: str = "项目人员已另有安排，无法按期完成服务。"
) -> ContractView:
    return await contracts.refuse(contract.number, viewer=viewer, reason=reason, now=world.now)


async def deliver_results(
    world: World, project_number: str, agency: Viewer, *names: str, statement: str = STATEMENT
) -> DeliveryView:
    """Hands over small PDFs of these names; the agency's first practitioner answers for them."""
    assert agency.organisation_id is not None
    people = await practitioners(agency.organisation_id)
    uploads = tuple(paper(name) for name in names or ("测量成果报告",))
    return await fulfilment.deliver(
        project_number, NewDelivery(statement, people[0].id if people else None, uploads), viewer=agency,
        files=world.running.files, calendar=world.calendar, now=world.now,
    )  # fmt: skip


async def accept_delivery(world: World, project_number: str, owner: Viewer) -> Fulfilment:
    return await fulfilment.accept(project_number, viewer=owner, calendar=world.calendar, now=world.now)


async def return_results(world: World, project_number: str, owner: Viewer, *reasons: Reason) -> Fulfilment:
    return await fulfilment.return_delivery(
        project_number, reasons or (SOME_REASON,), viewer=owner, calendar=world.calendar, now=world.now
    )
