"""Live bids."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer
from market.kernel.db import fetch
from market.register.audit import Finding

COMPARERS = (
    Comparer(
        "bidding.closed", "live_bidding_end", ("subject", "starts_at"),
        sql="SELECT p.number AS subject, e.starts_at, e.closed_at AS at FROM live_bidding_end e"
        " JOIN project p ON p.id = e.project_id",
    ),
    Comparer(
        "bid.live", "live_bid", ("entry_id",),
        sql="SELECT entry_id, 'sealed' AS subject, received_at AS at FROM live_bid",
    ),
)  # fmt: skip
_DIFFERENT = """
SELECT b.id, b.entry_id, x.facts ->> 'agency' AS agency, x.facts ->> 'quoted' AS quoted FROM live_bid b
JOIN project p ON p.id = b.project_id JOIN organisation o ON o.id = b.agency_id JOIN register_private x ON x.entry_id = b.entry_id
WHERE (x.facts ->> 'agency', x.facts ->> 'project', x.facts ->> 'quoted', x.facts ->> 'round')
      IS DISTINCT FROM (o.code, p.number, b.quoted::text, b.no::text)
"""
# A bid of another bidding of its project than the one in which it came would be left out of the decision.
_ELSEWHERE = """
SELECT b.id, b.entry_id FROM live_bid b JOIN project p ON p.id = b.project_id
WHERE b.starts_at <> (SELECT max(s.starts_at) FROM (SELECT p.bidding_starts_at AS starts_at UNION ALL
      SELECT e.starts_at FROM live_bidding_end e WHERE e.project_id = p.id) s WHERE s.starts_at <= b.received_at)
"""


async def check_live_bids() -> list[Finding]:
    """Whose bid it is, for what and how much, the register knows by a digest: the facts behind it must say the same."""
    return [
        *(Finding("altered", "live_bid", str(row["id"]), f"recorded as {row['quoted']} of {row['agency']}", row["entry_id"])
          for row in await fetch(_DIFFERENT)),
        *(Finding("altered", "live_bid", str(row["id"]), "it did not come in this bidding", row["entry_id"])
          for row in await fetch(_ELSEWHERE)),
    ]  # fmt: skip
