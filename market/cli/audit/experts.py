"""Experts: who is in the pool, who could be drawn, who was replaced, and every mark against its salted hash."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from market.cli.audit.comparing import Act, Comparer, Facts, acts_of, changes, same
from market.kernel.db import fetch, from_json
from market.register.audit import Finding
from projects.experts.actions import marks_hash
from projects.experts.panel import candidates_hash, order_of, panel_draw
from projects.experts.rules import Mark

_PANELS = "FROM expert_panel x JOIN project p ON p.id = x.project_id JOIN selection_round r ON r.id = x.round_id"
_DRAWS = (
    "FROM panel_draw d JOIN expert_panel x ON x.id = d.panel_id JOIN project p ON p.id = x.project_id"
    " JOIN selection_round r ON r.id = x.round_id"
)
_MEMBERS = (
    "FROM panel_member m JOIN expert_panel x ON x.id = m.panel_id JOIN project p ON p.id = x.project_id"
    " JOIN selection_round r ON r.id = x.round_id"
)
_MARKS = (
    "(SELECT json_agg(json_build_array(a.code, k.criterion, k.mark, k.reason) ORDER BY a.code, k.criterion)"
    " FROM expert_mark k JOIN organisation a ON a.id = k.agency_id WHERE k.member_id = m.id)"
)


def _candidates(facts: Facts) -> Facts:
    """The hash is computed anew from the candidates of today."""
    chain, number, salt, codes = (facts.pop(name) for name in ("chain", "round", "salt", "candidates"))
    given = panel_draw(facts["subject"], facts["round_no"], chain, number, codes, facts["size"])
    return facts | {"sha256": candidates_hash(given, salt)}


def _further(facts: Facts) -> Facts:
    """The same for a further order."""
    chain, salt, codes = (facts.pop(name) for name in ("chain", "salt", "candidates"))
    given = panel_draw(
        facts["subject"], facts["round_no"], chain, facts["beacon_round"], codes, facts["seats"], facts["draw_no"]
    )
    return facts | {"sha256": candidates_hash(given, salt)}


def _signed(facts: Facts) -> Facts:
    """The hash is computed anew from the marks of today."""
    marks, salt = facts.pop("marks") or [], facts.pop("salt")
    return facts | {"sha256": marks_hash(salt, [Mark(*one) for one in marks])}


COMPARERS = (
    Comparer(
        "panel.frozen", "expert_panel", ("subject", "round_no"), adjust=_candidates,
        sql="SELECT p.number AS subject, r.no AS round_no, x.frozen_at AS at, x.size, x.salt, x.candidates,"
        f" r.beacon_chain AS chain, r.beacon_round AS round {_PANELS} WHERE x.sha256 IS NOT NULL",
    ),
    Comparer(
        "panel.drawn", "expert_panel", ("subject", "round_no"),
        sql=f"SELECT p.number AS subject, r.no AS round_no, x.drawn_at AS at, x.size, x.sha256 {_PANELS} WHERE x.drawn_at IS NOT NULL",
    ),
    Comparer(
        "panel.further", "panel_draw", ("subject", "round_no", "draw_no"), adjust=_further,
        sql="SELECT p.number AS subject, r.no AS round_no, d.no AS draw_no, d.frozen_at AS at, d.cause, d.seats, d.salt,"
        f" d.candidates, r.beacon_chain AS chain, d.beacon_round {_DRAWS}",
    ),
    Comparer(
        "panel.drawn_again", "panel_draw", ("subject", "round_no", "draw_no"),
        sql="SELECT p.number AS subject, r.no AS round_no, d.no AS draw_no, d.drawn_at AS at, d.sha256, d.beacon_round"
        f" {_DRAWS} WHERE d.drawn_at IS NOT NULL",
    ),
    Comparer(
        "panel.failed", "expert_panel", ("subject", "round_no"),
        sql=f"SELECT p.number AS subject, r.no AS round_no, x.failed_at AS at {_PANELS} WHERE x.failed_at IS NOT NULL",
    ),
    Comparer(
        "panel.replaced", "panel_member", ("subject", "round_no", "place"),
        sql=f"SELECT p.number AS subject, r.no AS round_no, m.ended_at AS at, m.place, m.ended AS cause {_MEMBERS} WHERE m.ended IS NOT NULL",
    ),
    Comparer(
        "marks.signed", "expert_mark", ("entry_id",), json=("marks",), adjust=_signed,
        sql=f"SELECT m.entry_id, p.number AS subject, r.no AS round_no, m.signed_at AS at, m.marks_salt AS salt, {_MARKS} AS marks"
        f" {_MEMBERS} WHERE m.signed_at IS NOT NULL",
    ),
    Comparer(
        "marks.published", "expert_panel", ("subject", "round_no"), json=("experts", "marks"),
        sql="SELECT p.number AS subject, r.no AS round_no, x.completed_at AS at,"
        " (SELECT json_agg(json_build_object('expert', e.code, 'salt', m.marks_salt, 'sha256', m.marks_sha256) ORDER BY e.code)"
        "  FROM panel_member m JOIN expert e ON e.id = m.expert_id WHERE m.panel_id = x.id AND m.signed_at IS NOT NULL) AS experts,"
        " (SELECT json_agg(json_build_array(e.code, a.code, k.criterion, k.mark) ORDER BY e.code, a.code, k.criterion)"
        "  FROM expert_mark k JOIN panel_member m ON m.id = k.member_id AND m.signed_at IS NOT NULL"
        "  JOIN expert e ON e.id = m.expert_id JOIN organisation a ON a.id = k.agency_id WHERE m.panel_id = x.id) AS marks"
        f" {_PANELS} WHERE x.completed_at IS NOT NULL",
    ),
)  # fmt: skip


_SEATS = """
SELECT m.id, p.number, m.place, m.entry_id, e.code, m.end_reason, m.ended, (x.drawn || f.drawn)[m.place] AS drawn, s.facts AS signed,
       r.facts AS replaced
FROM panel_member m JOIN expert_panel x ON x.id = m.panel_id JOIN project p ON p.id = x.project_id
JOIN expert e ON e.id = m.expert_id
CROSS JOIN LATERAL (SELECT coalesce(array_agg(code ORDER BY d.no, place), '{}') AS drawn FROM panel_draw d
                    CROSS JOIN LATERAL unnest(d.drawn) WITH ORDINALITY AS c(code, place) WHERE d.panel_id = x.id) f
LEFT JOIN register_private s ON s.entry_id = m.entry_id
LEFT JOIN register_private r ON m.ended IS NOT NULL AND r.facts ->> 'member' = m.id::text AND r.facts ? 'reason'
ORDER BY p.number, m.place
"""
_ORDERS = """
SELECT p.number, n.no, n.beacon_chain, n.beacon_round, n.signature, x.candidates, x.size, x.drawn, 1 AS draw_no
FROM expert_panel x JOIN project p ON p.id = x.project_id JOIN selection_round n ON n.id = x.round_id
WHERE x.drawn_at IS NOT NULL AND n.signature IS NOT NULL AND cardinality(x.candidates) >= x.size
UNION ALL
SELECT p.number, n.no, n.beacon_chain, d.beacon_round, d.signature, d.candidates, d.seats, d.drawn, d.no
FROM panel_draw d JOIN expert_panel x ON x.id = d.panel_id JOIN project p ON p.id = x.project_id
JOIN selection_round n ON n.id = x.round_id
WHERE d.drawn_at IS NOT NULL AND cardinality(d.candidates) >= d.seats ORDER BY 1, 2, 9
"""


async def check_panels() -> list[Finding]:
    """The order follows from the candidates and the round, in each seat sits who was drawn for it, and who signed or fell
    out is who the private facts behind the register name."""
    found = []
    for row in await fetch(_ORDERS):
        given = panel_draw(
            row["number"], row["no"], row["beacon_chain"], row["beacon_round"], row["candidates"], row["size"],
            row["draw_no"],
        )  # fmt: skip
        if order_of(given, hashlib.sha256(bytes.fromhex(row["signature"])).digest()) != list(row["drawn"]):
            found.append(Finding("altered", "expert_panel", f"{row['number']} {row['no']}", "its order was not drawn"))
    seats = [(row, _seat(row)) for row in await fetch(_SEATS)]
    return found + [
        Finding("altered", "panel_member", f"{row['number']} {row['place']}", what, row["entry_id"])
        for row, what in seats
        if what
    ]


def _seat(row: Facts) -> str | None:
    if row["code"] != row["drawn"]:
        return f"{row['drawn']} was drawn for this seat, {row['code']} has it"
    signed, replaced = from_json(row["signed"]), from_json(row["replaced"])
    if signed and (signed["expert"], signed["member"]) != (row["code"], str(row["id"])):
        return f"{signed['expert']} signed"
    if replaced and (replaced["expert"], replaced["reason"]) != (row["code"], row["end_reason"]):
        return "who left, or why, is not as recorded"
    return None


_OPENED = """
SELECT p.number AS subject, o.code, x.file_id::text AS file, x.key, x.fault FROM opened_proposal x
JOIN project p ON p.id = x.project_id JOIN organisation o ON o.id = x.agency_id
"""
_TOLD = """
SELECT e.id, e.subject, one ->> 'code' AS code, one ->> 'file' AS file, one ->> 'fault' AS fault,
       x.facts -> 'keys' ->> (one ->> 'code') AS key, x.facts IS NOT NULL AS kept
FROM register_entry e CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'proposals') AS one
LEFT JOIN register_private x ON x.entry_id = e.id WHERE e.kind = 'proposals.opened' ORDER BY e.written
"""


async def check_proposals() -> list[Finding]:
    """Each proposal is as the last opening told it: the file, its key (behind the act's digest), and why it cannot be
    read."""
    told = {(row["subject"], row["code"]): row for row in await fetch(_TOLD)}
    there = {(row["subject"], row["code"]): row for row in await fetch(_OPENED)}
    found = [
        Finding("extra" if key in there else "missing", "opened_proposal", " ".join(key), "no opening told of it"
                if key in there else "what an opening told is not there")
        for key in sorted(told.keys() ^ there.keys())
    ]  # fmt: skip
    for key in sorted(told.keys() & there.keys()):
        names = ("file", "fault", "key") if told[key]["kept"] else ("file", "fault")
        if changed := changes({name: told[key][name] for name in names}, {name: there[key][name] for name in names}):
            found.append(Finding("altered", "opened_proposal", " ".join(key), "; ".join(changed), told[key]["id"]))
    return found


async def check_experts() -> list[Finding]:
    """In the pool is who the last act on it admitted, with the specialities that were admitted."""
    history: defaultdict[str, list[tuple[str, Act]]] = defaultdict(list)
    for kind in ("expert.admitted", "expert.exited"):
        for act in await acts_of(kind):
            history[act.facts["subject"]].append((kind, act))
    rows = {row["code"]: row for row in await fetch("SELECT code, stage, specialities, admitted_at FROM expert")}
    found = [finding for code, row in rows.items() for finding in _compare(row, history.get(code, []))]
    return found + [
        Finding("missing", "expert", code, "an expert of the register is not there", acts[-1][1].id)
        for code, acts in history.items()
        if code not in rows
    ]


def _compare(row: Facts, acts: list[tuple[str, Act]]) -> Iterator[Finding]:
    turns = sorted(acts, key=lambda one: str(one[1].facts["at"]))
    last = turns[-1] if turns else None
    admitted = last is not None and last[0] == "expert.admitted"
    if (row["stage"] == "admitted") != admitted:
        yield Finding(
            "altered",
            "expert",
            row["code"],
            f"it is {row['stage']}, which the register does not say",
            last[1].id if last else None,
        )
    elif last is not None and admitted:
        for name, value in (("specialities", row["specialities"]), ("at", row["admitted_at"])):
            if not same(last[1].facts[name], value):
                yield Finding("altered", "expert", row["code"], f"{name} is not as admitted", last[1].id)
