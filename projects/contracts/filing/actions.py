"""Filing (备案): a public body files its contract with the authority within the days of the rulebook, and says so here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from market.accounts.queries import organisation
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import execute, require_transaction, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.register.actions import record
from market.web.viewer import Viewer
from projects.actions import lock_project
from projects.contracts.filing.queries import Filing, filing_of
from projects.contracts.queries import ContractView, contract_by_number, rulebook_of
from projects.contracts.rules import Side


@dataclass(frozen=True)
class NewFiling:
    authority: str
    reference: str
    filed_on: date


async def open_filing(contract: ContractView, *, calendar: Calendar, now: datetime) -> None:
    """In the transaction that brings the contract into force."""
    require_transaction()
    if (await organisation(contract.owner_id)).kind != "public_body":
        return
    due_at = deadline(await rulebook_of(contract), "contract.filing_days", now, calendar)
    await execute("INSERT INTO contract_filing (contract_id, due_at) VALUES ($1, $2)", contract.id, due_at)


async def record_filing(number: str, new: NewFiling, *, viewer: Viewer, now: datetime) -> None:
    """The owner states where and under which number it filed. Raises NotFound for others, Refusal where nothing is to
    be filed, it was filed already, or the day cannot be right."""
    async with transaction():
        contract = await contract_by_number(number)
        if contract.side_of(viewer.organisation_id) is not Side.OWNER:
            raise NotFound
        await lock_project(contract.project_id)
        _check(contract, await filing_of(contract.id), new, now=now)
        await execute(
            "UPDATE contract_filing SET authority = $2, reference = $3, filed_on = $4, recorded_by = $5, recorded_at = $6"
            " WHERE contract_id = $1",
            contract.id, new.authority, new.reference, new.filed_on, viewer.person_id, now,
        )  # fmt: skip
        await record(
            "contract.filed", subject=contract.project_number, by=viewer.organisation_code, at=now,
            data={
                "contract": contract.number, "authority": new.authority, "reference": new.reference,
                "filed_on": new.filed_on.isoformat(),
            },
            private={"person": viewer.person_name},
        )  # fmt: skip


def _check(contract: ContractView, filing: Filing | None, new: NewFiling, *, now: datetime) -> None:
    if filing is None or contract.in_force_at is None:
        raise Refusal(
            "contract.no_filing", N_("This contract does not have to be filed."), rule="contract.filing_days",
            todo=N_("Open the contract to see how it stands."),
        )  # fmt: skip
    if filing.recorded_at is not None:
        raise Refusal(
            "contract.filed", N_("The filing was recorded at {at}."), todo=N_("Open the contract to see it."),
            at=filing.recorded_at,
        )  # fmt: skip
    if not beijing_date(contract.in_force_at) <= new.filed_on <= beijing_date(now):
        raise Refusal(
            "contract.filed_when", N_("The day of filing lies between the contract's coming into force and today."),
            todo=N_("Correct the day."),
        )  # fmt: skip
