"""What everybody may see of a panel once its marks are published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from market.kernel.db import fetch
from projects.experts.queries.panels import MemberView, PanelView, marks_of, members_of
from projects.experts.rules import Given, deviations


@dataclass(frozen=True)
class PublishedMark:
    """`deviation`: hundredths of the panel's standard deviation from its median; `far`: beyond the rulebook's limit."""

    mark: int
    reason: str
    deviation: int
    far: bool


@dataclass(frozen=True)
class PublishedPanel:
    """`marks`: (agency, expert, criterion) -> mark. `names`: agency code -> name."""

    panel: PanelView
    experts: tuple[MemberView, ...]
    replaced: tuple[MemberView, ...]
    names: dict[str, str]
    marks: dict[tuple[str, str, int], PublishedMark]

    @property
    def agencies(self) -> list[str]:
        return [offer.agency for offer in self.panel.offers]


async def published_panel(panel: PanelView, *, limit: int) -> PublishedPanel:
    """Of a complete panel. `limit`: the rulebook's deviation in hundredths."""
    members, marks = await members_of(panel.id), await marks_of(panel.round_id)
    rows = await fetch(
        "SELECT code, name FROM organisation WHERE code = ANY ($1)", [one.agency for one in panel.offers]
    )
    away = deviations(marks)
    return PublishedPanel(
        panel,
        tuple(sorted((one for one in members if one.signed_at), key=lambda one: one.code)),
        tuple(one for one in members if one.ended),
        {row["code"]: row["name"] for row in rows},
        {(one.agency, one.expert, one.criterion): _shown(one, away, limit) for one in marks},
    )


def _shown(one: Given, away: dict[tuple[str, str, int], int], limit: int) -> PublishedMark:
    deviation = away[one.expert, one.agency, one.criterion]
    return PublishedMark(one.mark, one.reason, deviation, abs(deviation) > limit)


_MARKS_OF_EXPERTS = """
SELECT x.round_id, e.code AS expert, a.code AS agency, k.criterion, k.mark
FROM expert_panel x JOIN panel_member m ON m.panel_id = x.id AND m.signed_at IS NOT NULL
JOIN expert e ON e.id = m.expert_id JOIN expert_mark k ON k.member_id = m.id JOIN organisation a ON a.id = k.agency_id
WHERE x.completed_at IS NOT NULL AND x.id IN (
    SELECT o.panel_id FROM panel_member o JOIN expert mine ON mine.id = o.expert_id
    WHERE mine.code = ANY ($1) AND o.signed_at IS NOT NULL)
"""


async def far_marks(codes: Collection[str], *, limit: int) -> dict[str, tuple[int, int]]:
    """Expert code -> (marks beyond the limit, all marks) over the complete panels of these experts."""
    panels: defaultdict[UUID, list[Given]] = defaultdict(list)
    for row in await fetch(_MARKS_OF_EXPERTS, list(codes)):
        panels[row.pop("round_id")].append(Given(**row))
    counted = dict.fromkeys(codes, (0, 0))
    for marks in panels.values():
        for (expert, _, _), away in deviations(marks).items():
            if expert in counted:
                far, total = counted[expert]
                counted[expert] = (far + (abs(away) > limit), total + 1)
    return counted
