"""Sign-ups, pools, draws and objections."""

from __future__ import annotations

import json

from market.cli.audit.comparing import Comparer, Facts, acts_of
from market.kernel.db import fetch
from market.register.audit import Finding
from projects.selection.dossier import digest_of


def _pool(facts: Facts) -> Facts:
    return facts | {"excluded": [{name: one[name] for name in ("code", "name", "reason")} for one in facts["excluded"]]}


def _draw(facts: Facts) -> Facts:
    """The dossier's digest is computed anew; the winner's name is the one in the pool."""
    pool, dossier = facts.pop("pool"), facts.pop("dossier")
    name = next((one["name"] for one in pool if one["code"] == facts["winner"]), None)
    return facts | {"winner_name": name, "dossier_sha256": _digest(dossier)}


def _digest(dossier: bytes) -> str:
    try:
        return digest_of(json.loads(dossier))
    except (ValueError, TypeError, AttributeError) as problem:
        return f"unreadable: {problem}"


_ROUNDS = "FROM selection_round r JOIN project p ON p.id = r.project_id"
_OBJECTIONS = (
    "FROM objection b JOIN project p ON p.id = b.project_id JOIN organisation o ON o.id = b.raised_by_organisation"
)
_SIGN_UPS = "FROM sign_up s JOIN project p ON p.id = s.project_id JOIN organisation o ON o.id = s.agency_id"
COMPARERS = (
    Comparer(
        "pool.frozen", "selection_round", ("subject", "round_no"), json=("entrants", "excluded"), adjust=_pool,
        sql=f"SELECT p.number AS subject, r.no AS round_no, r.frozen_at AS at, r.pool_sha256 AS sha256, r.pool AS entrants, r.excluded"
        f" {_ROUNDS} WHERE r.frozen_at IS NOT NULL AND r.pool_sha256 IS NOT NULL",
    ),
    Comparer(
        "draw.committed", "selection_round", ("subject", "round_no"),
        sql="SELECT p.number AS subject, r.no AS round_no, r.committed_at AS at, r.purpose, r.cause, r.beacon_round, r.deadline"
        f" {_ROUNDS} WHERE r.cause NOT IN ('published', 'window_restarted')",
    ),
    Comparer(
        "draw.made", "selection_round", ("subject", "round_no"), json=("pool",), adjust=_draw,
        sql="SELECT p.number AS subject, r.no AS round_no, r.drawn_at AS at, w.code AS winner, r.beacon_round, r.pool, r.dossier"
        f" {_ROUNDS} LEFT JOIN organisation w ON w.id = r.winner_id WHERE r.drawn_at IS NOT NULL",
    ),
    Comparer(
        "objection.raised", "objection", ("objection",),
        sql="SELECT b.id AS objection, b.entry_id, p.number AS subject, b.raised_at AS at, o.code AS by, r.no AS round_no"
        f" {_OBJECTIONS} JOIN selection_round r ON r.id = b.round_id",
    ),
    Comparer(
        "objection.answered", "objection", ("objection",),
        sql="SELECT b.id AS objection, p.number AS subject, b.answered_at AS at, b.decision, b.remedy, b.answer"
        f" {_OBJECTIONS} WHERE b.answered_at IS NOT NULL",
    ),
    Comparer(
        "objection.withdrawn", "objection", ("objection",),
        sql=f"SELECT b.id AS objection, p.number AS subject, b.withdrawn_at AS at {_OBJECTIONS} WHERE b.withdrawn_at IS NOT NULL",
    ),
    Comparer(
        "sign_up.made", "sign_up", ("entry_id",),
        sql=f"SELECT s.entry_id, p.number AS subject, s.signed_up_at AS at {_SIGN_UPS}",
    ),
    Comparer(
        "sign_up.withdrawn", "sign_up", ("entry_id",),
        sql="SELECT s.withdrawal_entry_id AS entry_id, p.number AS subject, s.withdrawn_at AS at"
        f" {_SIGN_UPS} WHERE s.withdrawn_at IS NOT NULL AND NOT s.withdrawn_after_close",
    ),
    Comparer(
        "sign_up.abandoned", "sign_up", ("entry_id",),
        sql="SELECT s.withdrawal_entry_id AS entry_id, p.number AS subject, s.withdrawn_at AS at, o.code AS agency"
        f" {_SIGN_UPS} WHERE s.withdrawn_after_close",
    ),
)  # fmt: skip


async def check_sign_ups() -> list[Finding]:
    """Whose sign-up it is, the register knows by a digest only: the private facts behind it must name the same agency."""
    rows = await fetch(
        "SELECT s.id, s.entry_id, o.code, x.facts ->> 'agency' AS agency, x.facts ->> 'sign_up' AS sign_up FROM sign_up s"
        " JOIN organisation o ON o.id = s.agency_id JOIN register_private x ON x.entry_id = s.entry_id"
        " WHERE x.facts ->> 'agency' IS DISTINCT FROM o.code OR x.facts ->> 'sign_up' IS DISTINCT FROM s.id::text"
    )
    return [
        Finding(
            "altered", "sign_up", str(row["id"]), f"recorded for {row['agency']}, is of {row['code']}", row["entry_id"]
        )
        for row in rows
    ]


async def check_rounds() -> list[Finding]:
    """A first round, and one after an amendment, was committed by the notice itself."""
    committed = {
        (act.facts["subject"], act.facts["beacon_round"])
        for kind in ("project.published", "project.amended")
        for act in await acts_of(kind)
        if act.facts["beacon_round"] is not None
    }
    rows = await fetch(
        f"SELECT p.number, r.no, r.beacon_round {_ROUNDS} WHERE r.cause IN ('published', 'window_restarted')"
    )
    there = {(row["number"], row["beacon_round"]) for row in rows}
    return [
        *(Finding("altered", "selection_round", f"{row['number']} {row['no']}", "no notice committed it to this beacon round")
          for row in rows if (row["number"], row["beacon_round"]) not in committed),
        *(Finding("missing", "selection_round", number, f"the draw that the notice committed to beacon round {beacon_round} is gone")
          for number, beacon_round in sorted(committed - there)),
    ]  # fmt: skip
