"""A dossier verifies as published and in no other form."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from market.beacon.rules import QUICKNET, BeaconInvalid, Round
from projects.selection.dossiers.draw_checks import verify
from projects.selection.dossiers.draw_dossier import DossierInvalid, Exclusion, Selection, build, chain_member
from projects.selection.dossiers.draw_format import Dossier
from projects.selection.dossiers.report import Status
from tests.selection.conftest import CHAIN, DEADLINE, selection
from tests.selection.dossiers.tampering import (
    RESPELLINGS,
    Members,
    altered_at,
    another,
    every_object,
    failed,
    leaves,
    resealed,
    run,
)


@cache
def published() -> bytes:
    return build(selection())


def members() -> Members:
    found: Members = json.loads(published())
    return found


def test_published_dossier_holds() -> None:
    report = verify(published())
    assert report.ok, report.failures
    assert {check.name for check in report.checks if check.status is Status.CAUTION} == {"beacon"}
    assert isinstance(report.dossier, Dossier)
    assert report.dossier.winners == [report.dossier.order[0].code]


def test_naming_the_chain_removes_the_reservation() -> None:
    assert all(check.status is Status.OK for check in verify(published(), expected_chain=CHAIN.hash).checks)
    assert failed(verify(published(), expected_chain=QUICKNET.hash)) == {"beacon"}


def test_building_twice_gives_the_same_bytes() -> None:
    assert build(selection()) == published()


@given(st.data())
def test_no_altered_byte_passes(data: st.DataObject) -> None:
    original = published()
    place = data.draw(st.integers(0, len(original) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != original[place]))
    assert not verify(original[:place] + bytes([value]) + original[place + 1 :]).ok


@given(st.data())
def test_no_removed_or_added_byte_passes(data: st.DataObject) -> None:
    original = published()
    place = data.draw(st.integers(0, len(original)))
    extra = data.draw(st.binary(max_size=3))
    skip = data.draw(st.integers(0 if extra else 1, 4))
    altered = original[:place] + extra + original[place + skip :]
    assert altered == original or not verify(altered).ok


# What only the register binds (by the file's digest): names, reasons, and times that stay in their lawful order.
FREE: set[tuple[str, ...]] = {
    ("pool", "entrants", "name"),
    ("pool", "excluded", "name"),
    ("pool", "excluded", "reason"),
}
FREE |= {("pool", "excluded", "code"), ("commitment", "committed_at"), ("pool", "frozen_at"), ("drawn_at",)}


@pytest.mark.parametrize("path", list(leaves(json.loads(build(selection())))), ids=str)
def test_no_altered_field_passes(path: tuple[Any, ...]) -> None:
    altered = altered_at(members(), path, another)
    assert not verify(rfc8785.dumps(altered)).ok
    if path == ("digest",) or tuple(step for step in path if isinstance(step, str)) in FREE:
        return
    assert not verify(resealed(altered)).ok


def test_no_extra_or_missing_member_passes() -> None:
    for place in range(len(list(every_object(members())))):
        altered = members()
        list(every_object(altered))[place]["extra"] = 1
        assert failed(verify(resealed(altered))) == {"form"}
        for name in list(every_object(members()))[place]:
            altered = members()
            del list(every_object(altered))[place][name]
            assert not verify(rfc8785.dumps(altered)).ok


@pytest.mark.parametrize(
    "respell",
    [
        *RESPELLINGS,
        lambda text: text.replace('"winners":1}', '"winners":1.0}', 1),
        lambda text: text.replace('"winners":1}', '"winners":1e0}', 1),
        lambda text: text.replace('"period":3', '"period":"3"', 1),
        lambda text: "",
        lambda text: "[]",
        lambda text: "[" * 100_000,
    ],
)
def test_no_second_spelling_passes(respell: Callable[[str], str]) -> None:
    altered = respell(published().decode()).encode()
    assert altered != published()
    assert failed(verify(altered)) == {"form"}


def test_another_winner_needs_another_order() -> None:
    altered = members()
    altered["order"].reverse()
    altered["winners"] = [altered["order"][0]["code"]]
    assert failed(verify(resealed(altered))) == {"order", "winners"}


def test_an_entrant_slipped_in_afterwards_shows() -> None:
    altered = members()
    altered["pool"]["entrants"].append({"code": "91000000MA0DEM00ZZ", "name": "后来者", "tickets": 1})
    assert failed(verify(resealed(altered))) == {"pool"}


def test_somebody_left_out_cannot_be_in_the_pool() -> None:
    code = next(iter(selection().names))
    with pytest.raises(DossierInvalid, match="both in the pool and left out"):
        build(selection(excluded=(Exclusion(code, "甲", "理由"),)))


@pytest.mark.parametrize(
    "excluded",
    [
        (Exclusion("X", "甲", ""),),
        (Exclusion("X", "", "理由"),),
        (Exclusion("X", "甲", "理由"), Exclusion("X", "乙", "理由")),
    ],
)
def test_exclusions_are_complete(excluded: tuple[Exclusion, ...]) -> None:
    with pytest.raises(DossierInvalid, match="pool"):
        build(selection(excluded=excluded))


def other_round(facts: Selection, number: int) -> Selection:
    from market.beacon import bls
    from tests.selection.conftest import SECRET

    return replace(
        facts,
        given=replace(facts.given, round=number),
        beacon_round=Round(number, bls.sign_round(SECRET, number)),
        drawn_at=facts.drawn_at + timedelta(hours=1),
    )


@pytest.mark.parametrize("later", [-1, 1, 1000])
def test_only_the_committed_round_counts(later: int) -> None:
    """A genuine signature of another round is no substitute."""
    facts = selection()
    with pytest.raises(DossierInvalid, match="round: the notice commits"):
        build(other_round(facts, facts.given.round + later))


def test_signature_of_another_round_is_refused() -> None:
    facts = selection()
    wrong = Round(facts.given.round, other_round(facts, facts.given.round + 1).beacon_round.signature)
    with pytest.raises(DossierInvalid, match="not the beacon's signature"):
        build(replace(facts, beacon_round=wrong))


@pytest.mark.parametrize(
    "times",
    [
        {"committed_at": DEADLINE + timedelta(seconds=1)},
        {"frozen_at": DEADLINE - timedelta(microseconds=1)},
        {"frozen_at": DEADLINE + timedelta(days=1)},
        {"drawn_at": DEADLINE + timedelta(seconds=2)},
    ],
)
def test_acts_out_of_order_are_refused(times: dict[str, Any]) -> None:
    with pytest.raises(DossierInvalid, match="times"):
        build(selection(**times))


def test_a_late_freeze_is_said_aloud() -> None:
    facts = selection()
    late = facts.drawn_at + timedelta(seconds=20)
    report = verify(build(replace(facts, frozen_at=late, drawn_at=late)))
    assert report.ok
    assert {check.name for check in report.checks if check.status is Status.CAUTION} == {"beacon", "frozen-first"}


def test_deadline_microseconds_count() -> None:
    """A round appears exactly six seconds after this deadline; a microsecond later calls for the next one."""
    exact = DEADLINE.replace(second=2)
    first = selection(deadline=exact).given.round
    assert selection(deadline=exact + timedelta(microseconds=1)).given.round == first + 1
    assert verify(build(selection(deadline=exact + timedelta(microseconds=1)))).ok


def test_quicknet_by_name_with_another_key_is_refused() -> None:
    altered = members()
    altered["commitment"]["chain"]["beacon_id"] = "quicknet"
    assert "beacon" in failed(verify(resealed(altered)))


def test_quicknet_by_hash_with_another_key_is_refused() -> None:
    altered = members()
    altered["commitment"]["chain"]["hash"] = altered["input"]["chain"] = QUICKNET.hash
    assert {"chain-hash", "signature"} & failed(verify(resealed(altered)))


def test_known_answer_of_quicknet_passes_its_own_checks() -> None:
    altered = members()
    altered["commitment"]["chain"] = chain_member(QUICKNET)
    report = verify(resealed(altered))
    status = {check.name: check.status for check in report.checks}
    assert status["chain-hash"] is status["beacon"] is Status.OK
    assert status["signature"] is Status.FAILED


def test_public_key_off_the_curve_is_refused_not_crashed() -> None:
    altered = altered_at(members(), ("commitment", "chain", "public_key"), lambda _: "ff" * 96)
    assert {"chain-hash", "signature"} <= failed(verify(resealed(altered)))
    with pytest.raises(BeaconInvalid):
        replace(CHAIN, public_key=b"")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_anything_else_is_refused_not_crashed(value: Any) -> None:
    assert not verify(json.dumps(value).encode()).ok
    assert not verify(json.dumps({**members(), "seed": value}).encode()).ok


def test_command_says_what_was_checked(tmp_path: Path) -> None:
    file = tmp_path / "dossier.json"
    file.write_bytes(published())
    code, output = run(str(file))
    assert code == 0
    assert output.count("✓") == len(verify(published()).checks) - 1
    assert "VERIFIED: project DEMO-0001, award" in output
    assert "demonstration beacon" in output


def test_command_reads_standard_input_and_writes_json() -> None:
    code, output = run("-", "--json", "--chain", CHAIN.hash, stdin=published())
    report = json.loads(output)
    assert (code, report["ok"], report["project"]) == (0, True, "DEMO-0001")
    assert {check["status"] for check in report["checks"]} == {"ok"}


def test_command_refuses_an_altered_file(tmp_path: Path) -> None:
    file = tmp_path / "dossier.json"
    file.write_bytes(resealed(altered_at(members(), ("winners", 0), another)))
    code, output = run(str(file))
    assert code == 1
    assert "REFUSED: 1 of 16 checks failed" in output


def test_command_tells_an_unreadable_file_from_a_false_one(tmp_path: Path) -> None:
    assert run(str(tmp_path / "absent.json"))[0] == 2
    assert run(str(tmp_path))[0] == 2
