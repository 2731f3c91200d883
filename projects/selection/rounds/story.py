"""A round as a story: what was fixed when, and the pool in the order of the draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.beacon.rules import Chain, round_time
from market.kernel.i18n import N_, translate
from market.register.queries import Entry
from market.web.display import moment_exact
from projects.queries import ProjectView
from projects.selection.dossiers.draw_dossier import Dossier
from projects.selection.methods import METHODS, by_lot
from projects.selection.rounds.queries import RoundView
from projects.selection.sign_ups.way_in import WAYS_IN


@dataclass(frozen=True)
class Place:
    """One entrant of a drawn pool, in the order of the draw."""

    place: int
    code: str
    name: str
    ticket: str
    won: bool


def places_of(found: RoundView, dossier: Dossier | None) -> list[Place]:
    """The pool in the order of the draw, or by code while there is none."""
    names = {one.code: one.name for one in found.pool or ()}
    if dossier is None:
        return [Place(0, code, name, "", won=False) for code, name in names.items()]
    winners = set(dossier.winners)
    return [
        Place(number, one.code, names[one.code], one.score, won=one.code in winners)
        for number, one in enumerate(dossier.order, start=1)
    ]


def round_public_at(found: RoundView, chain: Chain) -> datetime | None:
    """When the committed round appears; None if there is none, or it belongs to a beacon that is not in force any more."""
    if found.beacon_round is None or chain.hash != found.beacon_chain:
        return None
    return round_time(chain, found.beacon_round)


def story_of(
    project: ProjectView, found: RoundView, history: Sequence[Entry], public_at: datetime | None, now: datetime
) -> list[dict[str, Any]]:
    """What was fixed when, for the timeline macro: the order is the proof."""
    entries = {entry.kind: entry for entry in history if _belongs(entry, found)}
    if committed := entries.get("draw.committed") or _notice(history, found):
        entries["committed"] = committed
    number = {"number": found.beacon_round}
    story = [
        _event(at, text, now, next((entries[kind] for kind in kinds if kind in entries), None), icon, number)
        for at, text, kinds, icon in _moments(project, found, public_at)
    ]
    return [event for event in story if event["at"] is not None]


def _moments(
    project: ProjectView, found: RoundView, public_at: datetime | None
) -> list[tuple[datetime | None, str, tuple[str, ...], str]]:
    """(when, what, kinds of the register entry, icon)"""
    drawn = found.method == by_lot.CODE
    bound = (
        N_("The draw is bound to beacon round {number}") if drawn else N_("The bids are bound to beacon round {number}")
    )
    decided = N_("The draw is computed and published") if drawn else N_("The result is decided and published")
    live = METHODS[found.method].live
    # An agency that the notice names may answer long before the close.
    answered = METHODS[found.method].alone and found.drawn_at is not None
    # A further round among the same pool opens and closes in one moment.
    at_once = found.deadline <= found.committed_at
    closes_at = None if live or answered or at_once else found.deadline
    return [
        (found.committed_at, bound if found.beacon_round else N_("The notice names the agency"), ("committed",), "lock"),
        (closes_at, WAYS_IN[found.method].closes, (), "clock"),
        (found.frozen_at, N_("The pool is frozen and its hash is published"), ("pool.frozen", "pool.sealed"), "list-check"),
        (found.deadline if live else None, N_("Bidding ends"), (), "clock"),
        (public_at, N_("Beacon round {number} appears: nobody could know it before"), (), "bolt"),
        (found.opened_at, N_("All bids open in one act"), ("bids.opened",), "mail-opened"),
        (found.drawn_at, decided, ("draw.made", "selection.decided", "project.failed"), "dice-5" if drawn else "calculator"),
        (_ends_at(project, found), N_("The public notice of the result ends"), (), "flag"),
    ]  # fmt: skip


def _event(
    at: datetime | None, text: str, now: datetime, entry: Entry | None, icon: str, facts: dict[str, Any] | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "at": at, "title": translate(text, **(facts or {})), "icon": icon, "future": at is None or at > now,
        "text": moment_exact(at) if at else None,
    }  # fmt: skip
    if entry is not None:
        made |= {"number": entry.written, "href": f"/register/entries/{entry.id}"}
    return made


def _ends_at(project: ProjectView, found: RoundView) -> datetime | None:
    return project.result_notice_ends_at if found.state == "drawn" else None


def _belongs(entry: Entry, found: RoundView) -> bool:
    return entry.data.get("round_no") == found.no


def _notice(history: Sequence[Entry], found: RoundView) -> Entry | None:
    """The notice, or the amendment, that committed a first round."""
    notices = [
        one for one in history if one.kind in ("project.published", "project.amended") and one.at == found.committed_at
    ]
    return notices[-1] if notices else None
