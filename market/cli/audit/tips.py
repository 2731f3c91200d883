"""Follow-up calls, and tips about breaches: the register names neither teller nor subject; what it says is held by its digest."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, words_altered
from market.register.audit import Finding

_FIRST = "coalesce((SELECT h.from_id FROM tip_handover h WHERE h.tip_id = t.id ORDER BY h.handed_at, h.id LIMIT 1), t.authority_id)"
FOLLOW_UPS = (
    Comparer(
        "follow_up.drawn", "follow_up", ("subject",),
        sql="SELECT p.number AS subject, f.drawn_at AS at, f.entry_id AS closed FROM follow_up f JOIN project p ON p.id = f.project_id",
    ),
    Comparer(
        "follow_up.called", "follow_up", ("subject",),
        sql="SELECT p.number AS subject, f.called_at AS at, f.reached, f.satisfaction, f.at_odds FROM follow_up f"
        " JOIN project p ON p.id = f.project_id WHERE f.called_at IS NOT NULL",
    ),
)  # fmt: skip
COMPARERS = (
    *FOLLOW_UPS,
    Comparer(
        "tip.told", "tip", ("subject",),
        sql="SELECT t.number AS subject, t.entry_id, t.told_at AS at, t.about, t.take_up_due_at AS due_at FROM tip t",
    ),
    Comparer(
        "tip.taken", "tip", ("subject",),
        sql="SELECT t.number AS subject, t.taken_at AS at, a.code AS by, t.answer_due_at AS due_at FROM tip t"
        f" JOIN organisation a ON a.id = {_FIRST} WHERE t.taken_at IS NOT NULL",
    ),
    Comparer(
        "tip.handed_over", "tip_handover", ("subject", "at"),
        sql="SELECT t.number AS subject, h.handed_at AS at, f.code AS by, o.code AS \"to\" FROM tip_handover h"
        " JOIN tip t ON t.id = h.tip_id JOIN organisation f ON f.id = h.from_id JOIN organisation o ON o.id = h.to_id",
    ),
    Comparer(
        "tip.answered", "tip", ("subject",),
        sql="SELECT t.number AS subject, t.answered_at AS at, a.code AS by, t.outcome FROM tip t"
        " JOIN organisation a ON a.id = t.authority_id WHERE t.answered_at IS NOT NULL",
    ),
    Comparer(
        "tip.withdrawn", "tip", ("subject",),
        sql="SELECT t.number AS subject, t.withdrawn_at AS at FROM tip t WHERE t.withdrawn_at IS NOT NULL",
    ),
)  # fmt: skip


async def check_words() -> list[Finding]:
    """What a tip and its answer say is what was recorded, as far as the private facts behind the register are there."""
    return await words_altered(
        "tip",
        "SELECT x.entry_id AS id, t.number AS name FROM tip t JOIN register_entry e ON e.subject = t.number"
        " AND e.kind IN ('tip.told', 'tip.answered') JOIN register_private x ON x.entry_id = e.id"
        " WHERE coalesce(x.facts ->> 'grounds_sha256', x.facts ->> 'answer_sha256') <> encode(sha256(convert_to("
        "  CASE e.kind WHEN 'tip.told' THEN t.grounds ELSE t.answer END, 'UTF8')), 'hex') ORDER BY t.number",
    )
