"""What waits for the operator and for an agency, on their work benches."""

from __future__ import annotations

from datetime import datetime

from agencies.queries.application import find_agency
from agencies.queries.directory import market_region
from agencies.queries.reviews import expiring, returned_changes, review_queue
from agencies.rules import Stage
from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import beijing_date, end_of_day
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer


@waiting("agencies.review")
async def to_review(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Applications and changes for the operator."""
    if not viewer.is_operator:
        return []
    texts = {
        "application": N_("Review the application of {agency} for entry"),
        "changes": N_("Review what {agency} wants changed"),
    }
    return [
        Waiting(
            Message(texts[line.kind], {"agency": line.name}), f"/operator/entries/{line.code}", line.since, line.due_at,
            number=line.code, who=line.name,
        )
        for line in await review_queue()
    ]  # fmt: skip


@waiting("agencies.own")
async def to_correct(viewer: Viewer, now: datetime) -> list[Waiting]:
    """The agency's own application, returned changes, and certificates that run out."""
    agency = await find_agency(viewer.organisation_id) if viewer.is_agency and viewer.organisation_id else None
    if agency is None:
        return []
    if agency.stage is Stage.DRAFT:
        return [Waiting(Message(N_("Complete your application for entry and hand it in")), "/agency/entry", now, None)]
    if agency.stage is Stage.RETURNED and agency.returned_at:
        text = Message(N_("Correct your application for entry and hand it in again"))
        return [Waiting(text, "/agency/entry", agency.returned_at, agency.due_at)]
    if agency.stage is not Stage.ADMITTED:
        return []
    return [*await _returned(viewer, now), *await _expiring(viewer, now)]


async def _returned(viewer: Viewer, now: datetime) -> list[Waiting]:
    assert viewer.organisation_id is not None
    count = await returned_changes(viewer.organisation_id)
    if not count:
        return []
    text = Message(N_("Correct or withdraw {count} returned changes"), {"count": count})
    return [Waiting(text, "/agency/changes", now, None)]


async def _expiring(viewer: Viewer, now: datetime) -> list[Waiting]:
    assert viewer.organisation_id is not None
    rulebook, today = await rulebook_in_force(await market_region(), now), beijing_date(now)
    within = max(rulebook.integers("certificate.warn_days"))
    return [
        Waiting(
            Message(N_("Renew certificate {number}, which ends on {until}"),
                    {"number": one.certificate_number, "until": one.valid_until}),
            "/agency/changes", now, end_of_day(one.valid_until),
        )
        for one in await expiring(viewer.organisation_id, today=today, within=within)
    ]  # fmt: skip
