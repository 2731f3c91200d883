"""What approval authorities say about delivered reports, in tests and in the demonstration."""

from __future__ import annotations

from datetime import date

from market.demo.agencies import paper
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.web.viewer import Viewer
from projects.fulfilment.queries import Reason
from projects.verdicts import actions
from projects.verdicts.actions import NewVerdict
from projects.verdicts.queries import VerdictView
from projects.verdicts.rules import Outcome

SOME_REASON = Reason("报告第四章", "评价范围与批准的用地红线不一致，请补充调查后修改。")


def some_verdict(
    outcome: Outcome, document_number: str, decided_on: date, *, authority: str = "青岛市行政审批服务局", letter: bool = False
) -> NewVerdict:  # fmt: skip
    reasons = (SOME_REASON,) if outcome is Outcome.RETURNED else ()
    return NewVerdict(outcome, authority, document_number, decided_on, reasons, paper("批复") if letter else None)


async def record_verdict(
    world: World, project_number: str, regulator: Viewer, outcome: Outcome, document_number: str, *, milestone: int = 1,
    letter: bool = False,
) -> VerdictView:  # fmt: skip
    """The authority decided today."""
    new = some_verdict(outcome, document_number, beijing_date(world.now), letter=letter)
    return await actions.record_verdict(
        project_number, milestone, new, viewer=regulator, files=world.running.files, now=world.now
    )


async def correct_verdict(
    world: World, project_number: str, wrong: VerdictView, regulator: Viewer, outcome: Outcome, reason: str
) -> VerdictView:
    """The same day and document, with another outcome."""
    new = some_verdict(outcome, wrong.document_number, wrong.decided_on, authority=wrong.authority)
    return await actions.correct_verdict(
        project_number, wrong.no, new, reason, viewer=regulator, files=world.running.files, now=world.now
    )
