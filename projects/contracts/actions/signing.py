"""Both sides sign; the second signature brings the contract into force."""

from __future__ import annotations

from datetime import datetime

from market.kernel.calendar import Calendar
from market.kernel.db import (
    execute,
    transaction,
)
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.actions import move_project
from projects.contracts import rules
from projects.contracts.actions.rows import lock_as_party, tell_both
from projects.contracts.clauses import signed_milestones
from projects.contracts.filing.actions import open_filing
from projects.contracts.queries import (
    ContractView,
    contract_by_number,
)
from projects.contracts.rules import Side
from projects.rules import Stage


async def sign(number: str, *, viewer: Viewer, terms_sha256: str, calendar: Calendar, now: datetime) -> ContractView:
    """The viewer's side signs the terms whose fingerprint it was shown; the second signature brings the contract into
    force. The same signature sent twice is recorded once. Raises NotFound for strangers, Refusal by the rules."""
    async with transaction():
        await sign_here(number, viewer=viewer, terms_sha256=terms_sha256, calendar=calendar, now=now)
    return await contract_by_number(number)


async def sign_here(
    number: str, *, viewer: Viewer, terms_sha256: str, calendar: Calendar, now: datetime
) -> tuple[ContractView, Side]:
    """The same in the caller's transaction, for acts of which a signature is a part. The contract as it was before."""
    contract, side = await lock_as_party(number, viewer)
    if rules.check_signing(contract.facts, side, now=now):
        _check_terms(contract, terms_sha256)
        await _put_signature(contract, side, viewer, calendar=calendar, now=now)
    return contract, side


def _check_terms(contract: ContractView, shown_sha256: str) -> None:
    """What is signed is what was shown, and what was shown is what was recorded when the contract was opened."""
    if contract.terms.sha256 != contract.terms_sha256 or shown_sha256 != contract.terms_sha256:
        raise Refusal(
            "contract.other_terms",
            N_("The terms that you were shown do not carry the fingerprint of this contract; nothing was signed."),
            todo=N_("Read the contract again; if this happens twice, call the market operator."),
        )


async def _put_signature(
    contract: ContractView, side: Side, viewer: Viewer, *, calendar: Calendar, now: datetime
) -> None:
    after = rules.sign(contract.facts, side, now=now)
    await execute(
        f"UPDATE contract SET {side}_signed_by = $2, {side}_signed_at = $3 WHERE id = $1",
        contract.id,
        viewer.person_id,
        now,
    )
    # A signature is an answer: what was still proposed is over.
    await execute(
        "UPDATE contract_version SET ended = 'overtaken', ended_at = $2 WHERE contract_id = $1 AND kind = 'draft'"
        " AND agreed_at IS NULL AND ended IS NULL",
        contract.id, now,
    )  # fmt: skip
    await record(
        "contract.signed", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={"contract": contract.number, "side": str(side), "terms_sha256": contract.terms_sha256},
        private={"person": viewer.person_name},
    )  # fmt: skip
    if after.in_force_at is not None:
        await _bring_into_force(contract, calendar=calendar, now=now)


async def _bring_into_force(contract: ContractView, *, calendar: Calendar, now: datetime) -> None:
    due_at = await begin_milestones(contract, calendar=calendar, now=now)
    await execute("UPDATE contract SET in_force_at = $2, delivery_due_at = $3 WHERE id = $1", contract.id, now, due_at)
    await open_filing(contract, calendar=calendar, now=now)
    await move_project(contract.project_id, expect=Stage.CONTRACTING, to=Stage.FULFILMENT, due_at=due_at, signed_at=now)
    await record(
        "contract.in_force", subject=contract.project_number, by="market", at=now,
        data={
            "contract": contract.number, "agency": contract.agency_code, "owner": contract.owner_code,
            "price_fen": contract.price_fen, "delivery_due_at": utc_text(due_at),
        },
    )  # fmt: skip
    await tell_both(contract, N_("The contract of {project} is in force."), "contract.in_force", now=now)


async def begin_milestones(contract: ContractView, *, calendar: Calendar, now: datetime) -> datetime:
    """Writes down the milestones that were signed and starts the clock of the first. When it is due."""
    planned = signed_milestones(contract.terms)
    due_at = calendar.add_working_days(now, planned[0].days)
    await execute(
        "INSERT INTO contract_milestone (id, contract_id, no, title, share, price_fen, days)"
        " SELECT m.id, $1, m.no, m.title, m.share, m.price_fen, m.days"
        " FROM unnest($2::uuid[], $3::int[], $4::text[], $5::int[], $6::bigint[], $7::int[])"
        " AS m (id, no, title, share, price_fen, days)",
        contract.id, [new_id() for _ in planned], [one.no for one in planned], [one.title for one in planned],
        [one.share for one in planned], [one.price_fen for one in planned], [one.days for one in planned],
    )  # fmt: skip
    await execute(
        "UPDATE contract_milestone SET started_at = $2, due_at = $3 WHERE contract_id = $1 AND no = 1",
        contract.id, now, due_at,
    )  # fmt: skip
    return due_at
