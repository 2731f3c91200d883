"""Builders of complaints to the regulator, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

from uuid import UUID

from market.demo.agencies import paper
from market.demo.world import World
from market.web.viewer import Viewer
from projects.complaints import actions
from projects.complaints.actions import NewComplaint
from projects.complaints.queries import ComplaintView, complaint_by_id
from projects.complaints.rules import Decision, Remedy, Ruling

GROUNDS = "答复未核实中选机构执业人员在其他机构注册的情况，认定事实不清，请依法重新核查并纠正选取结果。"
REQUEST = "请求撤销选取结果并重新组织选取。"
CORRECTION = "补充提交执业人员注册信息查询截图及社会保险缴费证明，说明与本项目报名条件的关系。"
RETURNED = "投诉书未附证明材料，请补充提交能够证明所述事实的材料。"
REFUSED = "投诉事项不属于选取结果争议，且未提供有效线索，不符合受理条件。"
EXTENDED = "需要向注册主管部门函询执业人员信息，等待复函。"
REASONS = "经调取注册信息并听取各方意见，投诉所述事实已逐项核实，据此作出本处理决定。"
LEGAL_CAUSE = "《中华人民共和国招标投标法实施条例》第六十一条、第八十一条"
RULE = "objection.answer_days"


async def complain(
    world: World, objection_id: UUID, viewer: Viewer, *files: str, grounds: str = GROUNDS, request: str = REQUEST
) -> ComplaintView:
    """With small PDFs of these names as evidence."""
    complaint = NewComplaint(grounds, request, tuple(paper(name) for name in files))
    complaint_id = await actions.file_complaint(
        objection_id, complaint, viewer=viewer, files=world.running.files, calendar=world.calendar, now=world.now
    )
    return await complaint_by_id(complaint_id)


async def withdraw(world: World, complaint: ComplaintView, viewer: Viewer) -> ComplaintView:
    await actions.withdraw(complaint.id, viewer=viewer, calendar=world.calendar, now=world.now)
    return await complaint_by_id(complaint.id)


async def accept(world: World, complaint: ComplaintView, regulator: Viewer) -> ComplaintView:
    await actions.accept(complaint.id, viewer=regulator, calendar=world.calendar, now=world.now)
    return await complaint_by_id(complaint.id)


async def give_back(world: World, complaint: ComplaintView, regulator: Viewer, reason: str = RETURNED) -> ComplaintView:
    await actions.give_back(complaint.id, reason, viewer=regulator, calendar=world.calendar, now=world.now)
    return await complaint_by_id(complaint.id)


async def correct(world: World, complaint: ComplaintView, viewer: Viewer, *files: str) -> ComplaintView:
    await actions.correct(
        complaint.id, CORRECTION, tuple(paper(name) for name in files), viewer=viewer, files=world.running.files,
        calendar=world.calendar, now=world.now,
    )  # fmt: skip
    return await complaint_by_id(complaint.id)


async def refuse(world: World, complaint: ComplaintView, regulator: Viewer, reason: str = REFUSED) -> ComplaintView:
    await actions.refuse(complaint.id, reason, viewer=regulator, calendar=world.calendar, now=world.now)
    return await complaint_by_id(complaint.id)


async def extend(world: World, complaint: ComplaintView, regulator: Viewer, reason: str = EXTENDED) -> ComplaintView:
    await actions.extend(complaint.id, reason, viewer=regulator, calendar=world.calendar, now=world.now)
    return await complaint_by_id(complaint.id)


async def dismiss(world: World, complaint: ComplaintView, regulator: Viewer) -> ComplaintView:
    return await _decide(world, complaint, regulator, Ruling(Decision.DISMISSED, LEGAL_CAUSE, RULE, REASONS))


async def uphold(
    world: World, complaint: ComplaintView, regulator: Viewer, remedy: Remedy, *, leave_out_winner: bool = False
) -> ComplaintView:
    ruling = Ruling(Decision.UPHELD, LEGAL_CAUSE, RULE, REASONS, remedy, leave_out_winner)
    return await _decide(world, complaint, regulator, ruling)


async def _decide(world: World, complaint: ComplaintView, regulator: Viewer, ruling: Ruling) -> ComplaintView:
    await actions.decide(complaint.id, ruling, viewer=regulator, calendar=world.calendar, now=world.now)
    return await complaint_by_id(complaint.id)
