"""Experts with the speciality of a project, and what speaks against drawing each of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agencies.rules import AgencyFacts
from market.catalogue.rules import Rulebook
from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from projects.experts.rules import Candidate, Limits, Party
from projects.queries import ProjectView

_CANDIDATES = """
SELECT e.code, o.name, e.employer_name, e.employer_code, o.region_code, e.suspended_until,
       f.parent_code AS employer_parent, fa.branch_of AS employer_head,
       coalesce(f.legal_representative, '') AS employer_representative,
       ARRAY(SELECT c.organisation_code FROM expert_conflict c WHERE c.expert_id = e.id AND c.ended_at IS NULL) AS conflicts,
       (SELECT count(*) FROM panel_member m WHERE m.expert_id = e.id AND m.invited_at > $2
        AND m.ended IS DISTINCT FROM 'conflict') AS draws,
       (SELECT count(*) FROM (
            SELECT EXISTS (SELECT 1 FROM panel_member m WHERE m.panel_id = p.id AND m.expert_id = e.id) AS was_drawn
            FROM expert_panel p WHERE e.code = ANY (p.candidates) AND p.drawn_at IS NOT NULL
            ORDER BY p.drawn_at DESC LIMIT $3) AS newest WHERE was_drawn) AS row
FROM expert e JOIN organisation o ON o.id = e.organisation_id
LEFT JOIN organisation f ON f.code = e.employer_code
LEFT JOIN agency fa ON fa.organisation_id = f.id
WHERE e.stage = 'admitted' AND e.specialities && $1::text[]
ORDER BY e.code
"""
_OWNER = """
SELECT o.code, o.name, o.legal_representative, o.parent_code, o.region_code, p.service_items,
       string_to_array(trim(BOTH '|' FROM p.service_classes), '|') AS service_classes
FROM project p JOIN organisation o ON o.id = p.owner_id WHERE p.id = $1
"""


async def candidates_for(
    project: ProjectView, rulebook: Rulebook, now: datetime
) -> tuple[list[Candidate], Party, Limits]:
    """Admitted experts who know the class or one of the items of the project; the owner; and the rules of drawing."""
    owner = await fetch_one(_OWNER, project.id)
    if owner is None:
        raise NotFound
    since = now - timedelta(days=rulebook.calendar_days("expert.draws_window"))
    limits = Limits(
        draws_max=rulebook.integer("expert.draws_max"),
        consecutive_max=rulebook.integer("expert.consecutive_max"),
        avoid_same_county=rulebook.flag("expert.avoid_same_county"),
        owner_county=owner["region_code"],
    )
    wanted = [*owner["service_items"], *owner["service_classes"]]
    rows = await fetch(_CANDIDATES, wanted, since, limits.consecutive_max)
    party = Party(owner["code"], owner["name"], owner["legal_representative"], _heads(owner["parent_code"]))
    return [_candidate(row) for row in rows], party, limits


async def how_many(known: Sequence[str], now: datetime) -> int:
    """Admitted experts who know one of these items or classes and are not suspended: what an owner can count on before
    anybody is left out for a reason of the project."""
    count: int = await fetch_value(
        "SELECT count(*) FROM expert WHERE stage = 'admitted' AND specialities && $1::text[]"
        " AND (suspended_until IS NULL OR suspended_until <= $2)",
        list(known), now,
    )  # fmt: skip
    return count


def party_of(agency: AgencyFacts) -> Party:
    return Party(agency.code, agency.name, agency.legal_representative, _heads(agency.parent_code, agency.branch_of))


def _heads(*codes: str | None) -> tuple[str, ...]:
    return tuple(code for code in codes if code)


def _candidate(row: dict[str, Any]) -> Candidate:
    values = dict(row)
    heads = _heads(values.pop("employer_parent"), values.pop("employer_head"))
    return Candidate(**{**values, "conflicts": frozenset(row["conflicts"]), "employer_heads": heads})
