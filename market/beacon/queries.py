"""Reading rounds; everything here is public."""

from dataclasses import dataclass
from datetime import datetime

from market.beacon import bls
from market.beacon.rules import BeaconInvalid, Chain, Round, round_time
from market.kernel.db import fetch, fetch_one


@dataclass(frozen=True)
class UsedRound:
    """A stored round as the page about the beacon lists it."""

    published: Round
    public_at: datetime
    received_at: datetime


async def stored_round(chain: Chain, number: int) -> Round | None:
    """A round the market already relied on, verified again; BeaconInvalid if somebody altered the table."""
    row = await fetch_one("SELECT signature FROM beacon_round WHERE chain = $1 AND round = $2", chain.hash, number)
    if row is None:
        return None
    found = Round(number, bytes(row["signature"]))
    if not bls.signature_is_valid(chain.public_key, number, found.signature):
        raise BeaconInvalid(f"the stored signature of round {number} is not the beacon's")
    return found


async def used_rounds(chain: Chain, limit: int = 20) -> list[UsedRound]:
    """The rounds relied on last, newest first."""
    rows = await fetch(
        "SELECT round, signature, received_at FROM beacon_round WHERE chain = $1 ORDER BY round DESC LIMIT $2",
        chain.hash,
        limit,
    )
    return [
        UsedRound(Round(row["round"], bytes(row["signature"])), round_time(chain, row["round"]), row["received_at"])
        for row in rows
    ]
