"""Identifiers: UUIDv7, ordered by time so that indexes stay compact."""

from __future__ import annotations

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()
