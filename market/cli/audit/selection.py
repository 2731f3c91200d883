"""Sign-ups, pools, draws and objections."""

from __future__ import annotations

import json

from market.cli.audit.comparing import Comparer, Facts, acts_of
from market.kernel.db import fetch
from market.register.audit import Finding
from projects.selection.dossiers.draw_dossier import digest_of


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


def _opening(facts: Facts) -> Facts:
    """The pool as it was told with the opening; each bid by its place in the pool."""
    pool, bids = facts.pop("pool"), {one["nonce"]: one for one in facts.pop("bids") or ()}
    excluded = [{name: one[name] for name in ("code", "name", "reason")} for one in facts["excluded"]]
    entrants = [{name: one[name] for name in ("code", "name", "tickets")} for one in pool]
    opened = [_bid(one["code"], bids[one["nonce"]]) for one in pool if one.get("nonce") in bids]
    return facts | {"excluded": excluded, "entrants": entrants, "bids": opened}


def _bid(code: str, row: Facts) -> Facts:
    return {"code": code} | {name: value for name, value in row.items() if name != "nonce"}


def _selection(facts: Facts) -> Facts:
    """What was decided must still be what the published dossier says."""
    dossier = facts.pop("dossier")
    return facts | {"dossier_sha256": _digest(dossier)} | _winner(dossier)


def _winner(dossier: bytes) -> Facts:
    try:
        found = json.loads(dossier)
        code = found["decision"]["winner"]
        names = {one["code"]: one["name"] for one in found["pool"]["entrants"]}
    except (ValueError, TypeError, KeyError):
        return {}
    return {"winner_name": names.get(code), "price_fen": found["decision"]["price_fen"]}


_ROUNDS = "FROM selection_round r JOIN project p ON p.id = r.project_id"
# Methods whose pool is told by name when it freezes.
_NAMED = "ARRAY['draw', 'direct', 'outside_tender']"
_OBJECTIONS = (
    "FROM objection b JOIN project p ON p.id = b.project_id JOIN organisation o ON o.id = b.raised_by_organisation"
)
_SIGN_UPS = "FROM sign_up s JOIN project p ON p.id = s.project_id JOIN organisation o ON o.id = s.agency_id"
COMPARERS = (
    Comparer(
        "pool.frozen", "selection_round", ("subject", "round_no"), json=("entrants", "excluded"), adjust=_pool,
        sql=f"SELECT p.number AS subject, r.no AS round_no, r.frozen_at AS at, r.pool_sha256 AS sha256, r.pool AS entrants, r.excluded"
        f" {_ROUNDS} WHERE r.frozen_at IS NOT NULL AND r.pool_sha256 IS NOT NULL AND r.method = ANY ({_NAMED})",
    ),
    Comparer(
        "pool.sealed", "selection_round", ("subject", "round_no"),
        sql="SELECT p.number AS subject, r.no AS round_no, r.frozen_at AS at, r.pool_sha256 AS sha256"
        f" {_ROUNDS} WHERE r.frozen_at IS NOT NULL AND r.pool_sha256 IS NOT NULL AND r.method <> ALL ({_NAMED})",
    ),
    Comparer(
        "bids.opened", "selection_round", ("subject", "round_no"), json=("pool", "excluded", "bids"), adjust=_opening,
        sql="SELECT p.number AS subject, r.no AS round_no, r.opened_at AS at, r.beacon_round, r.pool_sha256 AS sha256, r.salt, r.pool,"
        " r.excluded, (SELECT jsonb_agg(jsonb_build_object('nonce', b.nonce, 'bid', b.id, 'ciphertext_sha256', b.ciphertext_sha256,"
        " 'entry', b.entry_id, 'entry_salt', x.salt, 'quoted', b.quoted, 'fault', b.fault)) FROM sealed_bid b"
        " LEFT JOIN register_private x ON x.entry_id = b.entry_id WHERE b.project_id = p.id"
        f" AND b.opened_at IS NOT NULL) AS bids {_ROUNDS} WHERE r.opened_at IS NOT NULL",
    ),
    Comparer(
        "selection.decided", "selection_round", ("subject", "round_no"), adjust=_selection,
        sql="SELECT p.number AS subject, r.no AS round_no, r.drawn_at AS at, r.method, w.code AS winner, r.beacon_round, r.dossier"
        f" {_ROUNDS} JOIN organisation w ON w.id = r.winner_id WHERE r.method <> 'draw'",
    ),
    Comparer(
        "draw.committed", "selection_round", ("subject", "round_no"),
        sql="SELECT p.number AS subject, r.no AS round_no, r.committed_at AS at, r.purpose, r.cause, r.beacon_round, r.deadline"
        f" {_ROUNDS} WHERE r.cause NOT IN ('published', 'window_restarted')",
    ),
    Comparer(
        "result.annulled", "selection_round", ("subject", "round_no"),
        sql="SELECT p.number AS subject, r.no AS round_no, r.annulled_at AS at, w.code AS winner"
        f" {_ROUNDS} JOIN organisation w ON w.id = r.winner_id WHERE r.annulment_reason = 'winner_barred'",
    ),
    Comparer(
        "draw.made", "selection_round", ("subject", "round_no"), json=("pool",), adjust=_draw,
        sql="SELECT p.number AS subject, r.no AS round_no, r.drawn_at AS at, w.code AS winner, r.beacon_round, r.pool, r.dossier"
        f" {_ROUNDS} LEFT JOIN organisation w ON w.id = r.winner_id WHERE r.drawn_at IS NOT NULL AND r.method = 'draw'",
    ),
    Comparer(
        "objection.raised", "objection", ("objection",),
        sql="SELECT b.id AS objection, b.entry_id, p.number AS subject, b.raised_at AS at, o.code AS by, r.no AS round_no"
        f" {_OBJECTIONS} JOIN selection_round r ON r.id = b.round_id",
    ),
    Comparer(
        "objection.answered", "objection", ("objection",),
        sql="SELECT b.id AS objection, p.number AS subject, b.answered_at AS at, b.decision, b.remedy, b.answer,"
        " nullif(b.legal_cause, '') AS legal_cause"
        f" {_OBJECTIONS} WHERE b.answered_at IS NOT NULL",
    ),
    Comparer(
        "objection.stated", "objection", ("objection",),
        sql="SELECT b.id AS objection, p.number AS subject, b.stated_at AS at, w.code AS by"
        f" {_OBJECTIONS} JOIN organisation w ON w.id = p.owner_id WHERE b.stated_at IS NOT NULL",
    ),
    Comparer(
        "objection.withdrawn", "objection", ("objection",),
        sql=f"SELECT b.id AS objection, p.number AS subject, b.withdrawn_at AS at {_OBJECTIONS} WHERE b.withdrawn_at IS NOT NULL",
    ),
    Comparer(
        "sign_up.made", "sign_up", ("entry_id",),
        sql=f"SELECT s.entry_id, p.number AS subject, s.signed_up_at AS at {_SIGN_UPS} WHERE p.method = ANY ({_NAMED})",
    ),
    Comparer(
        "sign_up.withdrawn", "sign_up", ("entry_id",),
        sql="SELECT s.withdrawal_entry_id AS entry_id, p.number AS subject, s.withdrawn_at AS at"
        f" {_SIGN_UPS} WHERE s.withdrawn_at IS NOT NULL AND NOT s.withdrawn_after_close AND p.method = ANY ({_NAMED})",
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
        " JOIN register_entry e ON e.id = s.entry_id AND e.kind <> 'bid.sealed'"
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
        " AND r.beacon_round IS NOT NULL"
    )
    there = {(row["number"], row["beacon_round"]) for row in rows}
    return [
        *(Finding("altered", "selection_round", f"{row['number']} {row['no']}", "no notice committed it to this beacon round")
          for row in rows if (row["number"], row["beacon_round"]) not in committed),
        *(Finding("missing", "selection_round", number, f"the draw that the notice committed to beacon round {beacon_round} is gone")
          for number, beacon_round in sorted(committed - there)),
    ]  # fmt: skip
