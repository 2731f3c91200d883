"""Reviews of red flags."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, words_altered
from market.register.audit import Finding

COMPARERS = (
    Comparer(
        "flag.reviewed", "flag", ("subject",),
        sql="SELECT f.number AS subject, f.entry_id, f.closed_at AS at, a.code AS by, f.screen, f.version, f.outcome,"
        " f.decision_id AS decision FROM flag f JOIN organisation a ON a.id = f.authority_id WHERE f.closed_at IS NOT NULL",
    ),
)  # fmt: skip


async def check_reasons() -> list[Finding]:
    return await words_altered(
        "flag",
        "SELECT e.id, f.number AS name FROM flag f JOIN register_entry e ON e.id = f.entry_id"
        " JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> 'reason' IS DISTINCT FROM f.reason",
    )
