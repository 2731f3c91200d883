"""The end of a selection by decision of the regulator: its result does not hold, and no further one follows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.db import require_transaction
from market.register.actions import record
from projects.actions import lock_project, move_project
from projects.rules import TAKEN_BACK, Stage
from projects.selection.rounds.actions.openings import erase_unopened
from projects.selection.rounds.actions.pools import annul, price_taken_back
from projects.selection.rounds.queries import open_round, standing_round
from projects.selection.rounds.rules import ANNULLED, Annulment


async def annul_selection(project_id: UUID, *, now: datetime) -> None:
    """Annuls the result, or the selection that is under way, and fails the project, in the transaction of the decision
    on a complaint. Its owner may post the job again."""
    require_transaction()
    project = await lock_project(project_id)
    current = await open_round(project_id) or await standing_round(project_id)
    if current is not None:
        await annul(current, Annulment.COMPLAINT_UPHELD, now=now)
    await erase_unopened(project_id, now=now)
    await record(
        "project.failed", subject=project.number, by="market", at=now, data={"reason": str(Annulment.COMPLAINT_UPHELD)}
    )
    await move_project(
        project_id, expect=project.stage, to=Stage.FAILED, due_at=None, failed_at=now, failure_reason=ANNULLED,
        **dict.fromkeys(TAKEN_BACK[Stage.DRAWING]), **price_taken_back(project),
    )  # fmt: skip
