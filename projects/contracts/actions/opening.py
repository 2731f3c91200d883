"""A result becomes final, and its contract is opened with terms filled from it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agencies.actions import hold_standing
from market.accounts.actions import tell
from market.accounts.queries import OrganisationView, organisation
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import (
    execute,
    fetch_one,
    fetch_value,
    to_json,
    transaction,
)
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from projects.actions import lock_project, move_project
from projects.contracts import rules
from projects.contracts.actions.barring import let_fall
from projects.contracts.actions.rows import lock_due_project
from projects.contracts.clauses import composed, only_milestone
from projects.contracts.drafts.rules import with_prices
from projects.contracts.queries import (
    OPEN_HOLDS,
    OPEN_OBJECTIONS,
)
from projects.contracts.terms import Acceptance, Award, Party, Payment, Terms
from projects.queries import ProjectView, bars_on_winner, stated_milestones
from projects.rules import Stage
from projects.selection.dossiers import verification


async def open_contract(project_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """Makes the result final and opens its contract, if the notice is over and nothing holds it back; where the agency
    may not take on work any more the result falls instead. False when somebody else was quicker, an objection or a
    complaint came in between, or an act about the agency is being written this moment."""
    async with transaction():
        if not await lock_due_project(project_id, Stage.RESULT_NOTICE):
            return False
        project = await lock_project(project_id)
        ends_at = project.result_notice_ends_at
        if ends_at is None or now < ends_at or await _is_held(project_id):
            return False
        assert project.winner_id is not None
        if not await hold_standing(project.winner_id):
            return False
        if bars := await bars_on_winner(project, now):
            await let_fall(project, bars, now=now)
            return True
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


async def _is_held(project_id: UUID) -> bool:
    found: bool = await fetch_value(
        f"SELECT EXISTS ({OPEN_OBJECTIONS} AND o.project_id = $1) OR EXISTS ({OPEN_HOLDS} AND h.project_id = $1)",
        project_id,
    )
    return found
