"""The receipt of a sealed bid as a file."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from market.register.queries import entry, utc_text
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.bids.queries import BidView, private_of

HOW_TO_CHECK = (
    "ciphertext_sha256 is the SHA-256 of the sealed file, which your organisation can download while it is kept.",
    "register.proof leads to a proof that the entry is in the public log; the verifier of one file that the register"
    " publishes checks it.",
    "The entry names no project and no bidder. Its `private` is the SHA-256 of register.private.salt followed by"
    " register.private.facts, written as RFC 8785 JSON: who holds this receipt can show whose bid it was.",
    "At the beacon round the file opens for everybody: `tle -d` of drand and the dossier of the project show what is in it.",
)


async def receipt_of(
    project: ProjectView, bid: BidView, viewer: Viewer, opens_at: datetime | None, site: str
) -> bytes:  # fmt: skip
    """JSON: when, what, where it is recorded, and how to check all of it."""
    recorded = await entry(bid.entry_id)
    members: dict[str, Any] = {
        "format": "mingxuan-bid-receipt/1", "project": project.number, "title": project.title,
        "agency": viewer.organisation_code, "received_at": utc_text(bid.received_at), "sealed_by": bid.sealed_by,
        "nonce": bid.nonce, "ciphertext_sha256": bid.ciphertext_sha256,
        "beacon": {"chain": bid.beacon_chain, "round": bid.beacon_round, "opens_at": opens_at and utc_text(opens_at)},
        "register": {
            "entry": str(recorded.id), "number": recorded.written, "sha256": recorded.sha256,
            "page": f"{site}/register/entries/{recorded.id}", "proof": f"{site}/register/proof/{recorded.id}",
            "private": await private_of(recorded.id),
        },
        "ended": _ending(bid), "how_to_check": list(HOW_TO_CHECK),
    }  # fmt: skip
    return json.dumps(members, ensure_ascii=False, indent=2).encode()


def _ending(bid: BidView) -> dict[str, Any] | None:
    if bid.ended is None or bid.ended_at is None:
        return None
    return {
        "how": bid.ended,
        "at": utc_text(bid.ended_at),
        "entry": str(bid.end_entry_id) if bid.end_entry_id else None,
    }
