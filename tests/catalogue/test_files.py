"""Data files with mistakes: all of them are named at once, none is let through."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from market.catalogue import files

Content = dict[str, Any]


def problems_of(read: Callable[[Content], object], content: Content) -> list[str]:
    with pytest.raises(files.DataInvalid) as caught:
        read(content)
    return caught.value.problems


@pytest.fixture
def book() -> Content:
    return files.rulebook_content(files.read_rulebook(files.DATA / "rulebook-2025-1.toml"))


@pytest.fixture
def catalogue() -> Content:
    return files.catalogue_content(files.read_catalogue())


def entry(content: Content, name: str, code: str) -> Content:
    found: Content = next(row for row in content[name] if code in (row.get("code"), row.get("key")))
    return found


def test_contents_survive_the_way_to_json_and_back(book: Content, catalogue: Content) -> None:
    assert files.rulebook_content(files.rulebook_from(book)) == book
    assert files.catalogue_content(files.catalogue_from(catalogue)) == catalogue


def test_all_wrong_fields_are_listed_together(book: Content) -> None:
    entry(book, "rule", "credit.base")["unit"] = "parsecs"
    entry(book, "rule", "credit.base")["value"] = 1.5
    del entry(book, "rule", "credit.cap")["source"]
    entry(book, "rule", "credit.floor")["sauce"] = "default"
    entry(book, "rule", "lamp.yellow_days")["title"] = {"zh": "黄灯", "en": "Yellow", "fr": "Jaune"}
    book["colour"] = "red"
    problems = problems_of(files.rulebook_from, book)
    for part in (
        "colour: no such list or field",
        "rule credit.base: value:",
        "rule credit.base: unit:",
        "rule credit.cap: source is missing",
        "rule credit.floor: no field 'sauce'",
        "rule lamp.yellow_days: title: no field 'fr'",
    ):
        assert any(problem.startswith(part) for problem in problems), part
    assert len(problems) == 6


@pytest.mark.parametrize(
    ("key", "change", "problem"),
    [
        ("credit.base", {"value": -1}, "is negative"),
        ("credit.base", {"value": True}, "points takes int, not True"),
        ("lamp.yellow_share", {"value": 10_001}, "is more than the whole"),
        ("draw.algorithm", {"value": 7}, "text takes str, not 7"),
        ("objection.blocks_contract", {"value": 1}, "flag takes bool, not 1"),
        ("objection.blocks_contract", {"value": False}, "the system cannot follow [False]"),
        ("selection.scored.price_formula", {"value": "mean-over-own"}, "the system cannot follow ['mean-over-own']"),
        ("entry.barred_lists", {"value": ["bribery", "gossip"]}, "the system cannot follow ['gossip']"),
        ("credit.bands", {"value": []}, "points takes int, not ()"),
        ("credit.base", {"source": "hearsay"}, "no source 'hearsay'"),
        ("credit.base", {"verified": True}, "a platform default cannot be verified"),
        ("credit.base", {"effective_from": "2030-01-01"}, "takes effect later than the rulebook"),
        ("credit.base", {"jurisdiction": "Qingdao"}, "jurisdiction: 'Qingdao' is no six-digit region code"),
        ("credit.base", {"title": {"zh": "基础分", "en": " "}}, "title: both languages are needed"),
    ],
)
def test_a_rule_that_makes_no_sense(book: Content, key: str, change: Content, problem: str) -> None:
    entry(book, "rule", key).update(change)
    assert problems_of(files.rulebook_from, book) == [f"rule {key}: {problem}"]


def test_rules_stand_in_groups_once(book: Content) -> None:
    book["rule"].append(dict(entry(book, "rule", "credit.base")))
    assert problems_of(files.rulebook_from, book) == ["rule credit.base: listed 2 times"]
    book["rule"].pop()
    entry(book, "rule", "draw.algorithm")["key"] = "lottery.algorithm"
    assert problems_of(files.rulebook_from, book) == ["rule lottery.algorithm: no group 'lottery'"]


def test_groups_and_sources_nobody_uses(book: Content) -> None:
    title = {"zh": "空", "en": "Empty"}
    book["group"].append({"code": "empty", "title": title})
    book["source"].append({"code": "unread", "title": title, "url": ""})
    assert problems_of(files.rulebook_from, book) == ["group empty: has no rules", "source unread: no rule cites it"]


@pytest.mark.parametrize(
    ("name", "code", "change", "problem"),
    [
        ("region", "370202", {"parent": "370900"}, "region 370202: does not begin like its parent 370900"),
        ("region", "370202", {"parent": "370299"}, "region 370202: parent '370299' is missing"),
        ("region", "370202", {"tier": "province"}, "region 370202: a province cannot lie in a city"),
        ("item", "A002", {"service_class": "Z"}, "item A002: no class 'Z'"),
        ("item", "A002", {"days": 0}, "item A002: takes at least one working day"),
        ("item", "A002", {"regulators": []}, "item A002: has no regulator"),
        ("item", "A002", {"regulators": ["nobody"]}, "item A002: no regulator 'nobody'"),
        ("item", "A002", {"related": ["nothing"]}, "item A002: no qualification 'nothing'"),
        ("item", "A002", {"related": ["cma"]}, "item A002: cma is in force: it belongs to the requirements"),
        ("item", "A002", {"source": "default"}, "item A002: what nobody else has written down cannot be verified"),
        ("bundle", "three-surveys", {"items": ["C006", "C006"]}, "bundle three-surveys: item C006 is listed twice"),
        ("bundle", "three-surveys", {"items": ["C006", "C999"]}, "bundle three-surveys: no item 'C999'"),
        ("bundle", "three-surveys", {"items": ["C006"]}, "bundle three-surveys: joins at least two items"),
        ("qualification", "cma", {"regulator": "nobody"}, "qualification cma: no regulator 'nobody'"),
        ("qualification", "cma", {"validity_years": 0}, "qualification cma: a validity has at least one year"),
        ("class", "A", {"name": {"zh": "", "en": "Consulting"}}, "serviceclass A: name: both languages are needed"),
    ],
)
def test_a_catalogue_that_does_not_hold_together(
    catalogue: Content, name: str, code: str, change: Content, problem: str
) -> None:
    entry(catalogue, name, code).update(change)
    assert problem in problems_of(files.catalogue_from, catalogue)


@pytest.mark.parametrize(
    ("need", "problem"),
    [
        ({"qualification": "nothing"}, "no qualification 'nothing'"),
        ({"qualification": "surveying-mapping", "level": "z"}, "surveying-mapping has no level 'z'"),
        ({"qualification": "surveying-mapping", "speciality": "z"}, "surveying-mapping has no speciality 'z'"),
        ({"qualification": "eia-licence"}, "eia-licence is abolished and may not be a condition"),
        ({"qualification": "cnas"}, "cnas is voluntary and may not be a condition"),
    ],
)
def test_a_requirement_that_nobody_may_demand(catalogue: Content, need: Content, problem: str) -> None:
    entry(catalogue, "item", "C001")["requirements"] = [need]
    assert problems_of(files.catalogue_from, catalogue) == [f"item C001: {problem}"]


def test_levels_cover_only_what_stands_below_them(catalogue: Content) -> None:
    levels = entry(catalogue, "qualification", "engineering-survey")["levels"]
    levels[2]["covers"] = ["professional-a"]
    levels[3]["covers"] = ["doctorate"]
    assert problems_of(files.catalogue_from, catalogue) == [
        "qualification engineering-survey: level professional-b covers professional-a, which stands above it",
        "qualification engineering-survey: level professional-c covers no level 'doctorate'",
    ]


def test_an_empty_class_is_a_gap(catalogue: Content) -> None:
    words = {"zh": "空", "en": "Empty"}
    catalogue["class"].append({"code": "F", "name": words, "about": words})
    assert problems_of(files.catalogue_from, catalogue) == ["class F: has no items"]


def test_problems_of_all_files_come_together(tmp_path: Path) -> None:
    folder = shutil.copytree(files.DATA, tmp_path / "data")
    (folder / "regions.csv").unlink()
    (folder / "rulebook-2025-1.toml").write_text("version = ", encoding="utf8")
    with pytest.raises(files.DataInvalid) as caught:
        files.read_all(folder)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["catalogue", "rulebook-2025-1.toml"]
