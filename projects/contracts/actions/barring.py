"""The agency that was selected may not take on work when its result would become final: the result falls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from market.register.actions import record
from projects.eligibility import Line
from projects.queries import ProjectView
from projects.selection.rounds.actions import redraw
from projects.selection.rounds.queries import standing_round
from projects.selection.rounds.rules import Cause
from projects.selection.rounds.wording import reason_text


async def let_fall(project: ProjectView, bars: Sequence[Line], *, now: datetime) -> None:
    """In the caller's transaction, on the locked project: a further selection among the rest follows, or the end where
    nobody is left. It costs the agency no credit: what bars it has had its own consequence."""
    fallen = await standing_round(project.id)
    assert fallen is not None
    assert project.winner_id is not None
    await record("result.annulled", subject=project.number, by="market", at=now, data={
        "round_no": fallen.no, "winner": project.winner_code, "winner_name": project.winner_name,
        "rules": [line.rule for line in bars],
        "reason": reason_text(line.message for line in bars),
    })  # fmt: skip
    await redraw(project.id, cause=Cause.WINNER_BARRED, exclude={project.winner_id}, now=now)
