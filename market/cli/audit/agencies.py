"""Agencies: who was admitted, what it may do, which certificates count, whether it is suspended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from market.cli.audit.comparing import Act, Comparer, Facts, acts_of, key_of, plain, same, shorten
from market.kernel.db import fetch
from market.register.audit import Finding

CALENDAR = Comparer(
    "calendar.corrected", "calendar_day", ("day",), only=lambda facts: "day" in facts,
    sql="SELECT day, working, reason, entered_at AS at FROM calendar_day",
)  # fmt: skip
ADMITTED, REFUSED, EXITED, CHANGED = "agency.admitted", "agency.refused", "agency.exited", "agency.changed"
# Since when the row says so, by the act that said it.
_MOMENTS = {ADMITTED: "admitted_at", REFUSED: "refused_at", EXITED: "exited_at"}
_CERTIFICATE = ("type", "level", "specialities", "certificate_number", "valid_from", "valid_until")
_AGENCIES = """
SELECT o.code, o.name, a.stage, a.service_items, a.admitted_at, a.refused_at, a.exited_at, a.refusal_reason, a.exit_reason
FROM agency a JOIN organisation o ON o.id = a.organisation_id
"""
_CERTIFICATES = """
SELECT o.code, q.qualification_type AS type, q.level, q.specialities, q.certificate_number, q.valid_from, q.valid_until,
       q.review = 'accepted' AND a.stage IN ('admitted', 'exited') AS counts
FROM agency_qualification q JOIN agency a ON a.organisation_id = q.agency_id JOIN organisation o ON o.id = a.organisation_id
"""
_STANDING = ("suspended_until", "restricted_until", "removed_until")
_STANDINGS = """
SELECT o.code, s.suspended_until, s.restricted_until, s.removed_until FROM agency_standing s JOIN organisation o ON o.id = s.agency_id
"""


async def check_agencies() -> list[Finding]:
    history = await _history()
    rows = {row["code"]: row for row in await fetch(_AGENCIES)}
    found = [finding for code, row in rows.items() for finding in _compare_agency(row, history.get(code, []))]
    found += [
        Finding("missing", "agency", code, f"what {kind} recorded is not there", act.id)
        for code, acts in history.items()
        if code not in rows
        for kind, act in acts[-1:]
    ]
    return found + await _certificates(history) + await _standings()


async def _history() -> dict[str, list[tuple[str, Act]]]:
    """All acts on each agency, oldest first."""
    told: defaultdict[str, list[tuple[str, Act]]] = defaultdict(list)
    for kind in (ADMITTED, REFUSED, EXITED, CHANGED):
        for act in await acts_of(kind):
            told[act.facts["subject"]].append((kind, act))
    return {code: sorted(acts, key=lambda one: one[1].facts["at"]) for code, acts in told.items()}


def _compare_agency(row: Facts, acts: list[tuple[str, Act]]) -> Iterator[Finding]:
    turns = [(kind, act) for kind, act in acts if kind in _MOMENTS]
    for kind, column in _MOMENTS.items():
        last = next((act for name, act in reversed(turns) if name == kind), None)
        if row[column] is not None and (last is None or not same(last.facts["at"], row[column])):
            yield Finding(
                "altered" if last else "extra",
                "agency",
                row["code"],
                f"no {kind} at that {column}",
                last.id if last else None,
            )
    if turns and turns[-1][0] == ADMITTED:
        yield from _compare_admitted(row, turns[-1][1], [act for kind, act in acts if kind == CHANGED])
    elif row["stage"] == "admitted":
        yield Finding("extra", "agency", row["code"], "it counts as admitted, and the register does not know of it")


def _compare_admitted(row: Facts, admitted: Act, changed: list[Act]) -> Iterator[Finding]:
    """After admission an agency leaves that state by an act only; its items and its name change by acts only."""
    if row["stage"] != "admitted":
        yield Finding(
            "altered", "agency", row["code"], f"it was admitted and is {row['stage']} without an act", admitted.id
        )
    expected = {"service_items": admitted.facts["service_items"], "name": admitted.facts["name"]}
    for act in changed:
        if act.facts["at"] >= admitted.facts["at"]:
            for change in act.facts["changes"]:
                expected |= {name: change[name] for name in expected if name in change}
    for name, value in expected.items():
        if not same(value, row[name]):
            yield Finding(
                "altered", "agency", row["code"], f"{name} was {shorten(value)}, is {shorten(row[name])}", admitted.id
            )


async def _certificates(history: dict[str, list[tuple[str, Act]]]) -> list[Finding]:
    """Each certificate that counts was published with an act, and none that was published is gone."""
    said = {
        key_of(one | {"code": code}, ("code", *_CERTIFICATE)): act
        for code, acts in history.items()
        for _, act in acts
        for one in [*act.facts.get("qualifications", []), *act.facts.get("changes", [])]
        if "valid_until" in one
    }
    rows = await fetch(_CERTIFICATES)
    there = {key_of(row, ("code", *_CERTIFICATE)) for row in rows}
    counting = {key_of(row, ("code", *_CERTIFICATE)) for row in rows if row["counts"]}
    return [
        *(Finding("extra", "agency_qualification", f"{key[0]} {key[4]}", "no act made this certificate count") for key in counting - said.keys()),
        *(Finding("missing", "agency_qualification", f"{key[0]} {key[4]}", "a certificate as published is not there", said[key].id)
          for key in said.keys() - there),
    ]  # fmt: skip


async def _standings() -> list[Finding]:
    """Suspended or restricted is who the last act on it says, until when it says."""
    last = {act.facts["subject"]: act for act in await acts_of("standing.changed")}
    rows = {row["code"]: row for row in await fetch(_STANDINGS)}
    found: list[Finding] = []
    for code in rows.keys() | last.keys():
        row: dict[str, Any] = rows.get(code, dict.fromkeys(_STANDING))
        found += _compare_standing(code, row, last.get(code))
    return found


def _compare_standing(code: str, row: Facts, act: Act | None) -> Iterator[Finding]:
    """What had ended when the act was recorded says nothing any more."""
    for name in _STANDING:
        if act and name not in act.facts:
            continue  # recorded before removals were told apart
        recorded = act.facts.get(name) if act else None
        ends: datetime | None = row[name]
        now = plain(ends) if ends is not None and (act is None or plain(ends) > act.facts["at"]) else None
        if now != recorded:
            yield Finding(
                "altered" if act else "extra",
                "agency_standing",
                code,
                f"{name} was {recorded}, is {now}",
                act.id if act else None,
            )
