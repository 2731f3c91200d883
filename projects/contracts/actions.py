"""Contracts come into being from final results, are signed by both sides, refused, or lapse."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.accounts.queries import OrganisationView, organisation
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import (
    execute,
    fetch,
    fetch_one,
    fetch_value,
    require_transaction,
    to_json,
    transaction,
)
from market.kernel.errors import Message, NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.money import BASIS_POINTS
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.actions import lock_project, move_project
from projects.contracts import rules
from projects.contracts.clauses import composed, words
from projects.contracts.drafts.rules import with_prices
from projects.contracts.filing.actions import open_filing
from projects.contracts.queries import (
    CONTRACT_SQL,
    OPEN_HOLDS,
    OPEN_OBJECTIONS,
    ContractView,
    contract_by_number,
    contract_view,
)
from projects.contracts.rules import REFUSED, Aftermath, Ending, Side
from projects.contracts.terms import Acceptance, Award, Milestone, Party, Payment, Terms
from projects.queries import ProjectView, stated_milestones
from projects.rules import Stage
from projects.selection.actions import redraw
from projects.selection.dossiers import verification


async def open_contract(project_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """Makes the result final and opens its contract, if the notice is over and nothing holds it back.
    False when somebody else was quicker, or an objection or a complaint came in between."""
    async with transaction():
        if not await _lock_due_project(project_id, Stage.RESULT_NOTICE):
            return False
        project = await lock_project(project_id)
        ends_at = project.result_notice_ends_at
        if ends_at is None or now < ends_at or await _is_held(project_id):
            return False
        book = await catalogue_queries.rulebook(project.rulebook_version)
        terms = await _terms(project, book, sign_due_at=deadline(book, "contract.sign_days", now, calendar), now=now)
        await _conclude_result(project, terms, now=now)
    return True


async def _conclude_result(project: ProjectView, terms: Terms, *, now: datetime) -> None:
    sign_due_at = datetime.fromisoformat(terms.sign_due_at)
    await record("result.final", subject=project.number, by="market", data={"winner": terms.agency.code}, at=now)
    await move_project(
        project.id, expect=Stage.RESULT_NOTICE, to=Stage.CONTRACTING, due_at=sign_due_at, result_final_at=now
    )
    await _insert_contract(project, terms, now=now, sign_due_at=sign_due_at)
    await record(
        "contract.opened", subject=project.number, by="market", at=now,
        data={
            "contract": terms.contract, "agency": terms.agency.code, "price_fen": terms.price_fen,
            "sign_due_at": terms.sign_due_at, "terms_sha256": terms.sha256,
        },
    )  # fmt: skip
    for organisation_id in (project.owner_id, project.winner_id):
        assert organisation_id is not None
        await tell(
            organisation_id, N_("The contract of {project} waits for your signature."), link=f"/contracts/{terms.contract}",
            cause=f"contract.opened:{terms.contract}", facts={"project": project.title}, now=now,
        )  # fmt: skip


async def _insert_contract(project: ProjectView, terms: Terms, *, now: datetime, sign_due_at: datetime) -> None:
    await execute(
        "INSERT INTO contract (id, project_id, round_id, number, owner_id, agency_id, price_fen, terms, terms_sha256,"
        " created_at, sign_due_at) SELECT $1, $2, r.id, $3, $4, $5, $6, $7::jsonb, $8, $9, $10 FROM selection_round r"
        " WHERE r.project_id = $2 AND r.no = $11",
        new_id(), project.id, terms.contract, project.owner_id, project.winner_id, terms.price_fen,
        to_json(terms.to_json()), terms.sha256, now, sign_due_at, terms.award.round_no,
    )  # fmt: skip
    await execute(
        "INSERT INTO contract_version (id, contract_id, no, kind, terms, terms_sha256, proposed_at)"
        " SELECT $1, id, 0, 'result', terms, terms_sha256, created_at FROM contract WHERE number = $2",
        new_id(), terms.contract,
    )  # fmt: skip


async def _terms(project: ProjectView, book: Rulebook, *, sign_due_at: datetime, now: datetime) -> Terms:
    """Filled from the result; nothing in them may differ from what was announced (rule contract.price_deviation_max)."""
    if project.winner_id is None or project.price_fen is None:
        raise ValueError(f"{project.number} has a result without a winner or a price")
    award = await _award(project.id, now=now)
    catalogue = await catalogue_queries.catalogue(project.catalogue_version)
    items = [catalogue.item(code) for code in project.service_items]
    owner = await organisation(project.owner_id)
    terms = Terms(
        contract=rules.contract_number(project.number, award.round_no),
        project=project.number,
        title=project.title,
        owner=_party(owner),
        agency=_party(await organisation(project.winner_id)),
        service_items=project.service_items,
        content=project.content,
        scale=project.scale,
        other_requirements=project.other_requirements,
        practitioners_needed=project.practitioners_needed,
        price_fen=project.price_fen,
        service_days=project.service_days,
        acceptance=Acceptance(
            silence_days=book.working_days("acceptance.silence_days"),
            reminder_days=book.integers("acceptance.reminder_days"),
            returns_max=book.integer("acceptance.returns_max"),
            correction_days=book.working_days("acceptance.correction_days"),
        ),
        award=award,
        sign_due_at=utc_text(sign_due_at),
        rulebook=project.rulebook_version,
        catalogue=project.catalogue_version,
        service_classes=tuple(sorted({item.service_class for item in items})),
        milestones=with_prices(await stated_milestones(project.id), project.price_fen)
        or (only_milestone(project.price_fen, project.service_days),),
        payment=Payment(_payment_days(owner.kind, book), book.share("payment.interest_per_day")),
        supplement_max=book.share("contract.supplement_share_max"),
    )
    return composed(terms, [item.name for item in items])


_ALL_RESULTS = N_("All results of the service")


def _payment_days(owner_kind: str, book: Rulebook) -> int:
    """Calendar days in which this kind of owner pays."""
    return book.calendar_days(
        "payment.public_buyer_days" if owner_kind == "public_body" else "payment.large_buyer_days"
    )


def _party(view: OrganisationView) -> Party:
    return Party(view.code, view.name, view.legal_representative, view.address)


async def _award(project_id: UUID, *, now: datetime) -> Award:
    row = await fetch_one(
        "SELECT no, pool_sha256, dossier FROM selection_round WHERE project_id = $1 AND drawn_at IS NOT NULL"
        " AND annulled_at IS NULL AND superseded_at IS NULL ORDER BY no DESC LIMIT 1",
        project_id,
    )
    if row is None:
        raise ValueError(f"project {project_id} has a winner without a draw")
    return Award(row["no"], row["pool_sha256"], verification.read(row["dossier"]).digest, utc_text(now))


async def _lock_due_project(project_id: UUID, stage: Stage) -> bool:
    """Takes the project for a sweep; another worker's, or one that somebody is acting on right now, is left alone."""
    row = await fetch_one(
        "SELECT id FROM project WHERE id = $1 AND stage = $2 FOR NO KEY UPDATE SKIP LOCKED", project_id, str(stage)
    )
    return row is not None


async def _is_held(project_id: UUID) -> bool:
    found: bool = await fetch_value(
        f"SELECT EXISTS ({OPEN_OBJECTIONS} AND o.project_id = $1) OR EXISTS ({OPEN_HOLDS} AND h.project_id = $1)",
        project_id,
    )
    return found


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
    await _tell_both(contract, N_("The contract of {project} is in force."), "contract.in_force", now=now)


async def begin_milestones(contract: ContractView, *, calendar: Calendar, now: datetime) -> datetime:
    """Writes down the milestones that were signed and starts the clock of the first. When it is due."""
    planned = milestones_of(contract.terms)
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


def milestones_of(terms: Terms) -> tuple[Milestone, ...]:
    """What was signed; terms from before there were milestones stand for one."""
    return terms.milestones or (only_milestone(terms.price_fen, terms.service_days),)


def only_milestone(price_fen: int, days: int) -> Milestone:
    return Milestone(1, words(Message(_ALL_RESULTS)).zh, BASIS_POINTS, price_fen, days)


async def refuse(number: str, *, viewer: Viewer, reason: str, now: datetime) -> ContractView:
    """The viewer's side refuses to sign, for a reason that everybody can read. After an agency the draw is repeated
    among the rest; after the owner the project ends. Raises NotFound for strangers, Refusal by the rules."""
    async with transaction():
        contract, side = await lock_as_party(number, viewer)
        rules.check_refusal(contract.facts, side, now=now)
        await _end(contract, REFUSED[side], reason=reason, by=viewer.person_id, now=now)
        await record(
            "contract.refused", subject=contract.project_number, by=viewer.organisation_code, at=now,
            data={**_parties(contract), "side": str(side), "reason": reason},
        )  # fmt: skip
        await _tell_both(contract, N_("The contract of {project} was refused."), "contract.refused", now=now)
        await _go_on(contract, rules.after_refusal(side), cause="winner_refused", reason=reason, now=now)
    return await contract_by_number(number)


async def lapse(project_id: UUID, contract_id: UUID, *, now: datetime) -> bool:
    """Ends a contract whose time to sign is over. False when it was signed or ended in the meantime, or is being so."""
    async with transaction():
        if not await _lock_due_project(project_id, Stage.CONTRACTING):
            return False
        contract = await _lock(contract_id)
        if not rules.is_lapsed(contract.facts, now=now):
            return False
        sides = rules.missing(contract.facts)
        await _end(contract, Ending.LAPSED, reason="", by=None, now=now)
        await record(
            "contract.lapsed", subject=contract.project_number, by="market", at=now,
            data={**_parties(contract), "missing": [str(side) for side in sides]},
        )  # fmt: skip
        await _tell_both(
            contract, N_("The time to sign the contract of {project} is over."), "contract.lapsed", now=now
        )
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
        data={**_parties(contract), "reason": reason},
    )  # fmt: skip
    await _tell_both(contract, N_("The contract of {project} was annulled before it was in force."), "contract.annulled",
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
            data={**_parties(contract), "reason": reason},
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


def _parties(contract: ContractView) -> dict[str, Any]:
    return {"contract": contract.number, "agency": contract.agency_code, "owner": contract.owner_code}


async def _tell_both(contract: ContractView, text: str, cause: str, *, now: datetime) -> None:
    for side in Side:
        await tell(
            contract.organisation_of(side), text, link=contract.url, cause=f"{cause}:{contract.number}",
            facts={"project": contract.title}, now=now,
        )  # fmt: skip


async def lock_as_party(number: str, viewer: Viewer) -> tuple[ContractView, Side]:
    """Project first, contract second: the same order everywhere."""
    contract = await contract_by_number(number)
    side = contract.side_of(viewer.organisation_id)
    if side is None:
        raise NotFound
    await lock_project(contract.project_id)
    return await _lock(contract.id), side


async def _lock(contract_id: UUID) -> ContractView:
    require_transaction()
    row = await fetch_one(f"{CONTRACT_SQL} WHERE c.id = $1 FOR NO KEY UPDATE OF c", contract_id)
    if row is None:
        raise NotFound
    return contract_view(row)
