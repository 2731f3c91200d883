"""A rating is corrected by decision only: what another procedure has found strikes it. It stays to be read with its
correction, counts in no mean any more, and what it had cost or brought is taken back. Where the case behind it is annulled on
appeal, all of that is undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.db import execute, fetch, fetch_value, require_transaction, transaction
from market.kernel.errors import FormInvalid, Message, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from ratings.credit.actions import let_count_again, take_back
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
        # The case first, as those who decide about it do: an appeal that is granted finds every strike that rests on it.
        await fetch_value("SELECT id FROM conduct_case WHERE number = $1 FOR SHARE", command.decision)
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
            "UPDATE rating SET struck_at = $2, struck_by = $3, struck_reason = $4, struck_entry_id = $5,"
            " struck_decision = $6 WHERE id = $1",
            found.id, now, viewer.person_id, command.reason, entry_id, command.decision,
        )  # fmt: skip
        for row in await fetch(_COST, found.revealed_entry_id, False):
            await take_back(row["id"], evidence_id=entry_id, by=viewer.organisation_code, now=now)
        text = N_("A rating for {project} was struck by decision {decision}: it counts no more.")
        await _tell(found, text, "rating-struck", found.id, command.decision, now)


_COST = """
SELECT e.id FROM credit_event e WHERE e.evidence_id = $1 AND e.kind IN ('five_stars', 'low_rating')
AND credit_event_taken_back(e.id) = $2
"""


async def restore_struck_by(decision: str, *, by: str, now: datetime) -> None:
    """Lets every rating count again that this decision struck. Called inside the transaction that annuls the decision."""
    require_transaction()
    for row in await fetch("SELECT id FROM rating WHERE struck_decision = $1 ORDER BY id FOR UPDATE", decision):
        found = await queries.rating_by_id(row["id"])
        assert found is not None
        await _restore(found, by=by, now=now)


async def _restore(rating: RatingView, *, by: str, now: datetime) -> None:
    entry_id = await record(
        "rating.restored", subject=rating.project_number, by=by, at=now,
        data={"side": rating.side, "rater": rating.rater_code, "rated": rating.rated_code, "decision": rating.struck_decision},
    )  # fmt: skip
    await execute(
        "INSERT INTO rating_restored (id, rating_id, decision, struck_at, struck_entry_id, restored_at, entry_id)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7)",
        new_id(), rating.id, rating.struck_decision, rating.struck_at, rating.struck_entry_id, now, entry_id,
    )  # fmt: skip
    # A low rating that was struck before it counted is settled in its turn.
    await execute(
        "UPDATE rating r SET struck_at = NULL, struck_by = NULL, struck_reason = '', struck_entry_id = NULL, struck_decision = '',"
        " settled_at = CASE WHEN EXISTS (SELECT FROM credit_event e WHERE e.evidence_id = r.revealed_entry_id"
        " AND e.kind = 'low_rating') THEN settled_at END WHERE id = $1", rating.id,
    )  # fmt: skip
    for row in await fetch(_COST, rating.revealed_entry_id, True):
        await let_count_again(row["id"], evidence_id=entry_id, by=by, now=now)
    text = N_("Decision {decision}, which had struck a rating for {project}, was annulled: the rating counts again.")
    await _tell(rating, text, "rating-restored", entry_id, rating.struck_decision, now)


async def _check_another(rating: RatingView, viewer: Viewer) -> None:
    if await fetch_value("SELECT rated_by FROM rating WHERE id = $1", rating.id) == viewer.person_id:
        raise Refusal("rating.own", N_("You gave this rating, so another person decides about it."),
                      todo=N_("Ask a colleague who signs for your authority."))  # fmt: skip


async def _check_decision(rating: RatingView, command: Strike) -> None:
    parties = [rating.rater_id, rating.rated_id]
    if await fetch_value(_DECISIONS, command.decision, rating.project_number, parties) is None:
        text = N_("No case, complaint or tip of this number was found true about this project or its parties.")
        raise FormInvalid({"decision": [Message(text)]})


async def _tell(rating: RatingView, text: str, event: str, cause: UUID, decision: str, now: datetime) -> None:
    require_transaction()
    for organisation_id in (rating.rater_id, rating.rated_id):
        await tell(
            organisation_id, text, link=f"/projects/{rating.project_number}", cause=f"{event}:{cause}", now=now,
            facts={"project": rating.project_number, "decision": decision},
        )  # fmt: skip
