"""Merkle trees as RFC 6962, section 2.1 defines them: hashes, which subtrees a proof is made of, and the checks of
RFC 9162, sections 2.1.3.2 and 2.1.4.2. Pure: where the hashes are kept is not known here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
# (level, number): the complete subtree over the leaves from number * 2**level up to (number + 1) * 2**level.
Node = tuple[int, int]


class ProofInvalid(Exception):
    """The proof does not prove what it should, in plain words for people who read logs."""


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring complete subtrees that get smaller from left to right."""
    above = hashes[-1]
    for left in reversed(hashes[:-1]):
        above = node_hash(left, above)
    return above


def complete_hash(hashes: Sequence[bytes]) -> bytes:
    """The hash over 2**n neighbouring subtrees of one size."""
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def cover(start: int, end: int) -> list[Node]:
    """The fewest complete subtrees that make up the leaves from `start` up to `end`, left to right."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The leaf ranges whose hashes prove a leaf, from its sibling up. Raises ProofInvalid outside of the tree."""
    if not 0 <= index < size:
        raise ProofInvalid(f"a tree of {size} leaves has no leaf {index}")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The leaf ranges whose hashes prove that the tree of `old` leaves is the beginning of that of `new` leaves.
    Raises ProofInvalid for an empty old tree (it is the beginning of everything: that proves nothing)."""
    if not 0 < old <= new:
        raise ProofInvalid(f"no consistency between {old} and {new} leaves can be proved")
    start, end, ranges = 0, new, []
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def root_of_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that the path leads to from the leaf's hash. Raises ProofInvalid when its length cannot be right."""
    if not 0 <= index < size:
        raise ProofInvalid(f"a tree of {size} leaves has no leaf {index}")
    here, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofInvalid("the path is longer than the tree is high")
        if here & 1 or here == last:
            root = node_hash(sibling, root)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofInvalid("the path is shorter than the tree is high")
    return root


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    if root_of_inclusion(leaf, index, size, path) != root:
        raise ProofInvalid(f"the path does not lead from leaf {index} to the root of the tree of {size} leaves")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Raises ProofInvalid unless the old tree is the beginning of the new one."""
    if not 0 < old <= new:
        raise ProofInvalid(f"no consistency between {old} and {new} leaves can be proved")
    if old == new:
        if path or old_root != new_root:
            raise ProofInvalid(f"two different trees of {old} leaves")
        return
    given = list(path) if old & (old - 1) else [old_root, *path]
    if not path or _both_roots(old, new, given) != (old_root, new_root):
        raise ProofInvalid(f"the tree of {old} leaves is not the beginning of the tree of {new} leaves")


def _both_roots(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_root = new_root = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the proof is longer than the tree is high")
        if here & 1 or here == last:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new_root = node_hash(new_root, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is shorter than the tree is high")
    return old_root, new_root


class Edge:
    """The right edge of a growing tree: the complete subtrees that cover it, from the largest to the smallest."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees at its edge")

    @property
    def root(self) -> bytes:
        return fold(self.hashes) if self.hashes else EMPTY_ROOT

    def add(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Takes one more leaf hash; returns the subtrees that it completed, smallest first, without the leaf."""
        completed = []
        number, level = self.size, 0
        while number & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            number, level = number >> 1, level + 1
            completed.append(((level, number), leaf))
        self.hashes.append(leaf)
        self.size += 1
        return completed
