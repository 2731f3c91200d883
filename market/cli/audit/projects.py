"""Projects: their whole notice by its fingerprint, and their stage and winner by replaying the acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from market.cli.audit.comparing import Act, Comparer, act_facts
from market.kernel.db import fetch
from market.register.audit import Finding
from projects.posting.actions import notice_sha256
from projects.posting.queries import published_notice
from projects.posting.rules import Notice

COMPARERS = (
    Comparer(
        "project.published", "project", ("subject",),
        sql="SELECT p.number AS subject, o.code AS by, p.published_at AS at, p.method, p.beacon_chain, p.rulebook_version AS rulebook,"
        " p.catalogue_version AS catalogue FROM project p JOIN organisation o ON o.id = p.owner_id",
    ),
    Comparer(
        "project.amended", "project_amendment", ("subject", "no"), json=("changes",),
        sql="SELECT p.number AS subject, m.no, m.made_at AS at, m.changes, m.reason, m.restarts_window FROM project_amendment m"
        " JOIN project p ON p.id = m.project_id",
    ),
    Comparer(
        "project.withdrawn", "project", ("subject",),
        sql="SELECT number AS subject, withdrawn_at AS at, withdrawal_reason AS reason FROM project WHERE withdrawn_at IS NOT NULL",
    ),
    Comparer("project.failed", "project", ("subject",),
             sql="SELECT number AS subject, failed_at AS at FROM project WHERE failed_at IS NOT NULL"),
    Comparer("project.terminated", "project", ("subject",),
             sql="SELECT number AS subject, terminated_at AS at, failure_reason AS reason FROM project WHERE terminated_at IS NOT NULL"),
    Comparer("project.closed", "project", ("subject",),
             sql="SELECT number AS subject, closed_at AS at FROM project WHERE closed_at IS NOT NULL"),
)  # fmt: skip
# The stage that an act leaves its project in; a draw that is committed anew leads to one of two.
STAGES: dict[str, frozenset[str]] = {
    kind: frozenset(stages.split())
    for kind, stages in {
        "project.published": "sign_up", "project.withdrawn": "withdrawn", "pool.frozen": "drawing", "project.failed": "failed",
        "pool.sealed": "drawing", "bids.opened": "evaluation", "draw.made": "result_notice", "selection.decided": "result_notice",
        "draw.committed": "drawing sign_up", "result.final": "contracting",
        "contract.in_force": "fulfilment", "delivery.accepted": "accepted", "project.closed": "closed",
        "project.terminated": "terminated",
    }.items()
}  # fmt: skip
_ACTS = """
SELECT id, kind, at, subject, "by", data FROM register_entry WHERE subject LIKE 'MX-%' AND kind = ANY($1) ORDER BY written
"""


async def check_projects() -> list[Finding]:
    acts: defaultdict[str, list[tuple[str, Act]]] = defaultdict(list)
    for row in await fetch(_ACTS, [*STAGES, "project.amended"]):
        acts[row["subject"]].append((row["kind"], Act(row["id"], act_facts(row))))
    rows = await fetch(
        "SELECT p.id, p.number, p.stage, p.price_fen, p.ceiling_fen, w.code AS winner FROM project p LEFT JOIN organisation w ON w.id = p.winner_id"
    )
    found = [finding for row in rows if row["number"] in acts for finding in _replay(row, acts[row["number"]])]
    for row in rows:
        found += await _compare_notice(row, acts.get(row["number"], []))
    return found


def _replay(row: dict[str, Any], acts: list[tuple[str, Act]]) -> Iterator[Finding]:
    moving = [(kind, act) for kind, act in acts if kind in STAGES]
    if not moving:
        return
    kind, last = moving[-1]
    if row["stage"] not in STAGES[kind]:
        yield Finding("altered", "project", row["number"], f"its stage is {row['stage']}, its last act {kind}", last.id)
    winner, by = _winner(moving)
    if row["winner"] != winner:
        yield Finding(
            "altered", "project", row["number"], f"its winner was {winner}, is {row['winner']}", by.id if by else None
        )
    # Where bids decide, the price is a fact of the decision; else it stands in the notice.
    price = by.facts["price_fen"] if by and winner and row["ceiling_fen"] is not None else None
    if row["ceiling_fen"] is not None and row["price_fen"] != price:
        yield Finding(
            "altered", "project", row["number"], f"its price was {price}, is {row['price_fen']}", by.id if by else None
        )


def _winner(acts: list[tuple[str, Act]]) -> tuple[str | None, Act | None]:
    """Drawn last, unless a further draw was committed since."""
    winner: str | None = None
    by: Act | None = None
    for kind, act in acts:
        if kind in {"draw.made", "selection.decided"}:
            winner, by = act.facts["winner"], act
        elif kind in {"draw.committed", "project.failed"}:
            winner, by = None, act
    return winner, by


async def _compare_notice(row: dict[str, Any], acts: list[tuple[str, Act]]) -> list[Finding]:
    """The notice as it reads now has the fingerprint that its publication, or its last amendment, recorded."""
    said = [act for kind, act in acts if kind in {"project.published", "project.amended"}]
    if not said:
        return []
    notice = await published_notice(row["id"])
    # A window that an upheld objection opened again moved the closing time without touching the notice.
    closes_at = datetime.fromisoformat(said[-1].facts["sign_up_closes_at"])
    if notice_sha256(_as_announced(notice, closes_at)) == said[-1].facts["notice_sha256"]:
        return []
    shown = [name for name in ("title", "price_fen", "budget_fen") if _differs(notice, said, name)]
    what = f" ({', '.join(shown)})" if shown else ""
    return [
        Finding("altered", "project", row["number"], f"the notice does not read as it was published{what}", said[-1].id)
    ]


def _as_announced(notice: Notice, closes_at: datetime) -> Notice:
    """Live bidding moved with the close."""
    starts_at, moved = notice.bidding_starts_at, notice.sign_up_closes_at - closes_at
    return replace(notice, sign_up_closes_at=closes_at, bidding_starts_at=starts_at - moved if starts_at else None)


def _differs(notice: Any, said: list[Act], name: str) -> bool:
    """As far as single facts are recorded: published once, changed by amendments."""
    value = said[0].facts[name]
    for act in said[1:]:
        value = act.facts["changes"].get(name, [None, value])[1]
    return bool(getattr(notice, name) != value)
