"""How a call to an organisation's program is signed, where it may go, and what follows from its answer. Pure.

The signature is that of the Standard Webhooks specification: HMAC-SHA256 over id, time and body with the endpoint's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (the prefix that the specification gives to secrets)
SECRET_BYTES: Final = 32
ROTATION: Final = timedelta(hours=24)
REFUSED_TRIES: Final = 5
MOST_ENDPOINTS: Final = 5
_GONE: Final = 410
_LATER: Final = frozenset({408, 425, 429})
_NAT64: Final = IPv6Network("64:ff9b::/96")
Address = IPv4Address | IPv6Address


def signature(secret: str, call_id: str, timestamp: int, body: str) -> str:
    """One entry of the webhook-signature header."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    mac = hmac.new(key, f"{call_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def signed_headers(secrets: Sequence[str], call_id: str, timestamp: int, body: str) -> dict[str, str]:
    """Signed by every secret in force, so that a receiver can change to a new one at any moment of the change."""
    return {
        "webhook-id": call_id, "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, call_id, timestamp, body) for one in secrets),
    }  # fmt: skip


class BadTarget(Exception):
    """Why nothing is sent there, as a word: scheme, host, user, private, unknown."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def target_of(url: str, *, to_this_machine: bool = False) -> SplitResult:
    """The parts of an address that a webhook may have. Raises BadTarget. `to_this_machine`: http to loopback passes, for
    tests and the demonstration."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadTarget("host") from None
    if not parts.hostname or port == 0 or any(char.isspace() or char == "\\" or ord(char) < 33 for char in url):
        raise BadTarget("host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadTarget("user")
    literal = literal_address(parts.hostname)
    near = to_this_machine and (literal.is_loopback if literal else parts.hostname == "localhost")
    if parts.scheme != "https" and not (near and parts.scheme == "http"):
        raise BadTarget("scheme")
    if literal is not None:
        check_public(literal, to_this_machine=to_this_machine)
    return parts


def literal_address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def check_public(address: Address, *, to_this_machine: bool = False) -> None:
    """Raises BadTarget unless the whole internet can reach it: nothing private, loopback, link-local (the metadata of cloud
    machines among it), shared, multicast or reserved, however it is wrapped into IPv6."""
    inner = _unwrapped(address)
    if to_this_machine and inner.is_loopback:
        return
    if not inner.is_global or inner.is_multicast or inner.is_reserved or inner.is_unspecified:
        raise BadTarget("private")


def _unwrapped(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address


class Outcome(StrEnum):
    """DELIVERED; AGAIN: later; SET_ASIDE: the receiver does not want this one; GONE: it wants none any more."""

    DELIVERED = "delivered"
    AGAIN = "again"
    SET_ASIDE = "set_aside"
    GONE = "gone"


def outcome_of(status: int | None, tries: int) -> Outcome:
    """`status`: None where no answer came; `tries`: how often it was tried, this time included."""
    if status is not None and 200 <= status < 300:
        return Outcome.DELIVERED
    if status == _GONE:
        return Outcome.GONE
    refused = status is not None and 400 <= status < 500 and status not in _LATER
    return Outcome.SET_ASIDE if refused and tries >= REFUSED_TRIES else Outcome.AGAIN


class Health(StrEnum):
    FINE = "fine"
    WARN = "warn"
    OFF = "off"


def health(failing_since: datetime | None, now: datetime, *, warn: timedelta, off: timedelta) -> Health:
    """What so long a failure leads to: the organisation is warned, then the endpoint is turned off."""
    if failing_since is None or now < failing_since + warn:
        return Health.FINE
    return Health.OFF if now >= failing_since + off else Health.WARN
