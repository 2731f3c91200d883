"""What waits for an expert, and for the operator because of experts."""

from __future__ import annotations

from datetime import datetime

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from projects.experts.queries.pool import experts_in, find_own
from projects.experts.queries.seats import OwnSeat, seats_of
from projects.experts.rules import Stage


@waiting("projects.experts.own")
async def own(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Invitations, sheets to sign, and the expert's own application."""
    if viewer.organisation_kind != "expert" or viewer.organisation_id is None:
        return []
    found = [_seat(one) for one in await seats_of(viewer.organisation_id) if one.waits]
    expert = await find_own(viewer.organisation_id)
    if expert is None or expert.stage is Stage.DRAFT:
        text = Message(N_("Apply for the pool of experts"))
        return [*found, Waiting(text, "/expert/application", now, None)]
    if expert.stage is Stage.RETURNED and expert.returned_at:
        text = Message(N_("Correct your application as an expert and hand it in again"))
        return [*found, Waiting(text, "/expert/application", expert.returned_at, None)]
    return found


def _seat(one: OwnSeat) -> Waiting:
    text = N_("Score the offers of {project}") if one.accepted_at else N_("Accept or decline to score {project}")
    return Waiting(
        Message(text, {"project": one.project_title}), f"/expert/panels/{one.member_id}", one.accepted_at or one.invited_at,
        one.due_at, number=one.project_number,
    )  # fmt: skip


@waiting("projects.experts.review")
async def to_review(viewer: Viewer, now: datetime) -> list[Waiting]:
    if not viewer.is_operator:
        return []
    return [
        Waiting(
            Message(N_("Review the application of expert {code}"), {"code": one.code}), one.url, one.submitted_at or now,
            one.due_at, number=one.code,
        )
        for one in await experts_in(viewer, "waiting", limit=100)
    ]  # fmt: skip
