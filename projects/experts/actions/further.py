"""A further order of experts: where everybody of the drawn order was asked and seats are empty, new candidates are frozen
and bound to a beacon round that nobody can know yet. Where there are too few of them, the panel fails."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from agencies.queries import facts_of
from market.beacon.rules import Round, commit_round, round_time
from market.beacon.source import beacon_in_force
from market.catalogue import queries as catalogue_queries
from market.kernel.db import execute, fetch, fetch_value, require_transaction, to_json, transaction
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from projects.actions import lock_project
from projects.experts.actions.inviting import fail, invite, lock_panel, published_text
from projects.experts.panel import Further, candidates_hash, order_of, panel_draw
from projects.experts.queries.candidates import candidates_for, party_of
from projects.experts.queries.panels import FurtherDraw, PanelView, further_draws
from projects.experts.rules import obstacles
from projects.queries import project_by_id

_ASKED_BEFORE: Final = Message(N_("Was asked for this selection before."))


async def ask_next(panel: PanelView, now: datetime) -> None:
    """Asks the next of the drawn order for an empty seat; where the order is used up, a further one is committed to. On
    a locked panel."""
    require_transaction()
    draws = await further_draws(panel.id)
    order = _order(panel, draws)
    asked: int = await fetch_value("SELECT count(*) FROM panel_member WHERE panel_id = $1", panel.id)
    if asked < len(order):
        rulebook = await catalogue_queries.rulebook((await project_by_id(panel.project_id)).rulebook_version)
        await invite(panel, order[asked], asked + 1, rulebook, now)
    elif all(one.drawn is not None for one in draws):  # else the seat waits for the draw that is committed to already
        await _commit(panel, order, len(draws) + 2, now)


def _order(panel: PanelView, draws: Sequence[FurtherDraw]) -> list[str]:
    return [*(panel.drawn or ()), *(code for one in draws for code in one.drawn or ())]


async def _empty_seats(panel: PanelView) -> int:
    taken: int = await fetch_value(
        "SELECT count(*) FROM panel_member WHERE panel_id = $1 AND ended IS NULL", panel.id
    )  # fmt: skip
    return panel.size - taken


async def _commit(panel: PanelView, asked: Sequence[str], no: int, now: datetime) -> None:
    chain = beacon_in_force().chain
    project = await project_by_id(panel.project_id)
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    candidates, owner, limits = await candidates_for(project, rulebook, now)
    parties = [party_of(one) for one in await facts_of(await _bidders(panel.round_id))]
    found = {one.code: obstacles(one, owner, parties, limits, now) for one in candidates}
    found |= {code: [_ASKED_BEFORE] for code in asked if code in found}
    entrants = [code for code, reasons in found.items() if not reasons]
    seats = await _empty_seats(panel)
    if len(entrants) < seats or chain.hash != panel.beacon_chain:
        await fail(panel, now)
        return
    # What is published of this moment has milliseconds, and the round has to follow from it.
    frozen_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    number, salt = commit_round(chain, frozen_at), secrets.token_hex(16)
    given = panel_draw(project.number, panel.no, chain.hash, number, entrants, seats, no)
    sha256 = candidates_hash(given, salt)
    excluded = [{"expert": code, "reason": published_text(reasons)} for code, reasons in found.items() if reasons]
    await execute(
        "INSERT INTO panel_draw (id, panel_id, no, cause, seats, salt, candidates, excluded, sha256, beacon_round,"
        " frozen_at, due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        new_id(), panel.id, no, str(Further.ORDER_USED_UP), seats, salt, entrants, to_json(excluded), sha256, number,
        frozen_at, round_time(chain, number),
    )  # fmt: skip
    await record("panel.further", subject=project.number, by="market", at=frozen_at, data={
        "round_no": panel.no, "draw_no": no, "cause": str(Further.ORDER_USED_UP), "seats": seats, "sha256": sha256,
        "beacon_round": number,
    })  # fmt: skip


async def _bidders(round_id: UUID) -> list[UUID]:
    rows = await fetch(
        "SELECT o.id FROM selection_round r CROSS JOIN LATERAL jsonb_array_elements(r.pool) AS one"
        " JOIN organisation o ON o.code = one ->> 'code' WHERE r.id = $1",
        round_id,
    )
    return [row["id"] for row in rows]


async def draw_further(panel_id: UUID, found: Round, now: datetime) -> bool:
    """Draws the further order that waits for this round and asks its first for the seats that are empty. False where it
    was drawn before, or nobody needs it any more: its panel is complete, or its selection annulled."""
    async with transaction():
        project_id = await fetch_value("SELECT project_id FROM expert_panel WHERE id = $1", panel_id)
        project = await lock_project(project_id)
        panel = await lock_panel(panel_id)
        draw = next((one for one in await further_draws(panel_id) if one.drawn is None), None)
        if draw is None or draw.beacon_round != found.number:
            return False
        if not panel.open:
            await execute("UPDATE panel_draw SET due_at = NULL WHERE id = $1", draw.id)
            return False
        given = panel_draw(
            project.number, panel.no, panel.beacon_chain, draw.beacon_round, draw.candidates, draw.seats, draw.no
        )
        await execute(
            "UPDATE panel_draw SET drawn_at = $2, drawn = $3, signature = $4, due_at = NULL WHERE id = $1",
            draw.id, now, order_of(given, found.randomness), found.signature.hex(),
        )  # fmt: skip
        await record("panel.drawn_again", subject=project.number, by="market", at=now, data={
            "round_no": panel.no, "draw_no": draw.no, "sha256": draw.sha256, "beacon_round": draw.beacon_round,
        })  # fmt: skip
        for _ in range(await _empty_seats(panel)):
            await ask_next(panel, now)
    return True


async def due_draws(now: datetime) -> list[tuple[UUID, int]]:
    """(panel, beacon round) of each further order whose round is out."""
    rows = await fetch(
        "SELECT panel_id, beacon_round FROM panel_draw WHERE due_at <= $1 ORDER BY due_at LIMIT 100", now
    )
    return [(row["panel_id"], row["beacon_round"]) for row in rows]
