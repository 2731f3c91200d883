"""Credit events, lists, and the rules that all of it follows from."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, Facts, canonical_sha256
from market.kernel.db import fetch, fetch_value
from market.register.audit import Finding
from ratings.credit.rules import points_text
from ratings.credit.standings import all_standings


def _points(facts: Facts) -> Facts:
    return facts | {"points": points_text(facts["points"], signed=True).replace("−", "-")}


def _content(facts: Facts) -> Facts:
    """The row keeps no fingerprint of its own: what its content comes to is what was published."""
    content = facts.pop("content")
    return facts | {"sha256": canonical_sha256(content)}


# Strikes and what undid them, each with the rating's project and parties.
_STRUCK = "p.number AS subject, s.at, s.decision, r.side, x.code AS rater, y.code AS rated FROM"
_PARTIES = (
    "JOIN rating r ON r.id = s.id JOIN project p ON p.id = r.project_id JOIN organisation x ON x.id = r.rater_id"
    " JOIN organisation y ON y.id = r.rated_id"
)
COMPARERS = (
    Comparer(
        "credit.event", "credit_event", ("evidence", "event", "organisation"), adjust=_points,
        sql="SELECT c.evidence_id AS evidence, c.kind AS event, o.code AS organisation, o.code AS subject, c.recorded_at AS at, c.points,"
        " c.rule FROM credit_event c JOIN organisation o ON o.id = c.organisation_id",
    ),
    Comparer(
        "rating.missing", "rating_window", ("subject",),
        sql="SELECT p.number AS subject, w.revealed_at AS at, o.code AS owner FROM rating_window w JOIN project p ON p.id = w.project_id"
        " JOIN organisation o ON o.id = w.owner_id WHERE w.revealed_at IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM rating r WHERE r.project_id = w.project_id AND r.side = 'owner')"
        # Windows that closed before such acts were recorded have none.
        " AND w.revealed_at >= (SELECT min(e.at) FROM register_entry e WHERE e.kind = 'rating.missing')",
    ),
    Comparer(
        "rating.struck", "rating", ("entry_id",),
        sql=f"SELECT s.entry_id, {_STRUCK} (SELECT id, struck_entry_id AS entry_id, struck_at AS at, struck_decision AS decision"
        " FROM rating WHERE struck_at IS NOT NULL UNION ALL SELECT rating_id, struck_entry_id, struck_at, decision"
        f" FROM rating_restored) s {_PARTIES}",
    ),
    Comparer(
        "rating.restored", "rating_restored", ("entry_id",),
        sql=f"SELECT s.entry_id, {_STRUCK} (SELECT rating_id AS id, entry_id, restored_at AS at, decision FROM rating_restored) s"
        f" {_PARTIES}",
    ),
    Comparer(
        "honour.proposed", "honour", ("honour",),
        sql="SELECT h.id AS honour, h.entry_id, o.code AS subject, o.code AS by, h.proposed_at AS at, h.level, h.title, h.issuer,"
        " h.awarded_on::text AS awarded_on FROM honour h JOIN organisation o ON o.id = h.organisation_id",
    ),
    Comparer(
        "honour.decided", "honour", ("honour",),
        sql="SELECT h.id AS honour, h.decision_entry_id AS entry_id, o.code AS subject, a.code AS by, h.decided_at AS at, h.level,"
        " h.outcome FROM honour h JOIN organisation o ON o.id = h.organisation_id JOIN organisation a ON a.id = h.authority_id"
        " WHERE h.outcome IS NOT NULL",
    ),
    Comparer(
        "honour.withdrawn", "honour", ("honour",),
        sql="SELECT h.id AS honour, h.withdrawal_entry_id AS entry_id, o.code AS subject, a.code AS by, h.withdrawn_at AS at, h.level"
        " FROM honour h JOIN organisation o ON o.id = h.organisation_id JOIN organisation a ON a.id = h.withdrawing_authority_id"
        " WHERE h.withdrawn_at IS NOT NULL",
    ),
    Comparer(
        "list.entered", "list_entry", ("entry",),
        sql="SELECT l.id AS entry, l.list, o.code AS organisation, o.code AS subject, l.reason, l.evidence_id AS evidence,"
        ' l.decided_at AS at, l.from_at AS "from", l.until_at AS until FROM list_entry l JOIN organisation o ON o.id = l.organisation_id',
    ),
    Comparer(
        "list.removed", "list_entry", ("entry",),
        sql="SELECT l.id AS entry, o.code AS organisation, l.removed_at AS at, l.removal_reason AS reason FROM list_entry l"
        " JOIN organisation o ON o.id = l.organisation_id WHERE l.removed_at IS NOT NULL",
    ),
    Comparer(
        "list.imported", "imported_list_upload", ("upload",),
        sql="SELECT u.id AS upload, u.entry_id, u.list, u.list AS subject, u.source, u.queried_at, u.file_sha256, u.lines,"
        " u.merged, u.added, u.changed, u.gone, u.kept, u.confirmed_at AS at FROM imported_list_upload u"
        " WHERE u.confirmed_at IS NOT NULL",
    ),
    Comparer(
        "catalogue.published", "catalogue_version", ("version",), json=("content",), adjust=_content,
        sql="SELECT version, content, loaded_at AS at, loaded_by AS by FROM catalogue_version",
    ),
    Comparer(
        "rulebook.published", "rulebook_version", ("version",), json=("content",), adjust=_content,
        sql="SELECT version, content, jurisdiction, loaded_at AS at, loaded_by AS by FROM rulebook_version",
    ),
)  # fmt: skip
# What holds must be what the latest upload of each list and source says, no code more and none less.
_UNFOUNDED = """
WITH latest AS (
    SELECT DISTINCT ON (list, source) id, list, source FROM imported_list_upload WHERE confirmed_at IS NOT NULL
    ORDER BY list, source, queried_at DESC
), said AS (
    SELECT u.list, u.source, f.code, f.name, f.entered_on, f.until_on FROM latest u JOIN imported_list_line f ON f.upload_id = u.id
), held AS (
    SELECT list, source, code, name, entered_on, until_on FROM imported_listing WHERE ended_at IS NULL
)
SELECT 'extra' AS kind, code, list FROM (SELECT * FROM held EXCEPT SELECT * FROM said) x
UNION ALL SELECT 'missing', code, list FROM (SELECT * FROM said EXCEPT SELECT * FROM held) y
"""


async def check_imported_lists() -> list[Finding]:
    """Listings against the files that were taken over."""
    return [
        Finding(row["kind"], "imported_listing", f"{row['list']} {row['code']}", "not as the latest upload says")
        for row in await fetch(_UNFOUNDED)
    ]


async def check_scores() -> list[Finding]:
    """No score is anything but the sum of its events: every account computed anew. One in which an event has expired
    since is about to be settled, and says nothing."""
    at = await fetch_value("SELECT max(computed_at) FROM credit_account")
    if at is None:
        return []
    stored = {
        row["organisation_id"]: row["points"]
        for row in await fetch(
            "SELECT organisation_id, points FROM credit_account WHERE next_change_at IS NULL OR next_change_at > $1", at
        )
    }
    return [
        Finding("altered", "credit_account", one.code,
                f"{points_text(stored[one.id])} is not the sum of its events: {points_text(one.position.points)}")
        for one in await all_standings(at)
        if stored.get(one.id, one.position.points) != one.position.points
    ]  # fmt: skip
