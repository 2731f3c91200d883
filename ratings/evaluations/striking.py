"""A rating is corrected by decision only: what another procedure has found strikes it. It stays to be read with its
correction, counts in no mean any more, and what it had cost or brought is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market.accounts.actions import tell
from market.kernel.db import execute, fetch, fetch_value, require_transaction, transaction
from market.kernel.errors import FormInvalid, Message, Refusal
from market.kernel.i18n import N_
from market.register.actions import record
from market.web.viewer import Viewer
from ratings.credit.actions import take_back
from ratings.evaluations import queries
from ratings.evaluations.queries import RatingView

# Numbers of decisions that can strike a rating of this project or of these parties ($1 the number, $2 project, $3 parties).
_DECISIONS = """
SELECT c.decision_entry_id FROM conduct_case c WHERE c.number = $1 AND c.outcome = 'founded'
  AND c.appeal_outcome IS DISTINCT FROM 'annulled' AND (c.project_number = $2 OR c.organisation_id = ANY ($3))
UNION ALL SELECT c.entry_id FROM complaint c JOIN project p ON p.id = c.project_id
WHERE c.number = $1 AND c.decision = 'upheld' AND p.number = $2
UNION ALL SELECT t.entry_id FROM tip t LEFT JOIN project p ON p.id = t.project_id
WHERE t.number = $1 AND t.outcome = 'founded' AND (p.number = $2 OR t.accused_id = ANY ($3))
"""


@dataclass(frozen=True)
class Strike:
    """`decision`: the number of the case, complaint or tip whose outcome it rests on."""

    decision: str
    reason: str


def check_strikable(rating: RatingView) -> None:
    if rating.revealed_at is None or rating.struck_at is not None:
        raise Refusal("rating.not_strikable", N_("Only a rating that is shown and stands can be struck."),
                      todo=N_("Open the project to see how its ratings stand."))  # fmt: skip


async def strike(rating: RatingView, command: Strike, *, viewer: Viewer, now: datetime) -> None:
    """Raises Refusal where it was struck already or the viewer rated himself, FormInvalid where no such decision is there."""
    async with transaction():
        await fetch_value("SELECT id FROM rating WHERE id = $1 FOR UPDATE", rating.id)
        found = await queries.rating_by_id(rating.id) or rating
        check_strikable(found)
        await _check_another(found, viewer)
        await _check_decision(found, command)
        entry_id = await record(
            "rating.struck", subject=found.project_number, by=viewer.organisation_code, at=now,
            data={"side": found.side, "rater": found.rater_code, "rated": found.rated_code, "decision": command.decision},
            private={"reason": command.reason},
        )  # fmt: skip
        await execute(
            "UPDATE rating SET struck_at = $2, struck_by = $3, struck_reason = $4, struck_entry_id = $5 WHERE id = $1",
            found.id, now, viewer.person_id, command.reason, entry_id,
        )  # fmt: skip
        for row in await fetch(_COST, found.revealed_entry_id):
            await take_back(row["id"], evidence_id=entry_id, by=viewer.organisation_code, now=now)
        await _tell(found, command, now)


_COST = """
SELECT e.id FROM credit_event e WHERE e.evidence_id = $1 AND e.kind IN ('five_stars', 'low_rating')
AND NOT EXISTS (SELECT FROM credit_event x WHERE x.cancels = e.id)
"""


async def _check_another(rating: RatingView, viewer: Viewer) -> None:
    if await fetch_value("SELECT rated_by FROM rating WHERE id = $1", rating.id) == viewer.person_id:
        raise Refusal("rating.own", N_("You gave this rating, so another person decides about it."),
                      todo=N_("Ask a colleague who signs for your authority."))  # fmt: skip


async def _check_decision(rating: RatingView, command: Strike) -> None:
    parties = [rating.rater_id, rating.rated_id]
    if await fetch_value(_DECISIONS, command.decision, rating.project_number, parties) is None:
        text = N_("No case, complaint or tip of this number was found true about this project or its parties.")
        raise FormInvalid({"decision": [Message(text)]})


async def _tell(rating: RatingView, command: Strike, now: datetime) -> None:
    require_transaction()
    for organisation_id in (rating.rater_id, rating.rated_id):
        await tell(
            organisation_id, N_("A rating for {project} was struck by decision {decision}: it counts no more."),
            link=f"/projects/{rating.project_number}", cause=f"rating-struck:{rating.id}", now=now,
            facts={"project": rating.project_number, "decision": command.decision},
        )  # fmt: skip
