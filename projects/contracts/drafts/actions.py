"""Before anybody signs, the owner may propose milestones, language and special terms; the agency agrees or declines.

What was agreed becomes the terms that both sign. Price, time and scope are not theirs to change.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from market.accounts.actions import tell
from market.catalogue import queries as catalogue_queries
from market.kernel.db import execute, fetch_value, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from projects.contracts import rules
from projects.contracts.actions import lock_as_party
from projects.contracts.clauses import composed
from projects.contracts.drafts.queries import VersionView, versions_of
from projects.contracts.drafts.rules import Plan, check_plan, with_prices
from projects.contracts.queries import ContractView, contract_by_number, rulebook_of
from projects.contracts.rules import Side
from projects.contracts.terms import FORMAT, Terms
from projects.queries import stated_milestones


async def propose(number: str, plan: Plan, *, viewer: Viewer, now: datetime) -> ContractView:
    """The owner's proposal; one that waited before is withdrawn by it. Raises NotFound for strangers and for the agency,
    Refusal once somebody has signed and where the plan departs from the result."""
    async with transaction():
        contract, side = await lock_as_party(number, viewer)
        if side is not Side.OWNER:
            raise NotFound
        rules.check_draft(contract.facts, now=now)
        book = await rulebook_of(contract)
        check_plan(
            plan, price_fen=contract.price_fen, service_days=contract.terms.service_days, number=book.integer,
            stated=await stated_milestones(contract.project_id),
        )  # fmt: skip
        terms = await planned_terms(contract.terms, plan)
        if terms.sha256 == contract.terms_sha256:
            raise Refusal(
                "contract.nothing_new", N_("The proposal says what the contract says already."),
                todo=N_("Change something, or sign the contract as it is."),
            )  # fmt: skip
        await _insert(contract, terms, viewer, now=now)
    return await contract_by_number(number)


async def planned_terms(terms: Terms, plan: Plan) -> Terms:
    """The terms with this plan, worded anew."""
    catalogue = await catalogue_queries.catalogue(terms.catalogue)
    changed = replace(
        terms,
        format=FORMAT,
        milestones=with_prices(plan.milestones, terms.price_fen),
        language=plan.language,
        special=plan.special,
    )
    return composed(changed, [catalogue.item(code).name for code in terms.service_items])


async def _insert(contract: ContractView, terms: Terms, viewer: Viewer, *, now: datetime) -> None:
    await execute(
        "UPDATE contract_version SET ended = 'withdrawn', ended_at = $2 WHERE contract_id = $1 AND kind = 'draft'"
        " AND agreed_at IS NULL AND ended IS NULL",
        contract.id, now,
    )  # fmt: skip
    no: int = await fetch_value("SELECT max(no) + 1 FROM contract_version WHERE contract_id = $1", contract.id)
    await execute(
        "INSERT INTO contract_version (id, contract_id, no, kind, terms, terms_sha256, proposed_side, proposed_by,"
        " proposed_at) VALUES ($1,$2,$3,'draft',$4::jsonb,$5,'owner',$6,$7)",
        new_id(), contract.id, no, to_json(terms.to_json()), terms.sha256, viewer.person_id, now,
    )  # fmt: skip
    await record(
        "contract.draft_proposed", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={"contract": contract.number, "no": no, "terms_sha256": terms.sha256},
        private={"person": viewer.person_name},
    )  # fmt: skip
    await tell(
        contract.agency_id, N_("{owner} proposes milestones and terms for the contract of {project}: agree or decline."),
        link=f"{contract.url}/draft", cause=f"contract.draft_proposed:{contract.number}:{no}",
        facts={"owner": contract.owner_name, "project": contract.title}, now=now,
    )  # fmt: skip


async def answer(number: str, *, no: int, agrees: bool, reason: str, viewer: Viewer, now: datetime) -> ContractView:
    """The agency's answer to proposal `no`; agreed, it becomes the terms to sign. Raises NotFound, Refusal."""
    async with transaction():
        contract, side = await lock_as_party(number, viewer)
        if side is not Side.AGENCY:
            raise NotFound
        rules.check_draft(contract.facts, now=now)
        waiting = next((one for one in await versions_of(contract.id) if one.waits), None)
        if waiting is None or waiting.no != no:
            raise Refusal(
                "contract.no_draft", N_("This proposal no longer waits for an answer."),
                todo=N_("Open the contract to see how it stands."),
            )  # fmt: skip
        await (_agree if agrees else _decline)(contract, waiting, viewer, reason, now)
    return await contract_by_number(number)


async def _agree(contract: ContractView, version: VersionView, viewer: Viewer, reason: str, now: datetime) -> None:
    await execute(
        "UPDATE contract_version SET agreed_by = $2, agreed_at = $3 WHERE id = $1", version.id, viewer.person_id, now
    )
    await execute(
        "UPDATE contract SET terms = $2::jsonb, terms_sha256 = $3 WHERE id = $1",
        contract.id, to_json(version.terms.to_json()), version.terms_sha256,
    )  # fmt: skip
    await record(
        "contract.draft_agreed", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={"contract": contract.number, "no": version.no, "terms_sha256": version.terms_sha256},
        private={"person": viewer.person_name},
    )  # fmt: skip
    await _tell_owner(
        contract, version, N_("{agency} agreed to your proposal for the contract of {project}; it can be signed."), now
    )


async def _decline(contract: ContractView, version: VersionView, viewer: Viewer, reason: str, now: datetime) -> None:
    await execute(
        "UPDATE contract_version SET ended = 'declined', ended_at = $2, end_reason = $3 WHERE id = $1",
        version.id, now, reason,
    )  # fmt: skip
    await record(
        "contract.draft_declined", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={"contract": contract.number, "no": version.no, "reason": reason},
        private={"person": viewer.person_name},
    )  # fmt: skip
    await _tell_owner(contract, version, N_("{agency} declined your proposal for the contract of {project}."), now)


async def _tell_owner(contract: ContractView, version: VersionView, text: str, now: datetime) -> None:
    await tell(
        contract.owner_id, text, link=f"{contract.url}/draft", cause=f"contract.draft_answered:{contract.number}:{version.no}",
        facts={"agency": contract.agency_name, "project": contract.title}, now=now,
    )  # fmt: skip
