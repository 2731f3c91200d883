"""Canonical JSON (RFC 8785), quickly: nearly everything that the register holds is text and small numbers, which
Python's own encoder writes in the same way. A test compares the two."""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_LARGEST = 2**53 - 1
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: Any) -> bytes:
    """Raises ValueError for what RFC 8785 cannot say."""
    return _encode(value).encode() if _is_plain(value) else rfc8785.dumps(value)


def storable(value: Any) -> str:
    """The same as text for a jsonb column. Raises ValueError also for numbers that would come back as others: an entry
    that could not be written down again in the same way could never be hashed."""
    if not _is_plain(value):
        _check_numbers(value)
    return canonical(value).decode()


def _check_numbers(value: Any) -> None:
    if isinstance(value, float) and not abs(value) <= _LARGEST:
        raise ValueError(f"{value} is too large a number for the register")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            _check_numbers(one)


def _is_plain(value: Any) -> bool:
    """Whether the two encoders agree: numbers are safe integers, names are ASCII (others are sorted differently)."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(type(name) is str and name.isascii() and _is_plain(inner) for name, inner in value.items())
    if kind is int:
        return -_LARGEST <= int(value) <= _LARGEST
    return kind is list and all(map(_is_plain, value))
