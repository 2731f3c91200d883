"""Credit events, lists, and the rules that all of it follows from."""

from __future__ import annotations

import hashlib

from market.cli.audit.comparing import Comparer, Facts
from market.register.canonical import canonical
from ratings.credit.rules import points_text


def _points(facts: Facts) -> Facts:
    return facts | {"points": points_text(facts["points"], signed=True).replace("−", "-")}


def _content(facts: Facts) -> Facts:
    """The fingerprint of an edition is computed anew from what is stored."""
    content = facts.pop("content")
    return facts | {"sha256": hashlib.sha256(canonical(content)).hexdigest()}


COMPARERS = (
    Comparer(
        "credit.event", "credit_event", ("evidence", "event", "organisation"), adjust=_points,
        sql="SELECT c.evidence_id AS evidence, c.kind AS event, o.code AS organisation, o.code AS subject, c.recorded_at AS at, c.points,"
        " c.rule FROM credit_event c JOIN organisation o ON o.id = c.organisation_id",
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
        "catalogue.published", "catalogue_version", ("version",), json=("content",), adjust=_content,
        sql="SELECT version, content, loaded_at AS at, loaded_by AS by FROM catalogue_version",
    ),
    Comparer(
        "rulebook.published", "rulebook_version", ("version",), json=("content",), adjust=_content,
        sql="SELECT version, content, jurisdiction, loaded_at AS at, loaded_by AS by FROM rulebook_version",
    ),
)  # fmt: skip
