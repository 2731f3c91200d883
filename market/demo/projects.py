"""Builders of owners and published projects, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.world import World
from market.kernel.calendar import BEIJING, ONE_DAY, beijing_date
from market.kernel.ids import new_id
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.posting import actions
from projects.posting.queries import access_draft
from projects.queries import ProjectView, project_by_number

CLOSING_HOUR = time(17, 0)
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
    ends = world.calendar.add_working_days(world.now, working_days)  # the midnight after that day
    return datetime.combine(beijing_date(ends - ONE_DAY), CLOSING_HOUR, tzinfo=BEIJING)


def notice_values(world: World, *, working_days: int = 4, **changed: Any) -> dict[str, Any]:
    """The form of the survey above with some answers changed; sign-up closes on the given working day."""
    return {**SURVEY, "sign_up_closes_at": local_input(closing_time(world, working_days)), **changed}


async def publish_values(world: World, owner: Viewer, values: dict[str, Any]) -> ProjectView:
    """Publishes a notice as the owner's signatory: draft, check, publication."""
    draft_id = await actions.start_draft(owner, values, now=world.now)
    draft = await access_draft(owner, draft_id)
    number = await actions.publish(
        owner, draft_id, seen=actions.fingerprint(draft), calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    return await project_by_number(number)


async def publish_project(world: World, owner: Viewer, *, working_days: int = 4, **changed: Any) -> ProjectView:
    """Publishes the survey notice with some answers changed."""
    return await publish_values(world, owner, notice_values(world, working_days=working_days, **changed))
