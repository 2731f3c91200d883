"""How queries are understood and texts read aloud: pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.search.interface import Document
from market.search.postgres import row_of
from market.search.reading import reading_of, spelt_in
from market.search.spelling import SYLLABLES, Reading, spellings_of, terms_of_reading
from market.search.synonyms import Synonyms, synonyms
from market.search.words import LONGEST, MOST_WORDS, exact, folded, question, terms_of, words_of

ANYTHING = st.text(max_size=300) | st.text(alphabet="ce hui'测绘大学GB/T%_\\-&|!:*()<>\x00\ud83d😀　", max_size=60)


@given(ANYTHING)
def test_every_text_becomes_few_safe_words(text: str) -> None:
    words = words_of(text)
    assert len(words) <= MOST_WORDS
    assert all(word == word.lower() and len(word) <= LONGEST and "\x00" not in word for word in words)
    for one in question(text, synonyms(), typing=True):
        terms = [term for way in one.texts for term in terms_of(way)] + [t for s in one.spellings for t in s.terms]
        assert terms, "a word that may be searched for has terms"
        assert not any(sign in term.removesuffix(":*")[1:-1] for term in terms for sign in "'\\&|!()<>:*")


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=5))
def test_whole_pinyin_finds_what_is_read_so(syllables: list[str]) -> None:
    reading = Reading(" qing " + " ".join(syllables) + " suo")
    spelt = spellings_of("'".join(syllables))
    if len("".join(syllables)) > 1:
        assert any(reading.says(one) and one.parts == tuple(syllables) for one in spelt)
        indexed = set(terms_of_reading(reading))
        meant = next(one for one in spelt if one.parts == tuple(syllables))
        exact_terms = [term.strip("'") for term in meant.terms if not term.endswith(":*")]
        assert set(exact_terms) <= indexed


@pytest.mark.parametrize(
    ("text", "typed"),
    [("中国测绘大学", "chdx"), ("地形测绘", "cehui"), ("地形测绘", "dixingcehui"), ("西安测绘", "xian"), ("西安测绘", "xi'an"),
     ("给排水设计", "jipaishui"), ("单县规划", "shanxian"), ("重庆会计", "chongqingkuaiji"), ("青岛恒测", "qdhc"), ("环评", "hp")],
)  # fmt: skip
def test_what_people_type_for_it(text: str, typed: str) -> None:
    assert any(reading_of(text).says(one) for one in spellings_of(typed))


@pytest.mark.parametrize("typed", ["bim", "gis", "rtk", "v5", "a", "测绘", "c++"])
def test_what_is_no_pinyin(typed: str) -> None:
    assert not any(one.way == "syllables" for one in spellings_of(typed))


def test_the_beginning_of_a_syllable_counts_while_it_is_typed() -> None:
    assert not any(one.way == "syllables" for one in spellings_of("ceh"))
    assert any(reading_of("测绘").says(one) for one in spellings_of("ceh", typing=True))


def test_readings_stop_at_whatever_is_not_chinese() -> None:
    assert reading_of("测绘GB/T绘图") == Reading(" ce hui| hui tu", "ch|ht")
    assert terms_of_reading(reading_of("测绘")) == ("~ce hui", "~hui", "^ch", "^h")


def test_texts_and_questions_are_compared_in_simplified_characters_and_plain_width() -> None:
    assert words_of("測\u200b繪　ＧＢ／Ｔ \u202e後臺") == ("测绘", "gb/t", "后台")
    assert folded("乾隆年间著作权") == "乾隆年间著作权"  # characters of both scripts stay
    row = row_of(Document("things", "1", "臺灣路測繪"))
    assert (row["title"], row["named"], row["initials"]) == ("臺灣路測繪", "台湾路测绘", "twlch;;")
    assert spelt_in("臺灣路測繪", spellings_of("cehui")[0]) == {"测绘"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [("“污水处理”", ("污水处理",)), ("测绘、监理，青岛", ("测绘", "监理", "青岛")), ("青岛（集团）有限公司", ("青岛", "集团", "有限公司")),
     ("项目：'测绘'", ("项目", "测绘")), ("xi’an GB/T MX-2026 -测绘", ("xi'an", "gb/t", "mx-2026", "测绘")), ("C++ 3.5", ("c", "3.5"))],
)  # fmt: skip
def test_quotes_brackets_and_points_stand_between_words(typed: str, words: tuple[str, ...]) -> None:
    assert words_of(typed) == words


def test_terms_and_when_they_are_enough() -> None:
    assert terms_of("污水处理") == ("'污水'", "'水处'", "'处理'")
    assert terms_of("gb/t") == ("'gb':*",)
    assert (exact("污水"), exact("污水处理"), exact("bim"), exact("gb/t")) == (True, False, True, False)


def test_synonyms_hold_both_ways_and_belong_to_one_group() -> None:
    table = synonyms()
    assert "环境影响评价" in table.of("环评") and "环评" in table.of("环境影响评价")
    assert table.of("造价") == ("工程造价",)
    with pytest.raises(ValueError, match="two groups"):
        Synonyms((("甲", "乙"), ("乙", "丙")))
