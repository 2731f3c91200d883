"""Encrypted proposals: kept as they arrive, opened with the bids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.kernel.db import execute, fetch_value, require_transaction
from market.kernel.errors import Refusal
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from projects.experts.proposals import MEDIA_TYPE, ProposalInvalid, ProposalSeal, check_form

FILE_NAME = "proposal.bin"


async def keep_encrypted(store: ObjectStore, content: bytes, *, owner: UUID, by: UUID, now: datetime) -> StoredFile:
    """Before the transaction of the bid that names it. Neither name nor type of the proposal is known yet; raises
    Refusal for what is not encrypted as proposals are."""
    try:
        check_form(content)
    except ProposalInvalid as problem:
        raise Refusal(
            "proposal.not_encrypted", N_("The proposal did not arrive encrypted, so that others could have read it."),
            todo=N_("Load the page anew and choose the file again."),
        ) from problem  # fmt: skip
    return await keep(store, Upload(FILE_NAME, content, MEDIA_TYPE), owner=owner, by=by, now=now)


async def open_proposals(
    project_id: UUID, opened: Mapping[UUID, tuple[UUID | None, ProposalSeal]], now: datetime
) -> frozenset[UUID]:
    """In the transaction that opens the bids: notes what opens each proposal; the proposal of a bid that an earlier
    opening read, and that a newer bid followed, goes. `opened`: agency -> (the file handed in with
    its bid, what the bid says of it). Returns the agencies whose bid names another file than they handed in: experts
    see of them that there is no proposal."""
    require_transaction()
    faulty = set()
    for agency_id, (file_id, seal) in opened.items():
        stored = await fetch_value("SELECT sha256 FROM stored_file WHERE id = $1", file_id) if file_id else None
        if stored != seal.sha256:
            faulty.add(agency_id)
            await execute("DELETE FROM opened_proposal WHERE project_id = $1 AND agency_id = $2", project_id, agency_id)
            continue
        await execute(
            "INSERT INTO opened_proposal VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT ON CONSTRAINT opened_proposal_once"
            " DO UPDATE SET file_id = excluded.file_id, key = excluded.key, opened_at = excluded.opened_at"
            " WHERE opened_proposal.file_id <> excluded.file_id",
            new_id(), project_id, agency_id, file_id, seal.key, now,
        )  # fmt: skip
    return frozenset(faulty)
