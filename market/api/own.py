"""What a token's organisation may read of its own."""

from __future__ import annotations

from typing import Any

from market.api.answers import (
    BidAnswer,
    CellMistake,
    ContractAnswer,
    DraftAnswer,
    EligibilityAnswer,
    MeAnswer,
    PaymentAnswer,
    ProjectAnswer,
    SignUpAnswer,
    TableAnswer,
    TableRow,
    bid_answer,
    contract_answer,
    draft_answer,
    me_answer,
    payment_answer,
    project_answer,
    sign_up_answer,
)
from market.api.bulk import queries as bulk
from market.api.bulk.routes import told
from market.api.reads import Asked, reading
from market.api.shapes import CheckLine
from market.kernel.db import fetch
from market.kernel.errors import NotFound
from market.kernel.i18n import N_, speaking
from market.payments import queries as payments
from market.web.pages import locale_of
from projects.contracts.queries import access_full_text
from projects.page.views import eligibility_items
from projects.posting import queries as posting
from projects.posting.actions import fingerprint
from projects.queries import PROJECT_SQL, project_by_number, project_view
from projects.selection.bids.queries import bids_of
from projects.selection.sign_ups.queries import sign_ups_of
from projects.selection.sign_ups.showing import sign_up_facts

OWN = N_("Your organisation")


@reading("/me", N_("Whose token this is"), OWN, MeAnswer, own=True)
async def read_me(asked: Asked) -> Any:
    return me_answer(asked.viewer)


@reading("/drafts", N_("Your drafts"), OWN, DraftAnswer, own=True, listed=True)
async def list_drafts(asked: Asked) -> Any:
    return {"items": [draft_answer(one, fingerprint(one)) for one in await posting.drafts_of(asked.organisation)]}


@reading("/own/projects", N_("Projects that you posted, the newest first"), OWN, ProjectAnswer, own=True, listed=True)
async def list_own_projects(asked: Asked) -> Any:
    rows = await fetch(
        f"{PROJECT_SQL} WHERE p.owner_id = $1 ORDER BY p.published_at DESC, p.id DESC LIMIT 500", asked.organisation
    )
    return {"items": [project_answer(project_view(row), asked.url) for row in rows]}


@reading(
    "/own/sign-ups", N_("Projects that you signed up for, the newest first"), OWN, SignUpAnswer, own=True, listed=True
)
async def list_sign_ups(asked: Asked) -> Any:
    lines, _ = await sign_ups_of(asked.organisation, size=500)
    return {"items": [sign_up_answer(one) for one in lines]}


@reading(
    "/projects/{number:str}/eligibility",
    N_("May your agency take part, rule by rule"),
    OWN,
    EligibilityAnswer,
    own=True,
)
async def read_eligibility(asked: Asked) -> Any:
    project = await project_by_number(asked.places["number"])
    facts = await sign_up_facts(project, asked.viewer, asked.now)
    with speaking(locale_of(asked.request)):
        items = eligibility_items(facts.assessment.lines, project)
    return EligibilityAnswer(facts.assessment.eligible, [CheckLine(**item) for item in items])


@reading("/projects/{number:str}/bids", N_("Your sealed bids for a project"), OWN, BidAnswer, own=True, listed=True)
async def list_bids(asked: Asked) -> Any:
    if not asked.viewer.is_agency:
        raise NotFound
    project = await project_by_number(asked.places["number"])
    return {"items": [bid_answer(one) for one in await bids_of(project.id, asked.organisation)]}


@reading("/contracts/{number:str}", N_("One of your contracts"), OWN, ContractAnswer, own=True)
async def read_contract(asked: Asked) -> Any:
    return contract_answer(await access_full_text(asked.viewer, asked.places["number"]), asked.url)


@reading("/payments", N_("What you owe and are owed"), OWN, PaymentAnswer, own=True, listed=True)
async def list_payments(asked: Asked) -> Any:
    return {"items": [payment_answer(one, asked.url) for one in await payments.statement(asked.organisation)]}


@reading("/payments/{reference:str}", N_("One payment"), OWN, PaymentAnswer, own=True)
async def read_payment(asked: Asked) -> Any:
    return payment_answer(await payments.access_payable(asked.viewer, asked.places["reference"]), asked.url)


@reading("/bulk/{run_id:uuid}", N_("A table that you sent, row by row"), OWN, TableAnswer, own=True)
async def read_table(asked: Asked) -> Any:
    run = await bulk.access_run(asked.viewer, asked.places["run_id"])
    lines = [told(asked.request, run, row) for row in await bulk.rows_of(run.id)]
    rows = [TableRow(**{**one, "mistakes": [CellMistake(**bad) for bad in one["mistakes"]]}) for one in lines]
    return TableAnswer(str(run.id), run.kind, run.name, run.state, run.rows, run.bad, run.done, run.refused, rows)
