"""What authorities did at their desks."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer

COMPARERS: tuple[Comparer, ...] = (
    Comparer(
        "project.reminded", "step_reminder", ("subject", "at", "step"),
        sql="SELECT p.number AS subject, r.entry_id, r.sent_at AS at, a.code AS by, r.step, r.due_at FROM step_reminder r"
        " JOIN project p ON p.id = r.project_id JOIN organisation a ON a.id = r.authority_id",
    ),
)  # fmt: skip
