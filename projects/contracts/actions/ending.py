"""A contract that does not come into force: refused, lapsed, or annulled with its result."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.db import (
    execute,
    fetch,
    fetch_one,
    require_transaction,
    transaction,
)
from market.kernel.i18n import N_
from market.register.actions import record
from market.web.viewer import Viewer
from projects.actions import move_project
from projects.contracts import rules
from projects.contracts.actions.rows import lock_as_party, lock_contract, lock_due_project, parties_of, tell_both
from projects.contracts.queries import (
    CONTRACT_SQL,
    ContractView,
    contract_by_number,
    contract_view,
)
from projects.contracts.rules import REFUSED, Aftermath, Ending
from projects.rules import Stage
from projects.selection.rounds.actions import redraw


async def refuse(number: str, *, viewer: Viewer, reason: str, now: datetime) -> ContractView:
    """The viewer's side refuses to sign, for a reason that everybody can read. After an agency the draw is repeated
    among the rest; after the owner the project ends. Raises NotFound for strangers, Refusal by the rules."""
    async with transaction():
        contract, side = await lock_as_party(number, viewer)
        rules.check_refusal(contract.facts, side, now=now)
        await _end(contract, REFUSED[side], reason=reason, by=viewer.person_id, now=now)
        await record(
            "contract.refused", subject=contract.project_number, by=viewer.organisation_code, at=now,
            data={**parties_of(contract), "side": str(side), "reason": reason},
        )  # fmt: skip
        await tell_both(contract, N_("The contract of {project} was refused."), "contract.refused", now=now)
        await _go_on(contract, rules.after_refusal(side), cause="winner_refused", reason=reason, now=now)
    return await contract_by_number(number)


async def lapse(project_id: UUID, contract_id: UUID, *, now: datetime) -> bool:
    """Ends a contract whose time to sign is over. False when it was signed or ended in the meantime, or is being so."""
    async with transaction():
        if not await lock_due_project(project_id, Stage.CONTRACTING):
            return False
        contract = await lock_contract(contract_id)
        if not rules.is_lapsed(contract.facts, now=now):
            return False
        sides = rules.missing(contract.facts)
        await _end(contract, Ending.LAPSED, reason="", by=None, now=now)
        await record(
            "contract.lapsed", subject=contract.project_number, by="market", at=now,
            data={**parties_of(contract), "missing": [str(side) for side in sides]},
        )  # fmt: skip
        await tell_both(contract, N_("The time to sign the contract of {project} is over."), "contract.lapsed", now=now)
        await _go_on(contract, rules.after_lapse(sides), cause="signing_lapsed", reason=_LAPSED, now=now)
    return True


async def annul(project_id: UUID, *, reason: str, now: datetime) -> ContractView | None:
    """Ends the contract that waits for signatures, in the transaction of the decision that takes its result away.
    None when there is none. One that is in force is nobody's to annul here."""
    require_transaction()
    row = await fetch_one(
        f"{CONTRACT_SQL} WHERE c.project_id = $1 AND c.ended IS NULL AND c.in_force_at IS NULL FOR NO KEY UPDATE OF c",
        project_id,
    )
    if row is None:
        return None
    contract = contract_view(row)
    await _end(contract, Ending.ANNULLED, reason=reason, by=None, now=now)
    await record(
        "contract.annulled", subject=contract.project_number, by="market", at=now,
        data={**parties_of(contract), "reason": reason},
    )  # fmt: skip
    await tell_both(contract, N_("The contract of {project} was annulled before it was in force."), "contract.annulled",
                     now=now)  # fmt: skip
    return contract


_LAPSED = N_("The owner did not sign the contract in time.")


async def _go_on(contract: ContractView, aftermath: Aftermath, *, cause: str, reason: str, now: datetime) -> None:
    """What becomes of a project whose contract was not signed."""
    if aftermath is Aftermath.TERMINATE:
        await move_project(
            contract.project_id, expect=Stage.CONTRACTING, to=Stage.TERMINATED, due_at=None, terminated_at=now,
            failure_reason=reason,
        )  # fmt: skip
        await record(
            "project.terminated", subject=contract.project_number, by="market", at=now,
            data={**parties_of(contract), "reason": reason},
        )  # fmt: skip
        return
    await redraw(contract.project_id, cause=cause, exclude=await _unwilling(contract.project_id), now=now)


async def _unwilling(project_id: UUID) -> set[UUID]:
    """Agencies that won this project and did not sign: none of them is drawn again."""
    rows = await fetch(
        "SELECT agency_id FROM contract WHERE project_id = $1"
        " AND (ended = 'agency_refused' OR (ended = 'lapsed' AND agency_signed_at IS NULL))",
        project_id,
    )
    return {row["agency_id"] for row in rows}


async def _end(contract: ContractView, ending: Ending, *, reason: str, by: UUID | None, now: datetime) -> None:
    await execute(
        "UPDATE contract SET ended = $2, ended_at = $3, end_reason = $4, ended_by = $5 WHERE id = $1",
        contract.id, str(ending), now, reason, by,
    )  # fmt: skip
