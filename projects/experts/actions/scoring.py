"""An expert answers the invitation, marks the offers and signs. Nobody sees another's marks before all have signed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import rfc8785

from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook, deadline
from market.kernel.db import execute, execute_many, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.jobs import defer
from market.kernel.times import load_calendar
from market.register.actions import record
from projects.experts.actions.inviting import lock_panel
from projects.experts.actions.panels import DECIDE_JOB, replace_member
from projects.experts.panel import End
from projects.experts.queries.panels import MEMBER_SQL, MemberView, PanelView, marks_of, marks_of_member, members_of
from projects.experts.rules import Band, Mark, check_signable
from projects.queries import criteria_of, project_by_id

_SAVE = """
INSERT INTO expert_mark (id, member_id, agency_id, criterion, mark, reason)
SELECT $1, $2, o.id, $4, $5, $6 FROM organisation o WHERE o.code = $3
ON CONFLICT ON CONSTRAINT expert_mark_once DO UPDATE SET mark = excluded.mark, reason = excluded.reason
"""


async def accept(member_id: UUID, organisation_id: UUID, *, now: datetime) -> None:
    """The expert takes the seat: no conflict of interest, and the marks will come in time."""
    async with transaction():
        panel, member = await _lock(member_id, organisation_id)
        check_in_time(panel, member, now)
        if member.accepted_at is not None:
            return
        due = deadline(await _rulebook(panel), "expert.marks_days", now, await load_calendar())
        await execute(
            "UPDATE panel_member SET accepted_at = $2, marks_due_at = $3, due_at = $3 WHERE id = $1",
            member_id,
            now,
            due,
        )


async def step_down(member_id: UUID, organisation_id: UUID, end: End, reason: str, *, now: datetime) -> None:
    """Declined, or a conflict of interest discovered, at any time before signing: the next of the order is asked."""
    async with transaction():
        panel, member = await _lock(member_id, organisation_id)
        check_in_time(panel, member, now)
        await replace_member(panel, member, end, reason, now)


async def save_marks(member_id: UUID, organisation_id: UUID, marks: Sequence[Mark], *, now: datetime) -> None:
    """Keeps the sheet as far as it is filled in; nothing of it counts before the signature."""
    async with transaction():
        panel, member = await _lock(member_id, organisation_id)
        check_scoring(panel, member, now)
        await _keep(panel, member, marks)


async def _keep(panel: PanelView, member: MemberView, marks: Sequence[Mark]) -> None:
    known, count = {offer.agency for offer in panel.offers}, len(await criteria_of(panel.project_id))
    if any(one.agency not in known or not 1 <= one.criterion <= count for one in marks):
        raise NotFound
    await execute_many(_SAVE, [(new_id(), member.id, one.agency, one.criterion, one.mark, one.reason) for one in marks])


async def sign(member_id: UUID, organisation_id: UUID, *, seen: str, now: datetime) -> UUID:
    """The marks stand as they are and cannot be changed any more. `seen`: the fingerprint of the sheet that was
    confirmed. Returns the register entry, which holds their salted hash; with the last signature all are published."""
    async with transaction():
        panel, member = await _lock(member_id, organisation_id)
        check_scoring(panel, member, now)
        marks = await marks_of_member(member_id)
        if fingerprint(marks) != seen:
            raise Refusal(
                "marks.changed", N_("The sheet was changed after you opened the page on which you sign."),
                todo=N_("Look at the marks again, then sign."),
            )  # fmt: skip
        check_signable(
            marks, agencies=[offer.agency for offer in panel.offers],
            criteria=len(await criteria_of(panel.project_id)), band=band_of(await _rulebook(panel)),
        )  # fmt: skip
        entry_id = await _write_signature(panel, member, marks, now)
        await _complete(panel, now)
    return entry_id


async def _write_signature(panel: PanelView, member: MemberView, marks: Sequence[Mark], now: datetime) -> UUID:
    salt = secrets.token_hex(16)
    sha256 = marks_hash(salt, marks)
    entry_id = await record(
        "marks.signed", subject=panel.project_number, by="expert", at=now,
        data={"round_no": panel.no, "sha256": sha256}, private={"expert": member.code, "member": str(member.id)},
    )  # fmt: skip
    await execute(
        "UPDATE panel_member SET signed_at = $2, marks_sha256 = $3, marks_salt = $4, entry_id = $5, due_at = NULL"
        " WHERE id = $1",
        member.id, now, sha256, salt, entry_id,
    )  # fmt: skip
    return entry_id


async def _complete(panel: PanelView, now: datetime) -> None:
    """After the last signature: all marks become public in one act, and the selection decides."""
    signed: int = await fetch_value(
        "SELECT count(*) FROM panel_member WHERE panel_id = $1 AND signed_at IS NOT NULL", panel.id
    )
    if signed < panel.size:
        return
    await execute("UPDATE expert_panel SET completed_at = $2 WHERE id = $1", panel.id, now)
    members = sorted((one for one in await members_of(panel.id) if one.signed_at), key=lambda one: one.code)
    await record("marks.published", subject=panel.project_number, by="market", at=now, data={
        "round_no": panel.no,
        "experts": [{"expert": one.code, "salt": one.marks_salt, "sha256": one.marks_sha256} for one in members],
        "marks": [[one.expert, one.agency, one.criterion, one.mark] for one in await marks_of(panel.round_id)],
    })  # fmt: skip
    await defer(DECIDE_JOB, round_id=str(panel.round_id))


def marks_hash(salt: str, marks: Sequence[Mark]) -> str:
    """hex SHA-256(salt ‖ JCS([{"agency", "criterion", "mark", "reason"}, … by agency and criterion]))."""
    return hashlib.sha256(salt.encode() + _canonical(marks)).hexdigest()


def fingerprint(marks: Sequence[Mark]) -> str:
    """Of a sheet as it was shown."""
    return hashlib.sha256(_canonical(marks)).hexdigest()


def _canonical(marks: Sequence[Mark]) -> bytes:
    ordered = sorted(marks, key=lambda one: (one.agency, one.criterion))
    return rfc8785.dumps([
        {"agency": one.agency, "criterion": one.criterion, "mark": one.mark, "reason": one.reason} for one in ordered
    ])  # fmt: skip


def band_of(rulebook: Rulebook) -> Band:
    return Band(rulebook.integer("expert.reason_below"), rulebook.integer("expert.reason_above"))


async def replace_absent(now: datetime) -> bool:
    """One expert whose time is over and who neither answered nor signed: the next of the order is asked. False when
    nobody is late, or other processes are at it."""
    async with transaction():
        due = await fetch_one(
            "SELECT x.id AS panel_id FROM panel_member m JOIN expert_panel x ON x.id = m.panel_id"
            " JOIN selection_round r ON r.id = x.round_id AND r.annulled_at IS NULL"
            " WHERE m.due_at <= $1 AND x.completed_at IS NULL AND x.failed_at IS NULL"
            " ORDER BY m.due_at LIMIT 1 FOR NO KEY UPDATE OF x SKIP LOCKED",
            now,
        )
        if due is None:
            return False
        panel = await lock_panel(due["panel_id"])
        late = [one for one in await members_of(panel.id) if one.due_at is not None and one.due_at <= now]
        if late and panel.open:
            await replace_member(panel, late[0], End.ABSENT, "", now)
        return bool(late)


async def _lock(member_id: UUID, organisation_id: UUID) -> tuple[PanelView, MemberView]:
    """The expert's own seat, with its panel locked first. Another's is NotFound."""
    panel_id = await fetch_value(
        "SELECT m.panel_id FROM panel_member m JOIN expert e ON e.id = m.expert_id"
        " WHERE m.id = $1 AND e.organisation_id = $2",
        member_id, organisation_id,
    )  # fmt: skip
    if panel_id is None:
        raise NotFound
    panel = await lock_panel(panel_id)
    row = await fetch_one(f"{MEMBER_SQL} WHERE m.id = $1", member_id)
    assert row is not None
    return panel, MemberView(**row)


async def _rulebook(panel: PanelView) -> Rulebook:
    return await catalogue_queries.rulebook((await project_by_id(panel.project_id)).rulebook_version)


def check_in_time(panel: PanelView, member: MemberView, now: datetime) -> None:
    """The seat is the expert's, unsigned, and its time is not over."""
    if member.signed_at is not None:
        raise Refusal("marks.signed", N_("You have signed your marks; they cannot be changed any more."))
    if member.ended is not None or not panel.open:
        raise Refusal("panel.over", N_("You are not on this panel any more."))
    if member.due_at is None or now >= member.due_at:
        raise Refusal(
            "panel.late", N_("The time for this ended at {due}."), rule="expert.marks_days" if member.accepted_at else "expert.answer_days",
            due=member.due_at, todo=N_("Another expert is asked in your place."),
        )  # fmt: skip


def check_scoring(panel: PanelView, member: MemberView, now: datetime) -> None:
    check_in_time(panel, member, now)
    if member.accepted_at is None:
        raise Refusal(
            "panel.not_accepted", N_("Accept the invitation before you score."),
            todo=N_("Open the invitation and declare that you have no conflict of interest."),
        )  # fmt: skip
