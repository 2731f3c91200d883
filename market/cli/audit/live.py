"""Live bids."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer
from market.kernel.db import fetch
from market.register.audit import Finding

COMPARERS = (
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


async def check_live_bids() -> list[Finding]:
    """Whose bid it is, for what and how much, the register knows by a digest: the facts behind it must say the same."""
    return [
        Finding(
            "altered", "live_bid", str(row["id"]), f"recorded as {row['quoted']} of {row['agency']}", row["entry_id"]
        )
        for row in await fetch(_DIFFERENT)
    ]
