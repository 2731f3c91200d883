"""From which device and network an entry came, as marks that only entries of the same project can be compared by.

A mark is a keyed hash; its key is made from the market's secret for one project alone, so that nobody can follow a device
or an address from project to project, or guess an address back without the secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Literal
from uuid import UUID

from market.accounts.passwords import digest
from market.kernel.settings import Secret

_ONE_CONNECTION: Final = 64  # bits of an IPv6 address that a subscriber keeps


@dataclass(frozen=True)
class Mark:
    kind: Literal["device", "network"]
    mark: str


def marks_of(key: Secret, project_id: UUID, *, device: str | None, address: str) -> tuple[Mark, ...]:
    """`device`: what the visitor's browser brings along since before it signed in; `address`: of the connection. An
    address that is not one of the public network says nothing and leaves no mark."""
    seen: list[tuple[Literal["device", "network"], str]] = []
    if device:
        seen.append(("device", device))
    if network := _network(address):
        seen.append(("network", network))
    return tuple(Mark(kind, digest(key, f"entry-mark|{project_id}", f"{kind}|{value}")) for kind, value in seen)


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return _network(str(found.ipv4_mapped))
        return str(ip_network((found, _ONE_CONNECTION), strict=False)) if found.is_global else ""
    return str(found) if found.is_global else ""
