"""Builders of owners and published projects, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.world import World
from market.kernel.calendar import BEIJING, ONE_DAY, beijing_date
from market.kernel.files import check_upload, keep
from market.kernel.ids import new_id
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.posting import actions
from projects.posting.queries import access_draft
from projects.queries import ProjectView, project_by_number

CLOSING_HOUR, BIDDING_HOUR = time(17, 0), time(10, 0)
USUAL_WINDOW, SCORED_WINDOW = 4, 6
# A small, complete notice: a survey of class C that any admitted surveyor of grade B can take.
SURVEY: dict[str, Any] = {
    "title": "市北区老旧小区改造工程测量", "service_items": ["C001"], "service_mode": "all", "bundle_code": "",
    "region_code": "370203", "scale": "12 个小区，占地约 36 公顷", "service_days": "15", "service_time_note": "",
    "content": "对改造范围内的建筑、道路、地下管线进行 1:500 地形测量，提交测量成果报告及数字线划图。",
    "investment_code": "2606-370203-04-01-123456", "investment_name": "市北区 2026 年老旧小区改造",
    "approval_matter": "建设工程规划许可", "approval_number": "", "funding": "all", "fiscal_percent": "",
    "estimate": "yes", "budget": "180000", "price": "152000", "price_note": "含成果打印与现场配合费用",
    "need:surveying-mapping:engineering": "=b", "requirement_mode": "all", "practitioners_needed": "0",
    "practitioner_profession": "", "other_requirements": "", "contact_name": "王敏", "contact_phone": "0532-85911234",
    "complaint_phone": "0532-85911200", "remarks": "", "avoided_code": [], "avoided_reason": [], "not_excluded": "on",
}  # fmt: skip

BIDS = {"ceiling": "152000", "floor": "76000"}
# What each method asks for beyond the survey, under its code. Who is chosen is said by the caller: `invited_code`.
OF_METHOD: dict[str, dict[str, Any]] = {
    "draw": {},
    "lowest_price": BIDS,
    "best_price": BIDS,
    "average_price": BIDS,
    "price_then_draw": BIDS,
    "multi_round": BIDS,
    "merit": {
        **BIDS, "price_weight": "30", "credit_weight": "10",
        "criterion_name": ["技术方案", "项目组织", "类似业绩"], "criterion_weight": ["30", "20", "10"],
        "criterion_description": ["测量方法、精度控制和成果形式是否满足需求", "人员、设备和进度安排是否可行", "近三年同类测量项目的完成情况"],
    },
    "direct": {"budget": "96000", "price": "88000", "access_reason": "该机构承担了前期控制测量，继续承担可沿用已有控制点成果。"},
    "outside_tender": {"tender_number": "QDGGZY-2026-0617", "tender_platform": "青岛市公共资源交易平台"},
}  # fmt: skip
INVITATION = "该区域涉密管线资料仅向已签保密协议的机构提供。"
RESULT_NOTICE = b"%PDF-1.4\n% result notice of the tender\n%%EOF\n"


async def open_owner(
    world: World, *, name: str, code: str, kind: str = "public_body", region: str = "370203",
    legal_representative: str = "李建国", login: str | None = None, parent_code: str | None = None,
) -> Viewer:  # fmt: skip
    """An owner with one person who holds all roles; returns that person as a viewer."""
    organisation = NewOrganisation(
        kind=kind, code=code, name=name, legal_representative=legal_representative, region_code=region,
        address="青岛市市北区敦化路 1 号", phone="0532-85911234", complaint_phone="0532-85911200", parent_code=parent_code,
    )  # fmt: skip
    person = NewPerson(
        login=login or f"u-{code.lower()}", name="王敏", phone="13800000001", password_hash="!", id=new_id()
    )
    await register_organisation(organisation, person, now=world.now)
    return Viewer(
        person_id=person.id, person_name=person.name, organisation_id=organisation.id, organisation_kind=kind,
        organisation_name=name, organisation_code=code, roles=frozenset({"admin", "handler", "signatory"}),
    )  # fmt: skip


def closing_time(world: World, working_days: int) -> datetime:
    """17:00 Beijing on the given working day after today."""
    return _at(world, working_days, CLOSING_HOUR)


def bidding_time(world: World, working_days: int) -> datetime:
    """10:00 Beijing on the given working day after today."""
    return _at(world, working_days, BIDDING_HOUR)


def _at(world: World, working_days: int, hour: time) -> datetime:
    ends = world.calendar.add_working_days(world.now, working_days)  # the midnight after that day
    return datetime.combine(beijing_date(ends - ONE_DAY), hour, tzinfo=BEIJING)


def notice_values(world: World, *, working_days: int | None = None, **changed: Any) -> dict[str, Any]:
    """The form of the survey above with some answers changed, and with what the method (`method`, a draw unless said
    otherwise) asks for; sign-up closes on the given working day, live bidding starts the morning after it. Agencies
    named in `invited_code` are invited, for a usual reason unless `access_reason` names another."""
    method = changed.get("method", "draw")
    days = working_days or (SCORED_WINDOW if method == "merit" else USUAL_WINDOW)
    values = {**SURVEY, **OF_METHOD.get(method, {}), "sign_up_closes_at": local_input(closing_time(world, days))}
    if method == "multi_round":
        values["bidding_starts_at"] = local_input(_at(world, days + 1, BIDDING_HOUR))
    if changed.get("invited_code") and method not in ("direct", "outside_tender"):
        values |= {"access": "invited", "access_reason": INVITATION}
    return {**values, **changed}


async def publish_values(world: World, owner: Viewer, values: dict[str, Any]) -> ProjectView:
    """Publishes a notice as the owner's signatory: draft, check, publication."""
    draft_id = await actions.start_draft(owner, values, now=world.now)
    draft = await access_draft(owner, draft_id)
    number = await actions.publish(
        owner, draft_id, seen=actions.fingerprint(draft), calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    return await project_by_number(number)


async def publish_project(
    world: World, owner: Viewer, *, working_days: int | None = None, **changed: Any
) -> ProjectView:
    """Publishes the survey notice with some answers changed: `method="best_price"`, `invited_code=[…]`, … (see
    `notice_values`). The result of an outside tender brings its notice along as a file."""
    values = notice_values(world, working_days=working_days, **changed)
    if values.get("method") == "outside_tender" and "files" not in values:
        values["files"] = [await attached_file(world, owner, "中标结果公告.pdf", RESULT_NOTICE)]
    return await publish_values(world, owner, values)


async def attached_file(world: World, owner: Viewer, name: str, content: bytes) -> dict[str, str]:
    """A stored file as a draft lists it."""
    assert owner.organisation_id is not None
    assert owner.person_id is not None
    upload = check_upload(name, content, limit=world.settings.upload_limit_bytes)
    file = await keep(world.running.files, upload, owner=owner.organisation_id, by=owner.person_id, now=world.now)
    return {"id": str(file.id), "label": name}
