"""Encrypted proposals: kept as they arrive, opened with the bids."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore

from market.kernel.db import execute, require_transaction
from market.kernel.errors import Refusal
from market.kernel.files import StoredFile, Upload, keep, read_whole, stored
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from projects.experts.proposals import (
    MEDIA_TYPE,
    ProposalFault,
    ProposalInvalid,
    ProposalSeal,
    check_form,
    decrypt_proposal,
)

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


@dataclass(frozen=True)
class HandedProposal:
    """What a bidder handed in with its bid, and what the bid says of it."""

    agency_id: UUID
    code: str
    file_id: UUID | None
    seal: ProposalSeal


@dataclass(frozen=True)
class ReadProposal:
    """A proposal tried with the key of its bid. `fault`: why nobody can read it."""

    handed: HandedProposal
    fault: ProposalFault | None


async def read_proposals(handed: Iterable[HandedProposal]) -> list[ReadProposal]:
    """Before the transaction of the opening: each is decrypted once, so that one that does not open is told with the
    opening, and not found by an expert. A storage that fails is no fault of a bidder, and raises."""
    return [ReadProposal(one, await _fault(one)) for one in handed]


async def _fault(one: HandedProposal) -> ProposalFault | None:
    if one.file_id is None:
        return ProposalFault.MISSING
    file = await stored(one.file_id)
    if file.sha256 != one.seal.sha256:  # not worth reading
        return ProposalFault.OTHER_FILE
    try:
        await asyncio.to_thread(decrypt_proposal, await read_whole(file), one.seal)
    except ProposalInvalid as problem:
        return problem.fault
    return None


async def open_proposals(
    project_id: UUID, number: str, round_no: int, read: Sequence[ReadProposal], now: datetime
) -> None:
    """In the transaction that opens the bids: keeps and records what opens each proposal, or why nothing does. A newer
    bid's proposal takes the place of one that an earlier opening read. The keys stand behind a salted digest: a
    proposal is for the experts."""
    require_transaction()
    for one in read:
        await execute(
            "INSERT INTO opened_proposal (id, project_id, agency_id, file_id, key, fault, opened_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT ON CONSTRAINT opened_proposal_once"
            " DO UPDATE SET file_id = excluded.file_id, key = excluded.key, fault = excluded.fault,"
            " opened_at = excluded.opened_at"
            " WHERE (opened_proposal.file_id, opened_proposal.key) IS DISTINCT FROM (excluded.file_id, excluded.key)",
            new_id(), project_id, one.handed.agency_id, one.handed.file_id, one.handed.seal.key,
            None if one.fault is None else str(one.fault), now,
        )  # fmt: skip
    await record(
        "proposals.opened", subject=number, by="market", at=now,
        data={"round_no": round_no, "proposals": [_told(one) for one in read]},
        private={"keys": {one.handed.code: one.handed.seal.key for one in read}},
    )  # fmt: skip


def _told(one: ReadProposal) -> dict[str, Any]:
    handed = one.handed
    return {
        "code": handed.code, "sha256": handed.seal.sha256, "file": None if handed.file_id is None else str(handed.file_id),
        "fault": None if one.fault is None else str(one.fault),
    }  # fmt: skip
