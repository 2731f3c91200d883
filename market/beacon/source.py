"""Where rounds come from: one interface for the public network and for the local beacon."""

from typing import Protocol

from market.beacon.drand import DrandBeacon
from market.beacon.local import LocalBeacon
from market.beacon.rules import QUICKNET, Chain, Round
from market.kernel.clock import Clock
from market.kernel.settings import Settings


class Beacon(Protocol):
    """`demonstration` is true where whoever runs the beacon could look ahead: pages that rely on it must say so."""

    @property
    def chain(self) -> Chain: ...

    @property
    def demonstration(self) -> bool: ...

    async def round(self, number: int) -> Round | None:
        """The round with a verified signature, or None while it is not to be had: then ask again later."""
        ...

    async def close(self) -> None: ...


DEMONSTRATION = "demonstration market"
_in_force: Beacon | None = None


def open_beacon(settings: Settings, clock: Clock) -> Beacon:
    """The beacon that the settings name, which is from now on the one in force in this process."""
    if settings.beacon == "drand":
        if settings.clock_speed != 1:
            raise ValueError("drand runs in real time: use the local beacon with an accelerated clock")
        return put_in_force(DrandBeacon(QUICKNET, settings.drand_relays, clock))
    if settings.demo:
        # The demonstration is the same wherever it is built, its draws included; everybody could look ahead in it.
        return put_in_force(LocalBeacon.from_seed(DEMONSTRATION, clock))
    return put_in_force(LocalBeacon.from_key_file(settings.data_dir / "beacon-key.json", clock))


def put_in_force(beacon: Beacon) -> Beacon:
    """For the composition root and for tests."""
    global _in_force
    _in_force = beacon
    return beacon


def beacon_in_force() -> Beacon:
    """For jobs and sweeps, which have no request to take it from."""
    if _in_force is None:
        raise RuntimeError("no beacon was opened in this process")
    return _in_force
