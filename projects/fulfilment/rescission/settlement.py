"""The statement at the end of a contract that ended early: what was accepted, paid, is still owed, goes back.

Written down in the transaction of the end, from what the market knows then; both sides confirm its fingerprint. Whoever
does not confirm it has not lost anything: it is a record, and the money follows the acts.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

import rfc8785

from market.accounts.actions import tell
from market.kernel.db import execute, require_transaction, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.payments.queries import PayableView, payables_about
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.contracts.actions import lock_as_party
from projects.contracts.queries import ContractView, MilestoneView
from projects.contracts.rules import Side
from projects.fulfilment.queries import Fulfilment
from projects.fulfilment.rescission.queries import settlement_of
from projects.payments.milestones import reference_of

FORMAT: Final = "settlement/1"
SUMS: Final = ("accepted_fen", "paid_fen", "settlement_fen", "owed_fen", "refund_fen")


async def state_settlement(fulfilment: Fulfilment, *, cause: str, settlement_fen: int, now: datetime) -> None:
    """In the transaction in which the contract ends."""
    require_transaction()
    contract = fulfilment.contract
    statement = await _statement(fulfilment, cause=cause, settlement_fen=settlement_fen, now=now)
    sha256 = hashlib.sha256(rfc8785.dumps(statement)).hexdigest()
    await execute(
        "INSERT INTO contract_settlement (contract_id, statement, sha256, made_at) VALUES ($1, $2::jsonb, $3, $4)",
        contract.id, to_json(statement), sha256, now,
    )  # fmt: skip
    await record(
        "settlement.stated", subject=contract.project_number, by="market", at=now,
        data={"contract": contract.number, "sha256": sha256, **{name: statement[name] for name in SUMS}},
    )  # fmt: skip
    for side in Side:
        await tell(
            contract.organisation_of(side), N_("The settlement of {project} is drawn up: check and confirm it."),
            link=f"{contract.project_url}/settlement", cause=f"settlement.stated:{contract.number}",
            facts={"project": contract.title}, now=now,
        )  # fmt: skip


async def _statement(fulfilment: Fulfilment, *, cause: str, settlement_fen: int, now: datetime) -> dict[str, Any]:
    contract = fulfilment.contract
    owed = {one.reference: one for one in await payables_about(contract.project_number)}
    rows = [_row(one, owed.get(reference_of(contract.number, one.no))) for one in fulfilment.milestones]
    accepted = [row for row in rows if row["accepted"]]
    due = sum(row["price_fen"] - row["paid_fen"] - row["held_fen"] for row in accepted)
    return {
        "format": FORMAT, "contract": contract.number, "project": contract.project_number, "title": contract.title,
        "owner": contract.owner_name, "agency": contract.agency_name, "cause": cause, "ended_at": utc_text(now),
        "milestones": rows, "accepted_fen": sum(row["price_fen"] for row in accepted),
        "paid_fen": sum(row["paid_fen"] + row["held_fen"] for row in accepted), "settlement_fen": settlement_fen,
        "owed_fen": due + settlement_fen, "refund_fen": sum(row["held_fen"] for row in rows if not row["accepted"]),
    }  # fmt: skip


def _row(milestone: MilestoneView, payable: PayableView | None) -> dict[str, Any]:
    """`paid_fen`: the agency has it; `held_fen`: Alipay keeps it."""
    paid = 0 if payable is None else payable.amount_fen if payable.transfer_confirmed else payable.settled_fen
    return {
        "no": milestone.no, "title": milestone.title, "price_fen": milestone.price_fen,
        "accepted": milestone.accepted_at is not None, "paid_fen": paid, "held_fen": payable.held.fen if payable else 0,
    }  # fmt: skip


async def confirm(contract_number: str, *, sha256: str, viewer: Viewer, now: datetime) -> None:
    """This side agrees with the statement it was shown; sent twice it is recorded once. Raises NotFound, Refusal."""
    async with transaction():
        contract, side = await lock_as_party(contract_number, viewer)
        settlement = await settlement_of(contract.id)
        if settlement is None:
            raise NotFound
        if settlement.confirmed_at(side) is not None:
            return
        if sha256 != settlement.sha256:
            raise Refusal(
                "settlement.other", N_("The statement that you were shown is not this one; nothing was confirmed."),
                todo=N_("Read it again; if this happens twice, call the market operator."),
            )  # fmt: skip
        await _confirm(contract, side, sha256, viewer, now=now)


async def _confirm(contract: ContractView, side: Side, sha256: str, viewer: Viewer, *, now: datetime) -> None:
    await execute(
        f"UPDATE contract_settlement SET {side}_confirmed_by = $2, {side}_confirmed_at = $3 WHERE contract_id = $1",
        contract.id, viewer.person_id, now,
    )  # fmt: skip
    await record(
        "settlement.confirmed", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={"contract": contract.number, "side": str(side), "sha256": sha256}, private={"person": viewer.person_name},
    )  # fmt: skip
