"""Where a reader of a list stands: a number that only we can make, so that nobody guesses or asks for what never was."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.settings import Secret
from market.web.problems import Problem, Unprocessed

_POSITION, _SEAL = 8, 12  # bytes


def cursor(key: Secret, listing: str, position: int) -> str:
    """Opaque text for the place after `position` in the list called `listing`; 0 <= position < 2**63."""
    place = position.to_bytes(_POSITION, "big")
    return base64.urlsafe_b64encode(place + _seal(key, listing, place)).decode().rstrip("=")


def position_of(key: Secret, listing: str, text: str | None) -> int:
    """The position after which to go on; -1 from the beginning. Raises Unprocessed (400) for what is no cursor of this
    list."""
    if not text:
        return -1
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raw = b""
    place, seal = raw[:_POSITION], raw[_POSITION:]
    if len(raw) != _POSITION + _SEAL or not hmac.compare_digest(seal, _seal(key, listing, place)):
        raise Unprocessed(_no_cursor())
    return int.from_bytes(place, "big")


def _seal(key: Secret, listing: str, place: bytes) -> bytes:
    return hmac.new(key.reveal().encode(), b"cursor|" + listing.encode() + b"|" + place, hashlib.sha256).digest()[
        :_SEAL
    ]


def _no_cursor() -> Problem:
    return Problem(
        400, "cursor.invalid", Message(N_("This is no cursor of this list.")),
        Message(N_("Send back `next` of the last answer unchanged, or leave `after` out to begin again.")),
    )  # fmt: skip
