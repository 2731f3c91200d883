"""What the market signs for itself: codes that confirm addresses, links that end e-mails. Nothing of it is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from market.kernel.settings import Secret
from market.notices.rules import CODE_DIGITS


def _mac(key: Secret, purpose: str, text: str) -> bytes:
    return hmac.new(key.reveal().encode(), f"{purpose}|{text}".encode(), hashlib.sha256).digest()


def same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def code_of(key: Secret, address_id: UUID, asked_at: datetime) -> str:
    """The code that went to an address: another one for each time it was asked for."""
    mac = _mac(key, "message-code", f"{address_id}:{asked_at.isoformat()}")
    return str(int.from_bytes(mac[:8], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def unsubscribe_token(key: Secret, person_id: UUID, event_id: str) -> str:
    """`event_id`: "" for every e-mail."""
    mac = _mac(key, "message-stop", f"{person_id}:{event_id}")[:16]
    return f"{person_id.hex}.{event_id or 'all'}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def read_unsubscribe_token(key: Secret, token: str) -> tuple[UUID, str] | None:
    """(person, event id or "" for all) of a link of ours; None for anything else."""
    person, _, rest = token.partition(".")
    event_id, _, _ = rest.rpartition(".")
    try:
        person_id = UUID(hex=person)
    except ValueError:
        return None
    event_id = "" if event_id == "all" else event_id
    return (person_id, event_id) if same(token, unsubscribe_token(key, person_id, event_id)) else None
