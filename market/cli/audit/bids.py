"""Sealed bids and sealed sign-ups. The register names neither project nor agency: the private facts behind it do."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer
from market.kernel.db import fetch
from market.register.audit import Finding
from projects.selection.bids.rules import SEALED, sealed_methods

_HEAD = f"'{SEALED}' AS subject"
COMPARERS = (
    Comparer(
        "bid.sealed", "sealed_bid", ("entry_id",),
        sql=f"SELECT entry_id, {_HEAD}, received_at AS at, ciphertext_sha256 FROM sealed_bid",
    ),
    Comparer(
        "bid.replaced", "sealed_bid", ("entry_id",),
        sql=f"SELECT end_entry_id AS entry_id, {_HEAD}, ended_at AS at, ciphertext_sha256 FROM sealed_bid WHERE ended = 'replaced'",
    ),
    Comparer(
        "bid.withdrawn", "sealed_bid", ("entry_id",),
        sql=f"SELECT end_entry_id AS entry_id, {_HEAD}, ended_at AS at, ciphertext_sha256 FROM sealed_bid WHERE ended = 'withdrawn'",
    ),
    Comparer(
        "sign_up.sealed", "sign_up", ("entry_id",),
        sql=f"SELECT s.entry_id, {_HEAD}, s.signed_up_at AS at FROM sign_up s JOIN project p ON p.id = s.project_id"
        " WHERE p.method = 'multi_round' AND NOT EXISTS (SELECT 1 FROM sealed_bid b WHERE b.entry_id = s.entry_id)",
    ),
    Comparer(
        "sign_up.sealed_withdrawn", "sign_up", ("entry_id",),
        sql=f"SELECT s.withdrawal_entry_id AS entry_id, {_HEAD}, s.withdrawn_at AS at FROM sign_up s"
        " JOIN register_entry e ON e.id = s.withdrawal_entry_id AND e.kind = 'sign_up.sealed_withdrawn'",
    ),
)  # fmt: skip


async def check_owners() -> list[Finding]:
    """Whose bid it is, for which project and under which nonce, as far as the private facts behind the register are still
    there; and a beacon round that its project committed to."""
    rows = await fetch(
        "SELECT b.id, b.entry_id FROM sealed_bid b JOIN organisation o ON o.id = b.agency_id JOIN project p ON p.id = b.project_id"
        " JOIN register_private x ON x.entry_id IN (b.entry_id, b.end_entry_id)"
        " WHERE (x.facts ->> 'agency', x.facts ->> 'project', x.facts ->> 'bid') IS DISTINCT FROM (o.code, p.number, b.id::text)"
        " OR x.facts ->> 'nonce' <> b.nonce ORDER BY b.id"
    )
    strange = await fetch(
        "SELECT b.id, b.entry_id FROM sealed_bid b WHERE NOT EXISTS (SELECT 1 FROM selection_round r"
        " WHERE (r.project_id, r.beacon_chain, r.beacon_round) = (b.project_id, b.beacon_chain, b.beacon_round)) ORDER BY b.id"
    )
    told = (
        (rows, "recorded for another agency, project, bid or nonce"),
        (strange, "its project names no such beacon round"),
    )
    return [
        Finding("altered", "sealed_bid", str(row["id"]), what, row["entry_id"]) for found, what in told for row in found
    ]


async def check_standing() -> list[Finding]:
    """A bid stands on a sign-up of its own agency and project that holds, and its file is what was recorded."""
    rows = await fetch(
        "SELECT b.id, b.entry_id, CASE WHEN (s.agency_id, s.project_id) IS DISTINCT FROM (b.agency_id, b.project_id)"
        "   THEN 'it hangs on a sign-up of somebody else'"
        "  WHEN s.withdrawn_at IS NOT NULL AND NOT s.withdrawn_after_close THEN 'it stands, its sign-up does not'"
        "  ELSE 'its file is not the one that was recorded' END AS what"
        " FROM sealed_bid b JOIN sign_up s ON s.id = b.sign_up_id WHERE b.ended IS NULL AND ("
        "  (s.agency_id, s.project_id) IS DISTINCT FROM (b.agency_id, b.project_id)"
        "  OR s.withdrawn_at IS NOT NULL AND NOT s.withdrawn_after_close"
        "  OR encode(sha256(convert_to(b.ciphertext, 'UTF8')), 'hex') <> b.ciphertext_sha256) ORDER BY b.id"
    )
    lost = await fetch(
        "SELECT s.id, s.entry_id FROM sign_up s JOIN project p ON p.id = s.project_id JOIN register_entry e ON e.id = s.entry_id"
        " WHERE p.method = ANY ($1) AND (e.kind NOT IN ('bid.sealed', 'sign_up.sealed') OR e.kind = 'bid.sealed' AND NOT EXISTS"
        " (SELECT 1 FROM sealed_bid b WHERE b.entry_id = s.entry_id AND b.agency_id = s.agency_id AND b.project_id = s.project_id))"
        " ORDER BY s.id",
        sealed_methods(),
    )
    return [
        *(Finding("altered", "sealed_bid", str(row["id"]), row["what"], row["entry_id"]) for row in rows),
        *(Finding("altered", "sign_up", str(row["id"]), "the bid that it came with is not there", row["entry_id"])
          for row in lost),
    ]  # fmt: skip
