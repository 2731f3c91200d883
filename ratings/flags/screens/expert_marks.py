"""An expert whose marks lie far from the others', or who is drawn too often. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    TIMES,
    WHOLE,
    Expert,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    percent,
    within,
)


def _find(history: History, numbers: Numbers) -> list[Lead]:
    found = (check(expert, history, numbers) for expert in history.experts for check in (_far, _often))
    return [lead for lead in found if lead is not None]


def _far(expert: Expert, history: History, numbers: Numbers) -> Lead | None:
    least, most = numbers["screen.expert_marks_min"], numbers["screen.expert_far_share"]
    if expert.marks < max(least, 1) or (share := expert.far * WHOLE // expert.marks) < most:
        return None
    text = Message(
        N_("Of the {count} marks of expert {expert}, {share} lie far from the panel's median."),
        {"count": expert.marks, "expert": expert.code, "share": percent(share)},
    )
    figures = (
        Figure(N_("Marks given"), str(expert.marks), f"≥ {least}", unit=TIMES),
        Figure(N_("Share of marks far from the median"), percent(share), f"≥ {percent(most)}"),
    )
    return Lead(f"{expert.code}:far:{history.period}", text, within(share), (expert.organisation_code,), expert.projects,
                expert.evidence, figures)  # fmt: skip


def _often(expert: Expert, history: History, numbers: Numbers) -> Lead | None:
    most = numbers["expert.draws_max"]
    if expert.draws <= most:
        return None
    text = Message(
        N_("Expert {expert} was drawn {count} times within {days} days."),
        {"expert": expert.code, "count": expert.draws, "days": numbers["expert.draws_window"]},
    )
    figures = (Figure(N_("Draws within the period"), str(expert.draws), f"≤ {most}", unit=TIMES),)
    return Lead(f"{expert.code}:draws:{history.period}", text, within(4_000 + 1_000 * (expert.draws - most)),
                (expert.organisation_code,), expert.projects, expert.evidence, figures)  # fmt: skip


SCREEN = Screen(
    code="expert_marks", version=1, title=N_("Expert far from the panel, or drawn too often"), reads=Reads.MARKET,
    basis=N_("Practice of expert-drawing systems: frequency of draws, distance of marks beyond twice the standard deviation"),
    reckoning=N_("Each mark is measured against the panel's median on that cell, in standard deviations of the panel; counted is the share beyond the rulebook's distance. Draws are counted in every window of the rulebook's length."),
    inputs=N_("Published marks and panels of the period"), acts=("marks.published",),
    since=date(2026, 11, 22),
    rules=("screen.expert_marks_min", "screen.expert_far_share", "expert.draws_max", "expert.draws_window"), find=_find,
)  # fmt: skip
