"""The panel's life: candidates frozen at the close, drawn at the opening, replaced in the drawn order, complete when
the last expert has signed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agencies.rules import AgencyFacts
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook
from market.kernel.db import execute, require_transaction, to_json
from market.kernel.ids import new_id
from market.register.actions import record
from projects.experts.actions.further import ask_next
from projects.experts.actions.inviting import invite, lock_panel, published_text
from projects.experts.panel import End, candidates_hash, order_of, panel_draw
from projects.experts.queries.candidates import candidates_for, party_of
from projects.experts.queries.panels import MemberView, PanelView, panel_of_round
from projects.experts.rules import obstacles, panel_size
from projects.queries import ProjectView

# A job of the selection, which lies above; it gets `round_id`.
DECIDE_JOB = "selection.decide"


@dataclass(frozen=True)
class FrozenCandidates:
    """`entrants`: the codes among whom the panel will be drawn; `sha256`: their salted hash as the register has it, None
    where there are fewer than `size`."""

    panel_id: UUID
    size: int
    entrants: tuple[str, ...]
    sha256: str | None

    @property
    def enough(self) -> bool:
        return self.sha256 is not None


async def freeze_candidates(
    project: ProjectView, round_id: UUID, bidders: Sequence[AgencyFacts], rulebook: Rulebook, now: datetime
) -> FrozenCandidates:
    """Freezes who may be drawn for this selection round, and why others may not, in the transaction that freezes the
    pool. `bidders`: the frozen pool. The register learns the salted hash of the list only (`panel.frozen`): who may be
    on a panel is secret until the result. Where `enough` is false there can be no panel and nothing was recorded."""
    require_transaction()
    candidates, owner, limits = await candidates_for(project, rulebook, now)
    parties = [party_of(one) for one in bidders]
    found = {one.code: obstacles(one, owner, parties, limits, now) for one in candidates}
    entrants = tuple(code for code, reasons in found.items() if not reasons)
    excluded = [{"expert": code, "reason": published_text(reasons)} for code, reasons in found.items() if reasons]
    size, salt, panel_id = size_for(project.amount_fen, rulebook), secrets.token_hex(16), new_id()
    await execute(
        "INSERT INTO expert_panel (id, project_id, round_id, size, salt, candidates, excluded, frozen_at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
        panel_id, project.id, round_id, size, salt, list(entrants), to_json(excluded), now,
    )  # fmt: skip
    if len(entrants) < size:
        return FrozenCandidates(panel_id, size, entrants, None)
    return FrozenCandidates(panel_id, size, entrants, await _commit(round_id, now))


async def _commit(round_id: UUID, now: datetime) -> str:
    panel = await _panel(round_id)
    given = panel_draw(
        panel.project_number, panel.no, panel.beacon_chain, panel.beacon_round, panel.candidates, panel.size
    )
    sha256 = candidates_hash(given, panel.salt)
    await execute("UPDATE expert_panel SET sha256 = $2 WHERE id = $1", panel.id, sha256)
    await record("panel.frozen", subject=panel.project_number, by="market", at=now, data={
        "round_no": panel.no, "size": panel.size, "sha256": sha256,
    })  # fmt: skip
    return sha256


def size_for(amount_fen: int, rulebook: Rulebook) -> int:
    """How many experts score a project of this amount."""
    return panel_size(
        amount_fen,
        smallest=rulebook.integer("selection.scored.panel_min"),
        large=rulebook.integer("selection.scored.panel_min_large"),
        large_above_fen=rulebook.money("selection.scored.large_above").fen,
    )


async def draw_panel(
    project: ProjectView, round_id: UUID, offers: Sequence[AgencyFacts], randomness: bytes, now: datetime
) -> None:
    """Draws the panel from the frozen candidates, in the transaction that opens the bids, and invites the first `size`
    of the order. `offers`: the agencies whose bids are valid, in any order; their credit scores of this moment count."""
    require_transaction()
    panel = await lock_panel((await _panel(round_id)).id)
    given = panel_draw(project.number, panel.no, panel.beacon_chain, panel.beacon_round, panel.candidates, panel.size)
    order = order_of(given, randomness)
    marked = sorted(
        ({"agency": one.code, "credit": one.standing.score} for one in offers), key=lambda one: str(one["agency"])
    )
    await execute(
        "UPDATE expert_panel SET drawn_at = $2, drawn = $3, offers = $4 WHERE id = $1 AND drawn_at IS NULL",
        panel.id, now, order, to_json(marked),
    )  # fmt: skip
    await record("panel.drawn", subject=project.number, by="market", at=now, data={
        "round_no": panel.no, "size": panel.size, "sha256": panel.sha256,
    })  # fmt: skip
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    for place in range(1, panel.size + 1):
        await invite(panel, order[place - 1], place, rulebook, now)


async def _panel(round_id: UUID) -> PanelView:
    panel = await panel_of_round(round_id)
    if panel is None:
        raise RuntimeError(f"no candidates were frozen for round {round_id}")
    return panel


async def replace_member(panel: PanelView, member: MemberView, end: End, reason: str, now: datetime) -> None:
    """Ends a member's part and asks the next of the drawn order. On a locked panel."""
    require_transaction()
    assert panel.drawn is not None
    await execute(
        "UPDATE panel_member SET ended = $2, ended_at = $3, end_reason = $4, due_at = NULL WHERE id = $1",
        member.id, str(end), now, reason,
    )  # fmt: skip
    await record(
        "panel.replaced", subject=panel.project_number, by="market", at=now,
        data={"round_no": panel.no, "place": member.place, "cause": str(end)},
        private={"expert": member.code, "member": str(member.id), "reason": reason},
    )  # fmt: skip
    await ask_next(panel, now)
