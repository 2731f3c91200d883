"""What rests on the tokenizer of the real server, proved with what it really makes of our texts (tests/search/charabia)."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from market.search.meilisearch.documents import as_json
from market.search.meilisearch.queries import attempts
from market.search.meilisearch.texts import written
from market.search.words import folded, runs_of
from tests.search.charabia import cut, texts
from tests.search.corpus import corpus
from tests.search.meilisearch.fake.matching import tokens
from tests.search.test_contract import CLASSES

REAL = cut()


def pieces() -> dict[str, set[tuple[str, ...]]]:
    """Piece -> every way in which the real tokenizer cut it, in whatever text it stood."""
    found: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for text, real in REAL.items():
        left = list(real)
        for piece in text.split():
            row: list[str] = []
            while "".join(row) != piece:
                row.append(left.pop(0))
            found[piece].add(tuple(row))
        assert not left
    return found


def test_what_we_send_is_cut_the_same_way_wherever_it_stands() -> None:
    found = pieces()
    assert len(found) > 1000
    assert {piece: ways for piece, ways in found.items() if len(ways) > 1} == {}
    whole = {piece for piece, ways in found.items() if (piece,) in ways}
    assert all(piece in whole for piece in found if piece.isascii())  # codes, pinyin and initials are never cut
    assert "测绘" in whole and "形测" not in whole


def test_the_server_of_the_tests_cuts_like_the_real_one() -> None:
    assert {text: tokens(text) for text in REAL} == REAL


def test_all_that_the_contract_searches_for_and_in_was_cut_by_the_real_one() -> None:
    """So its recall and precision are those of real tokens."""
    known = pieces()
    told = [as_json(one) for one in corpus(1000)]
    sent = {text for one in told for name in ("title", "service", "company", "body") for text in one[name]}
    asked = {attempts(text)[0].q.replace('"', "") for queries in CLASSES.values() for text in queries}
    chinese = {piece for text in sent | asked for piece in text.split() if not piece.isascii() and len(piece) > 1}
    assert chinese - known.keys() <= {"没有", "有这", "这个", "个词"}


def test_every_part_of_a_text_is_found_in_it_by_its_real_tokens() -> None:
    for text in texts():
        real = REAL[written(text)]
        for run in (one for one in runs_of(folded(text)) if not one.isascii()):
            for start, end in combinations(range(len(run) + 1), 2):
                row = tokens(written(run[start:end]))
                assert end - start == 1 or row in windows(real, len(row)), run[start:end]


def windows(row: tuple[str, ...], size: int) -> set[tuple[str, ...]]:
    return {row[place : place + size] for place in range(len(row) - size + 1)}
