"""Who is told of what in words: for each public act of a selection, the organisations that should not have to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from market.kernel.calendar import beijing_date
from market.kernel.db import fetch
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.register.queries import Entry
from market.web.display import money
from projects.queries import ProjectView
from projects.selection.objections.queries import ObjectionView, objection_by_id
from projects.selection.rounds.queries import ids_of
from projects.selection.rounds.rules import Annulment
from projects.telling import Told

ACTS: Final = (
    "pool.frozen", "bids.opened", "draw.made", "selection.decided", "result.annulled", "draw.committed",
    "project.failed", "objection.raised", "objection.stated", "objection.answered",
)  # fmt: skip


async def messages_of(act: Entry, project: ProjectView) -> list[Told]:
    match act.kind:
        case "pool.frozen" | "bids.opened":
            return await _left_out(act, project)
        case "draw.made":
            return await _drawn(act, project)
        case "selection.decided":
            return await _decided(act, project)
        case "result.annulled":
            return await _fallen(act, project)
        case "draw.committed":
            text = N_("A further selection for {project} was ordered. It runs by itself; the page says why and when.")
            return _same([project.owner_id, *await _signed_up(project.id)], text, project)
        case "project.failed":
            text = _FAILED[act.data["reason"]]
            return _same([project.owner_id, *await _signed_up(project.id)], text, project)
        case _:
            return await _objection(act, project)


_FAILED: Final = {
    Annulment.TOO_FEW: N_("The selection for {project} failed: too few eligible agencies were left."),
    Annulment.TOO_FEW_VALID: N_("The selection for {project} failed: too few of the opened bids were valid."),
    Annulment.NO_PANEL: N_("The selection for {project} failed: no panel of experts could be found."),
    Annulment.COMPLAINT_UPHELD: N_("The regulator annulled the selection for {project} on a complaint."),
}


async def _left_out(act: Entry, project: ProjectView) -> list[Told]:
    ids = await ids_of([one["code"] for one in act.data["excluded"]])
    text = N_("Your organisation was left out of the pool of {project}: {reason}")
    return [
        Told(ids[one["code"]], text, project.url, {"project": project.title, "reason": one["reason"]})
        for one in act.data["excluded"]
    ]


async def _drawn(act: Entry, project: ProjectView) -> list[Told]:
    winner, name = act.data["winner"], act.data["winner_name"]
    told = _same([project.owner_id], N_("The draw of {project} is published: {winner}."), project, winner=name)
    ids = await _signed_up(project.id)
    winners = set((await ids_of([winner])).values())
    told += _same([one for one in ids if one in winners], N_("Your organisation was drawn for {project}."), project)
    others = [one for one in ids if one not in winners]
    return told + _same(others, N_("The draw of {project} is published: {winner}."), project, winner=name)


async def _decided(act: Entry, project: ProjectView) -> list[Told]:
    winner, facts = (
        act.data["winner"],
        {"winner": act.data["winner_name"], "price": money(Money(act.data["price_fen"]))},
    )
    text = N_("The selection for {project} is decided: {winner}, {price}.")
    told = _same([project.owner_id], text, project, **facts)
    winners = set((await ids_of([winner])).values())
    told += _same(winners, N_("Your organisation was selected for {project} at {price}."), project, **facts)
    others = [one for one in await _signed_up(project.id) if one not in winners]
    return told + _same(others, text, project, **facts)


async def _fallen(act: Entry, project: ProjectView) -> list[Told]:
    """The owner and the agency that was selected learn why; what follows is told to everybody by its own act."""
    facts = {"winner": act.data["winner_name"], "reason": act.data["reason"]}
    winners = set((await ids_of([act.data["winner"]])).values())
    own = N_("Your selection for {project} does not become final, because you may not take on work now: {reason}. It costs you no credit; the page says whom to ask.")  # fmt: skip
    text = N_("The result of {project} does not become final, because {winner} may not take on work now: {reason}. What follows stands on its page.")  # fmt: skip
    return _same(winners, own, project, **facts) + _same([project.owner_id], text, project, **facts)


async def _objection(act: Entry, project: ProjectView) -> list[Told]:
    found = await objection_by_id(UUID(act.data["objection"]))
    parties = {project.owner_id, found.raised_by_organisation, *([project.winner_id] if project.winner_id else [])}
    if act.kind == "objection.raised":
        text = N_("An objection to the result of {project} was raised. Nothing is signed until it is answered.")
        rest = parties - {found.raised_by_organisation, project.owner_id}
        return _same(rest, text, project) + _to_owner(found, project)
    if act.kind == "objection.stated":
        text = N_("The owner of {project} has stated its view on an objection.")
        return _same(parties - {project.owner_id}, text, project)
    texts = {
        "upheld": N_("The objection to the result of {project} was upheld: the selection is annulled."),
        "rejected": N_("The objection to the result of {project} was rejected."),
    }
    return _same(parties, texts[act.data["decision"]], project)


def _to_owner(found: ObjectionView, project: ProjectView) -> list[Told]:
    if found.by_owner or found.statement_due_at is None:
        return []
    text = N_("An objection to the result of {project} was raised. You may state your view until {due}.")
    due = beijing_date(found.statement_due_at - timedelta(microseconds=1)).isoformat()
    return _same([project.owner_id], text, project, due=due)


def _same(organisations: Iterable[UUID], text: str, project: ProjectView, **facts: Any) -> list[Told]:
    return [Told(one, text, project.url, {"project": project.title, **facts}) for one in organisations]


async def _signed_up(project_id: UUID) -> Sequence[UUID]:
    """Everybody who had signed up at the close, given up or not."""
    rows = await fetch(
        "SELECT DISTINCT agency_id FROM sign_up WHERE project_id = $1 AND (withdrawn_at IS NULL OR withdrawn_after_close)",
        project_id,
    )
    return [row["agency_id"] for row in rows]
