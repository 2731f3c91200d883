"""Those who arrive together, in the database: what is known of them, and writing them down in a few statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from market.kernel.db import execute, fetch, fetch_one
from market.kernel.ids import new_id
from market.kernel.together import Again
from market.register.actions import NewEntry, record_all
from projects.rules import Stage
from projects.selection.bids.rules import SEALED, Bidding, bidding_of, sealed_methods
from projects.selection.rounds.queries import refused_before
from projects.selection.rounds.rules import Cause
from projects.selection.sign_ups.actions.wishes import Taken, Wish

BY: Final = "agency"  # the register must not tell who takes part before the pool is published


@dataclass(frozen=True)
class Plan:
    """What is to be written for one wish. `sign_up_id` is the one that holds already unless it is `fresh`; `count`: how
    many have signed up with this one, where that may be told."""

    wish: Wish
    number: str
    method: str
    code: str
    sign_up_id: UUID
    fresh: bool
    count: int | None
    bid_id: UUID | None
    replaced_sha256: str | None = None


# Whoever comes too late takes no lock: a crowd at the door must not keep the pool from being frozen.
_LOCK = """
SELECT p.id FROM project p JOIN unnest($1::uuid[], $2::timestamptz[]) AS w(id, earliest) ON w.id = p.id
WHERE p.stage = $3 AND p.sign_up_closes_at > w.earliest ORDER BY p.id FOR KEY SHARE OF p
"""


async def lock_projects(wishes: Sequence[Wish]) -> set[UUID]:
    """Holds those of the projects that still take sign-ups: their freeze and their amendment wait for us. In a crowd a
    project that is being frozen is left out; somebody alone waits for it."""
    earliest: dict[UUID, Any] = {}
    for wish in wishes:
        earliest[wish.project_id] = min(wish.now, earliest.get(wish.project_id, wish.now))
    sql = _LOCK if len(wishes) == 1 else f"{_LOCK} SKIP LOCKED"
    rows = await fetch(sql, list(earliest), list(earliest.values()), str(Stage.SIGN_UP))
    return {row["id"] for row in rows}


_PROJECTS = """
SELECT p.id, p.number, p.stage, p.method, p.sign_up_opens_at, p.sign_up_closes_at, p.catalogue_version,
       o.legal_representative, o.parent_code, r.beacon_chain, r.beacon_round,
       (SELECT count(*) FROM project_amendment m WHERE m.project_id = p.id) AS amendments,
       CASE WHEN p.method = ANY ($2) THEN NULL ELSE
           (SELECT count(*) FROM sign_up s WHERE s.project_id = p.id AND s.withdrawn_at IS NULL) END AS count, r.no
FROM project p
JOIN organisation o ON o.id = p.owner_id
LEFT JOIN selection_round r ON r.project_id = p.id AND r.superseded_at IS NULL AND r.drawn_at IS NULL AND r.annulled_at IS NULL
WHERE p.id = ANY ($1)
"""


async def projects_of(wishes: Sequence[Wish]) -> dict[UUID, dict[str, Any]]:
    """Read after they are locked, in a statement of its own: only that one is sure to see what an amendment wrote."""
    rows = await fetch(_PROJECTS, list({wish.project_id for wish in wishes}), sealed_methods())
    return {row["id"]: row | {"refused": await _refused(row)} for row in rows}


async def _refused(row: dict[str, Any]) -> dict[UUID, Cause]:
    """Nobody can have refused before there was a result."""
    return await refused_before(row["id"]) if (row["no"] or 1) > 1 else {}


# Each lateral part is one step in an index, however PostgreSQL estimates the size of the crowd.
_STANDING = """
SELECT s.id AS sign_up_id, s.entry_id, b.id AS bid_id, b.ciphertext_sha256 AS bid_sha256,
       n.id AS nonce_id, n.agency_id AS nonce_agency, n.project_id AS nonce_project, n.sign_up_id AS nonce_sign_up,
       n.entry_id AS nonce_entry, n.ciphertext_sha256 AS nonce_sha256, n.sealed_by AS nonce_sealed_by, n.ended AS nonce_ended,
       w.sha256 IS NOT NULL AND EXISTS (
           SELECT 1 FROM sealed_bid x WHERE x.agency_id = w.agency_id AND x.project_id = w.project_id
           AND x.ciphertext_sha256 = w.sha256) AS replayed,
       EXISTS (SELECT 1 FROM agency_authorised_person a WHERE a.id = w.authorised AND a.agency_id = w.agency_id
               AND a.review = 'accepted' AND a.left_at IS NULL) AS authorised
FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
     AS w(place, project_id, agency_id, authorised, nonce, sha256)
LEFT JOIN LATERAL (SELECT id, entry_id FROM sign_up s WHERE s.project_id = w.project_id AND s.agency_id = w.agency_id
                   AND s.withdrawn_at IS NULL LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT id, ciphertext_sha256 FROM sealed_bid b WHERE b.sign_up_id = s.id AND b.ended IS NULL
                   AND b.opened_at IS NULL LIMIT 1) b ON true
LEFT JOIN LATERAL (SELECT id, agency_id, project_id, sign_up_id, entry_id, ciphertext_sha256, sealed_by, ended
                   FROM sealed_bid n WHERE n.nonce = w.nonce LIMIT 1) n ON true
ORDER BY w.place
"""


async def standing_of(wishes: Sequence[Wish]) -> list[dict[str, Any]]:
    """What each of the agencies has in its project already, in the order of the wishes."""
    return await fetch(
        _STANDING, list(range(len(wishes))), [wish.project_id for wish in wishes], [wish.agency_id for wish in wishes],
        [wish.offer.authorised_person_id for wish in wishes],
        [wish.bid and wish.bid.sealed.nonce for wish in wishes], [wish.bid and wish.bid.sha256 for wish in wishes],
    )  # fmt: skip


async def write(plans: Sequence[Plan]) -> list[Taken]:
    """Register entries, sign-ups and bids, in the order given. Raises Again where somebody came in between."""
    if not plans:
        return []
    entries = [_entry(plan) for plan in plans]
    ends = [plan for plan in plans if plan.replaced_sha256 is not None]
    recorded = await record_all([*entries, *map(_ending, ends)])
    for plan in plans:
        if not plan.fresh:
            await _hold(plan)
    for plan, entry_id in zip(ends, recorded[len(entries) :], strict=True):
        await _end_replaced(plan, entry_id)
    await _insert(plans, recorded)
    await _keep_marks(plans)
    return [Taken(plan.sign_up_id, entry_id, plan.bid_id) for plan, entry_id in zip(plans, recorded, strict=False)]


def _entry(plan: Plan) -> NewEntry:
    wish, private = plan.wish, {"agency": plan.code, "sign_up": str(plan.sign_up_id)}
    if plan.bid_id is not None and wish.bid is not None:
        made = bid_entry("bid.sealed", plan.number, plan.code, plan.bid_id, wish.bid.sha256, wish.now)
        # A changed nonce would spoil the bid at the opening.
        return replace(made, private={**made.private, "nonce": wish.bid.sealed.nonce})
    if bidding_of(plan.method) is Bidding.NONE:
        return NewEntry("sign_up.made", plan.number, BY, {"count": plan.count}, wish.now, private)
    return NewEntry("sign_up.sealed", SEALED, BY, {}, wish.now, private | {"project": plan.number})


def _ending(plan: Plan) -> NewEntry:
    assert plan.wish.replaces is not None
    assert plan.replaced_sha256 is not None
    return bid_entry(
        "bid.replaced", plan.number, plan.code, plan.wish.replaces, plan.replaced_sha256, plan.wish.now
    )  # fmt: skip


def bid_entry(kind: str, number: str, code: str, bid_id: UUID, sha256: str, now: Any) -> NewEntry:
    """An act on a sealed bid. The file's hash is enough to find it at the opening; anything more, even its beacon
    round, would tell how many bid for a project."""
    private = {"project": number, "agency": code, "bid": str(bid_id)}
    return NewEntry(kind, SEALED, BY, {"ciphertext_sha256": sha256}, now, private)


async def _hold(plan: Plan) -> None:
    """The sign-up that stands, with what the agency confirms this time; its withdrawal waits for us."""
    offer = plan.wish.offer
    held = await execute(
        "UPDATE sign_up SET authorised_person_id = $2, practitioner_ids = $3 WHERE id = $1 AND withdrawn_at IS NULL",
        plan.sign_up_id, offer.authorised_person_id, list(offer.practitioner_ids),
    )  # fmt: skip
    if not held:
        raise Again


async def _end_replaced(plan: Plan, entry_id: UUID) -> None:
    assert plan.wish.replaces is not None
    if not await end_bid(plan.wish.replaces, "replaced", entry_id, plan.wish.now):
        raise Again


async def end_bid(bid_id: UUID, how: str, entry_id: UUID, now: Any) -> bool:
    """Erases a bid that does not stand any more: every copy of it opens at its round."""
    return bool(await execute(
        "UPDATE sealed_bid SET ciphertext = NULL, ended = $2, ended_at = $3, end_entry_id = $4"
        " WHERE id = $1 AND ended IS NULL AND opened_at IS NULL",
        bid_id, how, now, entry_id,
    ))  # fmt: skip


_INSERT = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::timestamptz[], $8::uuid[],
                         $9::boolean[], $10::uuid[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::text[],
                         $16::text[], $17::uuid[])
        AS g(sign_up_id, project_id, agency_id, authorised, practitioners, by, at, entry_id, fresh, bid_id, nonce, chain,
             round, ciphertext, sha256, sealed_by, proposal)),
signed AS (
    INSERT INTO sign_up (id, project_id, agency_id, authorised_person_id, practitioner_ids, signed_by, signed_up_at, entry_id)
    SELECT sign_up_id, project_id, agency_id, authorised, practitioners::uuid[], by, at, entry_id FROM given WHERE fresh
    ON CONFLICT (project_id, agency_id) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id),
bid AS (
    INSERT INTO sealed_bid (id, project_id, sign_up_id, agency_id, nonce, beacon_chain, beacon_round, ciphertext,
                            ciphertext_sha256, sealed_by, proposal_file_id, sent_by, received_at, entry_id)
    SELECT bid_id, project_id, sign_up_id, agency_id, nonce, chain, round, ciphertext, sha256, sealed_by, proposal, by, at,
           entry_id
    FROM given WHERE bid_id IS NOT NULL AND (NOT fresh OR sign_up_id IN (SELECT id FROM signed))
    ON CONFLICT DO NOTHING RETURNING id)
SELECT (SELECT count(*) FROM signed) AS signed, (SELECT count(*) FROM bid) AS bids
"""


async def _insert(plans: Sequence[Plan], entries: Sequence[UUID]) -> None:
    rows = [tuple(_row(plan, entry_id)) for plan, entry_id in zip(plans, entries, strict=False)]
    done = await fetch_one(_INSERT, *(list(column) for column in zip(*rows, strict=True)))
    wanted = {"signed": sum(plan.fresh for plan in plans), "bids": sum(plan.bid_id is not None for plan in plans)}
    if done != wanted:
        raise Again


async def _keep_marks(plans: Sequence[Plan]) -> None:
    rows = [
        (new_id(), plan.wish.project_id, plan.wish.agency_id, one.kind, one.mark, plan.wish.now)
        for plan in plans for one in plan.wish.marks
    ]  # fmt: skip
    if rows:
        await execute(
            "INSERT INTO entry_mark SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[],"
            " $6::timestamptz[]) ON CONFLICT ON CONSTRAINT entry_mark_once DO NOTHING", *(list(column) for column in zip(*rows, strict=True)),
        )  # fmt: skip


def _row(plan: Plan, entry_id: UUID) -> Iterator[Any]:
    wish, bid = plan.wish, plan.wish.bid
    yield from (plan.sign_up_id, wish.project_id, wish.agency_id, wish.offer.authorised_person_id)
    yield "{" + ",".join(map(str, wish.offer.practitioner_ids)) + "}"
    yield from (wish.by, wish.now, entry_id, plan.fresh, plan.bid_id)
    if bid is None:
        yield from (None,) * 7
    else:
        sealed = bid.sealed
        yield from (sealed.nonce, bid.chain, bid.round, sealed.ciphertext, bid.sha256, sealed.sealed_by)
        yield sealed.proposal_file_id
