"""RFC 6962, section 2.1, as it is written there: slow, recursive, obviously right."""

from __future__ import annotations

import hashlib


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def root(entries: list[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + root(entries[:k]) + root(entries[k:])).digest()


def inclusion(index: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*inclusion(index, entries[:k]), root(entries[k:])]
    return [*inclusion(index - k, entries[k:]), root(entries[:k])]


def consistency(old: int, entries: list[bytes], *, complete: bool = True) -> list[bytes]:
    if old == len(entries):
        return [] if complete else [root(entries)]
    k = split(len(entries))
    if old <= k:
        return [*consistency(old, entries[:k], complete=complete), root(entries[k:])]
    return [*consistency(old - k, entries[k:], complete=False), root(entries[:k])]
