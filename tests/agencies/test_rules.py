"""The rules of entry, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.queries.commitment import all_texts, text_in_force, text_of
from agencies.queries.directory import region_prefix, search_query
from agencies.rules import (
    EXPIRED,
    TRANSITIONS,
    WHOLE_ITEMS,
    Act,
    Decision,
    Facts,
    FirmDetails,
    Stage,
    Standing,
    Verdict,
    check_decision,
    check_verdicts,
    stage_of,
    warning_due,
)
from market.kernel.errors import NotFound, Refusal

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
TODAY = date(2026, 6, 16)
WARN = (60, 30, 7)
# What each act writes, as the actions do.
WRITES: dict[Act, dict[str, Any]] = {
    Act.SUBMIT: {"submitted_at": NOW, "returned_at": None},
    Act.WITHDRAW: {"submitted_at": None},
    Act.RETURN: {"returned_at": NOW},
    Act.ACCEPT: {"notice_started_at": NOW},
    Act.REFUSE: {"refused_at": NOW},
    Act.STOP: {"refused_at": NOW},
    Act.LAPSE: {"refused_at": NOW},
    Act.ADMIT: {"admitted_at": NOW},
    Act.EXIT: {"exited_at": NOW},
    Act.APPLY_AGAIN: dict.fromkeys(Facts.__dataclass_fields__),
}


@given(st.lists(st.sampled_from(list(Act)), max_size=40))
def test_the_stage_follows_from_the_facts_over_any_history(acts: list[Act]) -> None:
    stage, facts = Stage.DRAFT, Facts()
    for act in acts:
        to = TRANSITIONS.get((stage, act))
        if to is not None:
            stage, facts = to, replace(facts, **WRITES[act])
        assert stage_of(facts) is stage


def test_every_stage_can_be_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(Stage)
    assert {stage for stage, _ in TRANSITIONS} == set(Stage)
    assert {act for _, act in TRANSITIONS} == set(Act)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.lists(st.integers(0, 30), max_size=60))
def test_each_warning_is_sent_once_and_none_after_a_narrower_one(until: date, steps: list[int]) -> None:
    today, warned, sent = TODAY, None, []
    for step in steps:
        today += timedelta(days=step)
        level = warning_due(until, warned, today=today, warn_days=WARN)
        if level is not None:
            sent.append(level)
            warned = level
            assert level == EXPIRED if today > until else (until - today).days <= level
    assert len(sent) == len(set(sent))
    assert sent == sorted(sent, reverse=True)
    assert set(sent) <= {*WARN, EXPIRED}


@pytest.mark.parametrize(
    ("left", "level"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, EXPIRED)]
)
def test_which_warning_applies(left: int, level: int | None) -> None:
    assert warning_due(TODAY + timedelta(days=left), None, today=TODAY, warn_days=WARN) == level


def verdicts(*wrong: str) -> list[Verdict]:
    items = [*WHOLE_ITEMS, "qualification:1", "authorised:1"]
    return [Verdict(item, item not in wrong, "unreadable" if item in wrong else "") for item in items]


def decide(decision: Decision, *wrong: str, used: int = 0, stage: Stage = Stage.SUBMITTED, reason: str = "") -> None:
    check_decision(decision, verdicts(*wrong), stage=stage, reason=reason, corrections_used=used, rounds=1)


def test_an_application_in_order_is_accepted() -> None:
    decide(Decision.ACCEPT)


def test_a_row_that_stays_wrong_does_not_keep_the_agency_out() -> None:
    decide(Decision.ACCEPT, "qualification:1", used=1)


@pytest.mark.parametrize("section", WHOLE_ITEMS)
def test_no_entry_without_firm_services_commitment_and_licence(section: str) -> None:
    with pytest.raises(Refusal) as refused:
        decide(Decision.ACCEPT, section)
    assert refused.value.code == "entry.sections_returned"


def test_no_entry_without_anybody_who_may_act() -> None:
    with pytest.raises(Refusal) as refused:
        decide(Decision.ACCEPT, "authorised:1")
    assert refused.value.code == "entry.nobody_authorised"


def test_an_application_is_returned_once_and_names_the_rule() -> None:
    decide(Decision.RETURN, "licence")
    with pytest.raises(Refusal) as refused:
        decide(Decision.RETURN, "licence", used=1)
    assert refused.value.rule == "entry.correction_rounds"


def test_a_return_without_anything_returned_is_no_return() -> None:
    with pytest.raises(Refusal, match=r"entry\.nothing_returned"):
        decide(Decision.RETURN)


def test_a_refusal_needs_its_reason() -> None:
    with pytest.raises(Refusal, match=r"entry\.reason_missing"):
        decide(Decision.REFUSE, "licence")
    decide(Decision.REFUSE, "licence", reason="not an agency")


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.SUBMITTED])
def test_who_comes_second_is_told_that_it_is_decided(stage: Stage) -> None:
    with pytest.raises(Refusal, match=r"entry\.already_decided"):
        decide(Decision.ACCEPT, stage=stage)


def test_verdicts_cover_exactly_what_is_under_review() -> None:
    check_verdicts(verdicts("licence"), [verdict.item for verdict in verdicts()])
    with pytest.raises(Refusal, match=r"entry\.items_changed"):
        check_verdicts(verdicts(), [*WHOLE_ITEMS])
    with pytest.raises(Refusal, match=r"entry\.reason_missing"):
        check_verdicts([Verdict("licence", accepted=False)], ["licence"])


@given(st.one_of(st.none(), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1))))  # noqa: DTZ001
def test_a_suspension_ends_at_its_moment(until: datetime | None) -> None:
    end = until.replace(tzinfo=UTC) if until else None
    standing = Standing(end, "", end, "", None)
    assert standing.suspended_at(NOW) == standing.restricted_at(NOW) == (end is not None and end > NOW)
    assert end is None or not standing.suspended_at(end)


def test_firm_details_survive_the_way_through_json() -> None:
    firm = FirmDetails("甲", "乙", "370202", "丙路1号", "0532-1", "", None, None, "简介", date(2008, 5, 6), 100)
    assert FirmDetails.from_json(firm.to_json()) == firm
    assert firm.differing(replace(firm, address="丁路2号", established_on=None)) == ("address", "established_on")


def test_the_commitment_letter_has_ten_clauses_in_both_languages() -> None:
    for text in all_texts():
        assert len(text.clauses) == 10
        for wording in [
            text.title,
            text.opening,
            text.closing,
            *[part for clause in text.clauses for part in (clause.title, clause.text)],
        ]:
            assert wording.zh
            assert wording.en
    assert text_of(text_in_force(NOW).version) is text_in_force(NOW)
    with pytest.raises(NotFound):
        text_of("1999-1")


def test_the_published_commitment_text_never_changes() -> None:
    assert text_of("2025-1").sha256 == "a33c91782ef2279c914bd2ee9f7790d9394af4652aea22b00aa0e3da1a013299"


@pytest.mark.parametrize(("text", "query"), [
    ("青岛海诺", "'青岛' & '岛海' & '海诺'"),
    ("水", "'水':*"),
    ("ABC 测绘", "'abc':* & '测绘'"),
    ("!!' | & :*", ""),
    ("a'b", "'a':* & 'b':*"),
])  # fmt: skip
def test_search_words_become_a_harmless_query(text: str, query: str) -> None:
    assert search_query(text) == query


@pytest.mark.parametrize(
    ("code", "prefix"), [("100000", ""), ("370000", "37"), ("370200", "3702"), ("370202", "370202")]
)
def test_a_region_holds_all_regions_inside(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix
