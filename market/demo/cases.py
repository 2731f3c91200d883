"""Cases against firms, step by step, for tests and for the demonstration; made by the same actions that the pages call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from market.accounts.actions import NewPerson, Roles, add_colleague
from market.accounts.queries import organisation
from market.demo.agencies import EVERY_ROLE, paper
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch
from market.oversight.rules import Scope
from market.register.queries import Entry
from market.web.viewer import Viewer
from ratings.cases import actions
from ratings.cases.actions import NewAppeal, NewCase, Notice, RepairRequest, Ruling, Statement
from ratings.cases.queries import CaseView, case_by_number
from ratings.cases.rules import Appeal, Measure, Sanction, Violation

FACTS = "经调取原件核对，该机构报名时提交的两份业绩合同与备案合同不一致，合同相对方书面确认从未签订。"
LAW = "《中华人民共和国招标投标法》第五十四条；中介超市入驻承诺书第三条"
REASONS = "现有原件、对方书面说明与平台留存文件相互印证，申辩意见不能推翻上述事实，予以认定。"
ONE_YEAR = Sanction(Measure.RESTRICTED, 12)


async def officials(world: World) -> list[Viewer]:
    """Everybody who may sign for the operator or a regulator, in the order in which they came."""
    rows = await fetch(
        "SELECT o.id, o.kind, o.name, o.code, p.id AS person_id, p.name AS person_name FROM organisation o"
        " JOIN membership m ON m.organisation_id = o.id AND m.until IS NULL AND m.handler AND m.signatory"
        " JOIN person p ON p.id = m.person_id WHERE o.kind IN ('operator', 'regulator') ORDER BY o.created_at, m.since, p.login"
    )
    return [await _official(row) for row in rows]


async def _official(row: dict[str, object]) -> Viewer:
    scopes = await fetch("SELECT region_prefix, department FROM regulator_scope WHERE organisation_id = $1", row["id"])
    return Viewer(
        row["person_id"], str(row["person_name"]), row["id"], str(row["kind"]), str(row["name"]), str(row["code"]),  # type: ignore[arg-type]
        EVERY_ROLE, tuple(Scope(**one) for one in scopes),
    )  # fmt: skip


async def colleague_of(world: World, viewer: Viewer, login: str, name: str, password_hash: str | None = None) -> Viewer:
    """Another person of the same authority, with every role of the first."""
    person = NewPerson(login=login, name=name, phone="13900000001", password_hash=password_hash or "!")
    assert viewer.organisation_id is not None
    await add_colleague(viewer.organisation_id, person, Roles(handler=True, signatory=True), now=world.now)
    return Viewer(person.id, person.name, viewer.organisation_id, viewer.organisation_kind, viewer.organisation_name,
                  viewer.organisation_code, viewer.roles, viewer.scopes)  # fmt: skip


async def open_case(
    world: World, firm_id: UUID, recorder: Viewer, *, violation: Violation = Violation.FRAUD, facts: str = FACTS,
    legal_cause: str = LAW, event_id: UUID | None = None, project: str | None = None, proofs: Sequence[Entry] = (),
    days_ago: int = 10,
) -> str:  # fmt: skip
    """Facts with one file of evidence; returns the number of the case."""
    new = NewCase(
        firm=await organisation(firm_id), violation=violation, facts=facts, legal_cause=legal_cause, event_id=event_id,
        occurred_on=beijing_date(world.now - timedelta(days=days_ago)), project_number=project, proofs=tuple(proofs),
        uploads=(paper("调查笔录与比对材料"),),
    )  # fmt: skip
    return await actions.open_case(
        new, viewer=recorder, files=world.running.files, calendar=world.calendar, now=world.now
    )


async def view(world: World, number: str) -> CaseView:
    return await case_by_number(number, world.now)


async def notify(world: World, number: str, official: Viewer, proposed: Sanction = ONE_YEAR) -> None:
    await actions.notify(
        number, Notice(proposed), viewer=official, files=world.running.files, calendar=world.calendar, now=world.now
    )


async def state(
    world: World, number: str, firm: Viewer, text: str = "我公司认为合同差异系补充协议所致，现提交补充协议原件扫描件。",
    *, asks_hearing: bool = False,
) -> None:  # fmt: skip
    statement = Statement(text, (paper("申辩材料"),), asks_hearing)
    await actions.state(number, statement, viewer=firm, files=world.running.files, now=world.now)


async def past_defence(world: World, number: str) -> None:
    found = await view(world, number)
    assert found.defence_due_at is not None
    await world.run_until(max(world.now, found.defence_due_at))


async def decide(
    world: World, number: str, judge: Viewer, sanction: Sanction | None = ONE_YEAR, *, reasons: str = REASONS
) -> None:
    """Against the firm, or without a sanction in its favour."""
    ruling = Ruling("founded" if sanction else "unfounded", reasons, sanction)
    await actions.decide(number, ruling, viewer=judge, calendar=world.calendar, now=world.now)


async def appeal(world: World, number: str, firm: Viewer) -> None:
    new = NewAppeal("补充协议已在主管部门备案，决定未予采信，请求撤销。", (paper("备案回执"),))
    await actions.appeal(number, new, viewer=firm, files=world.running.files, calendar=world.calendar, now=world.now)


async def decide_appeal(
    world: World, number: str, judge: Viewer, outcome: Appeal = Appeal.ANNULLED, sanction: Sanction | None = None
) -> None:
    reasons = (
        "经复核，备案回执真实有效，原决定认定事实的依据不足。"
        if outcome is not Appeal.UPHELD
        else "复核未发现新的事实，原决定事实清楚、程序合法，予以维持。"
    )
    await actions.decide_appeal(
        number, outcome, reasons, sanction, viewer=judge, calendar=world.calendar, now=world.now
    )


async def ask_repair(world: World, number: str, firm: Viewer) -> None:
    request = RepairRequest(
        "已退回多收费用并完成内部整改，整改报告和退款凭证见附件。",
        "承诺今后严格按合同收费，接受监督。",
        (paper("整改报告"),),
    )
    await actions.ask_repair(
        number, request, viewer=firm, files=world.running.files, calendar=world.calendar, now=world.now
    )


async def restrict(world: World, firm_id: UUID, recorder: Viewer, judge: Viewer, years: int = 1) -> CaseView:
    """Onto the restricted list by the whole way: facts, notice, time to defend, decision by another person."""
    number = await open_case(world, firm_id, recorder)
    await notify(world, number, recorder, Sanction(Measure.RESTRICTED, 12 * years))
    await past_defence(world, number)
    await decide(world, number, judge, Sanction(Measure.RESTRICTED, 12 * years))
    return await view(world, number)


@dataclass(frozen=True)
class Steps:
    """A case and those who act in it."""

    world: World
    number: str
    firm: Viewer
    recorder: Viewer
    judge: Viewer
    third: Viewer

    async def notify(self, proposed: Sanction) -> None:
        await notify(self.world, self.number, self.recorder, proposed)

    async def state(self, *, asks_hearing: bool = False) -> None:
        await state(self.world, self.number, self.firm, asks_hearing=asks_hearing)

    async def decide(self, sanction: Sanction | None) -> None:
        await decide(self.world, self.number, self.judge, sanction)

    async def appeal(self) -> None:
        await appeal(self.world, self.number, self.firm)

    async def decide_appeal(self, outcome: Appeal) -> None:
        await decide_appeal(self.world, self.number, self.third, outcome)

    async def ask_repair(self) -> None:
        await ask_repair(self.world, self.number, self.firm)

    async def grant_repair(self) -> None:
        await actions.decide_repair(
            self.number, "granted", "整改材料齐全、退款属实，准予信用修复。", viewer=self.judge, now=self.world.now
        )
