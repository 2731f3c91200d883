from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.register.merkle import (
    EMPTY_ROOT,
    Edge,
    ProofInvalid,
    check_consistency,
    check_inclusion,
    complete_hash,
    consistency_ranges,
    cover,
    fold,
    inclusion_ranges,
    leaf_hash,
    root_of_inclusion,
)
from tests.register import naive

# The known answers of the Certificate Transparency test suite.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SIZES = st.integers(1, 300)


def entries(count: int) -> list[bytes]:
    return [number.to_bytes(4, "big") for number in range(count)]


def edge_of(leaves: list[bytes]) -> Edge:
    edge = Edge()
    for leaf in leaves:
        edge.add(leaf_hash(leaf))
    return edge


def range_hash(leaves: list[bytes], start: int, end: int) -> bytes:
    nodes = cover(start, end)
    return fold(
        [complete_hash([leaf_hash(leaf) for leaf in leaves[no << level : (no + 1) << level]]) for level, no in nodes]
    )


def inclusion(leaves: list[bytes], index: int) -> list[bytes]:
    return [range_hash(leaves, *part) for part in inclusion_ranges(index, len(leaves))]


def consistency(leaves: list[bytes], old: int) -> list[bytes]:
    return [range_hash(leaves, *part) for part in consistency_ranges(old, len(leaves))]


@pytest.mark.parametrize("size", ROOTS)
def test_known_roots(size: int) -> None:
    assert edge_of(LEAVES[:size]).root.hex() == ROOTS[size] == naive.root(LEAVES[:size]).hex()


def test_an_empty_tree_and_an_empty_leaf_are_different() -> None:
    assert EMPTY_ROOT == hashlib.sha256(b"").digest() != leaf_hash(b"")


@given(SIZES)
def test_a_tree_that_grows_has_the_root_of_the_whole(size: int) -> None:
    leaves = entries(size)
    assert edge_of(leaves).root == naive.root(leaves)


@given(SIZES, st.data())
def test_inclusion_like_the_definition(size: int, data: st.DataObject) -> None:
    index, leaves = data.draw(st.integers(0, size - 1)), entries(size)
    path = inclusion(leaves, index)
    assert path == naive.inclusion(index, leaves)
    check_inclusion(leaf_hash(leaves[index]), index, size, path, naive.root(leaves))


@given(SIZES, st.data())
def test_consistency_like_the_definition(size: int, data: st.DataObject) -> None:
    old, leaves = data.draw(st.integers(1, size)), entries(size)
    path = consistency(leaves, old)
    assert path == naive.consistency(old, leaves)
    check_consistency(old, naive.root(leaves[:old]), size, naive.root(leaves), path)


@given(st.integers(2, 200), st.data())
def test_nothing_else_is_included(size: int, data: st.DataObject) -> None:
    """Another leaf, index, size, a longer or shorter path, one changed bit: each is refused."""
    index, leaves = data.draw(st.integers(0, size - 1)), entries(size)
    leaf, path, root = leaf_hash(leaves[index]), inclusion(leaves, index), naive.root(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    place = data.draw(st.integers(0, len(path) - 1))
    bent = [*path[:place], bytes([path[place][0] ^ 1]) + path[place][1:], *path[place + 1 :]]
    for wrong in (
        (leaf_hash(leaves[other]), index, size, path), (leaf, other, size, path), (leaf, index, size, path[:-1]),
        (leaf, index, size, [*path, root]), (leaf, index, size, bent), (leaf, size, size, path), (leaf, -1, size, path),
    ):  # fmt: skip
        with pytest.raises(ProofInvalid):
            check_inclusion(*wrong, root)


@given(st.integers(2, 200), st.data())
def test_nothing_else_is_consistent(size: int, data: st.DataObject) -> None:
    old, leaves = data.draw(st.integers(1, size - 1)), entries(size)
    old_root, root, path = naive.root(leaves[:old]), naive.root(leaves), consistency(leaves, old)
    forged = naive.root([b"forged", *leaves[1:old]])
    place = data.draw(st.integers(0, len(path) - 1))
    bent = [*path[:place], bytes([path[place][0] ^ 1]) + path[place][1:], *path[place + 1 :]]
    for wrong in (
        (old, forged, size, root, path), (old, old_root, size, forged, path), (old, old_root, size, root, path[:-1]),
        (old, old_root, size, root, [*path, root]), (old, old_root, size, root, bent), (old, old_root, size, root, []),
        (0, EMPTY_ROOT, size, root, path), (size + 1, old_root, size, root, path),
    ):  # fmt: skip
        with pytest.raises(ProofInvalid):
            check_consistency(*wrong)


def test_one_size_has_one_tree() -> None:
    check_consistency(3, b"a" * 32, 3, b"a" * 32, [])
    with pytest.raises(ProofInvalid):
        check_consistency(3, b"a" * 32, 3, b"b" * 32, [])
    with pytest.raises(ProofInvalid):
        check_consistency(3, b"a" * 32, 3, b"a" * 32, [b"a" * 32])


@pytest.mark.parametrize(("old", "new"), [(0, 5), (-1, 5), (6, 5)])
def test_no_proof_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ProofInvalid):
        consistency_ranges(old, new)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_proof_outside_of_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofInvalid):
        inclusion_ranges(index, size)
    with pytest.raises(ProofInvalid):
        root_of_inclusion(b"", index, size, [])


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_cover_is_complete_and_aligned(start: int, length: int) -> None:
    place = start
    for level, number in cover(start, start + length):
        assert number << level == place
        place += 1 << level
    assert place == start + length


def test_every_completed_subtree_is_told_once() -> None:
    edge, told = Edge(), dict[tuple[int, int], bytes]()
    for leaf in entries(1000):
        told |= dict(edge.add(leaf_hash(leaf)))
    assert sorted(told) == sorted((level, no) for level in range(1, 10) for no in range(1000 >> level))
    assert told[(8, 2)] == naive.root(entries(1000)[512:768])


def test_an_edge_can_be_taken_up_again() -> None:
    first = edge_of(entries(700))
    again = Edge(700, first.hashes)
    again.add(leaf_hash(b"one more"))
    assert again.root == naive.root([*entries(700), b"one more"])
    with pytest.raises(ValueError, match="complete subtrees"):
        Edge(700, first.hashes[1:])
