"""Taking note of a round: asked for outside, written down inside a transaction."""

from datetime import datetime

from market.beacon import bls, queries
from market.beacon.rules import BeaconInvalid, Round
from market.beacon.source import Beacon
from market.kernel.db import DB, execute, transaction
from market.kernel.ids import new_id


async def obtain_round(beacon: Beacon, number: int, *, now: datetime) -> Round | None:
    """The verified round `number`, stored from now on; None while it is not public or no relay has it.

    May ask the network, so it must be called before the transaction of the act that needs the round.
    """
    if DB.current_transaction.get() is not None:
        raise RuntimeError("ask the beacon before opening the transaction: it may take seconds to answer")
    known = await queries.stored_round(beacon.chain, number)
    if known is not None:
        return known
    found = await beacon.round(number)
    if found is None:
        return None
    if found.number != number or not bls.signature_is_valid(beacon.chain.public_key, number, found.signature):
        raise BeaconInvalid(f"the beacon gave a false signature of round {number}")
    async with transaction():
        await execute(
            "INSERT INTO beacon_round (id, chain, round, signature, received_at) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (chain, round) DO NOTHING",
            new_id(),
            beacon.chain.hash,
            number,
            found.signature,
            now,
        )
    return found
