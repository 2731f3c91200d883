"""Builders of experts and of their marks, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.agencies import EVERY_ROLE, id_number, operator_of
from market.demo.world import World
from market.kernel.db import fetch
from market.web.viewer import Viewer
from projects.experts import actions
from projects.experts.actions import Application, Declared
from projects.experts.queries.panels import MEMBER_SQL, MemberView, PanelView, marks_of_member, panels_of_project
from projects.experts.queries.pool import ExpertView, find_own
from projects.experts.rules import Mark, Stage
from projects.queries import ProjectView, criteria_of

Marking = Callable[[int, str, int], tuple[int, str]]


@dataclass(frozen=True)
class NewExpert:
    """What an expert says of himself or herself; everything has a believable default."""

    name: str
    login: str
    organisation_code: str
    region_code: str = "370212"
    specialities: tuple[str, ...] = ("C",)
    profession: str = "注册测绘师"
    title: str = "高级工程师"
    employer_name: str = "青岛理工大学"
    employer_code: str | None = None
    id_number: str = ""
    phone: str = "13800000066"
    bank_name: str = "青岛银行"
    account: str = "6222020000000000066"
    conflicts: tuple[Declared, ...] = ()
    password_hash: str = field(default="!", repr=False)


@dataclass(frozen=True)
class ExpertPerson:
    viewer: Viewer
    code: str

    @property
    def organisation_id(self) -> UUID:
        assert self.viewer.organisation_id is not None
        return self.viewer.organisation_id


def some_expert(number: int, **changes: object) -> NewExpert:
    """A surveying expert; a different one for each number."""
    values: dict[str, object] = {
        "name": f"评审{number}", "login": f"expert-{number}", "organisation_code": f"P{number:016d}",
        "id_number": id_number(number % 1000, born=f"19{60 + number % 40}0617", region="370202"),
    }  # fmt: skip
    return NewExpert(**{**values, **changes})  # type: ignore[arg-type]


async def open_expert(world: World, new: NewExpert) -> Viewer:
    """An account of kind expert with its one person."""
    organisation = NewOrganisation(
        kind="expert", code=new.organisation_code, name=new.name, legal_representative=new.name,
        region_code=new.region_code, address="", phone=new.phone,
    )  # fmt: skip
    person = NewPerson(login=new.login, name=new.name, phone=new.phone, password_hash=new.password_hash)
    await register_organisation(organisation, person, now=world.now)
    return Viewer(person.id, person.name, organisation.id, "expert", new.name, new.organisation_code, EVERY_ROLE)


async def apply_expert(world: World, new: NewExpert, viewer: Viewer | None = None) -> ExpertPerson:
    """Signed up (unless `viewer` is given), filled in and handed in for review."""
    acting = viewer or await open_expert(world, new)
    assert acting.organisation_id is not None
    await actions.open_application(acting.organisation_id)
    application = Application(
        new.specialities, new.profession, new.title, new.employer_name, new.employer_code, new.id_number, new.phone,
        new.bank_name, new.account,
    )  # fmt: skip
    await actions.save_application(
        acting.organisation_id, application, new.conflicts, key=world.settings.secret_key, now=world.now
    )
    await actions.submit(acting.organisation_id, rulebook=world.rulebook, calendar=world.calendar, now=world.now)
    return ExpertPerson(acting, (await _expert(acting)).code)


async def _expert(viewer: Viewer) -> ExpertView:
    assert viewer.organisation_id is not None
    found = await find_own(viewer.organisation_id)
    assert found is not None
    return found


async def admit_expert(world: World, new: NewExpert, viewer: Viewer | None = None) -> ExpertPerson:
    """In the pool: applied, reviewed by the operator, admitted."""
    person = await apply_expert(world, new, viewer)
    version = (await _expert(person.viewer)).version
    await actions.review(
        person.code, Stage.ADMITTED, "", version=version, acting=await operator_of(world), now=world.now
    )
    return person


async def admit_experts(world: World, news: Iterable[NewExpert]) -> list[ExpertPerson]:
    return [await admit_expert(world, new) for new in news]


async def newest_panel(project: ProjectView) -> PanelView:
    return (await panels_of_project(project.id))[0]


async def seats(project: ProjectView) -> list[MemberView]:
    """Those who are asked and have neither signed nor ended, by place."""
    panel = await newest_panel(project)
    rows = await fetch(f"{MEMBER_SQL} WHERE m.panel_id = $1 AND m.due_at IS NOT NULL ORDER BY m.place", panel.id)
    return [MemberView(**row) for row in rows]


def fair_marks(place: int, agency: str, criterion: int) -> tuple[int, str]:
    """Believable marks within the band, different for each agency, and a little for each expert."""
    spread = sum(map(ord, agency)) * 7 + criterion * 11
    return 70 + spread % 17 + place % 3, ""


async def fill_in(world: World, member: MemberView, project: ProjectView, marking: Marking = fair_marks) -> None:
    """Accepts, if that is still to do, and marks every offer on every criterion."""
    if member.accepted_at is None:
        await actions.accept(member.id, member.organisation_id, now=world.now)
    panel, count = await newest_panel(project), len(await criteria_of(project.id))
    marks = [
        Mark(offer.agency, no, *marking(member.place, offer.agency, no))
        for offer in panel.offers
        for no in range(1, count + 1)
    ]
    await actions.save_marks(member.id, member.organisation_id, marks, now=world.now)


async def sign(world: World, member: MemberView, now: datetime | None = None) -> None:
    """Signs the sheet as it is."""
    seen = actions.fingerprint(await marks_of_member(member.id))
    await actions.sign(member.id, member.organisation_id, seen=seen, now=now or world.now)


async def score(world: World, project: ProjectView, marking: Marking = fair_marks) -> None:
    """Every expert who is asked accepts, marks and signs; what follows happens with the world's next `settle`."""
    for member in await seats(project):
        await fill_in(world, member, project, marking)
        await sign(world, member)
