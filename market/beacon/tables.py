from piccolo.columns import UUID, BigInt, Bytea, Text, Timestamptz
from piccolo.table import Table

from market.kernel.db import DB


class BeaconRound(Table, db=DB, tablename="beacon_round"):
    """A verified round that the market relied on."""

    id = UUID(primary_key=True, default=None, null=False)
    chain = Text(default=None, null=False)
    round = BigInt(default=None, null=False)
    signature = Bytea(default=None, null=False)
    received_at = Timestamptz(default=None, null=False)
