"""Contracts as files: the PDF that the market signs for both sides after their acts, and the paper signed by hand.

Neither ever holds up an act: signing is the recorded act, the file follows from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.actions import tell
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import Message, NotFound, Refusal
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.settings import Settings
from market.register.actions import record
from market.web.viewer import Viewer
from projects.contracts import rules
from projects.contracts.actions import sign_here
from projects.contracts.clauses import words
from projects.contracts.documents.paper import SIGNATURE_BOXES, contract_pdf
from projects.contracts.queries import ContractView, contract_by_id, contract_by_number, full_terms
from projects.contracts.rules import Side, State
from projects.contracts.signing import certificates
from projects.contracts.signing.authority import Signatory
from projects.contracts.signing.certificates import Kept
from projects.contracts.signing.notary import Notary
from projects.contracts.signing.signatures import Signing, find_signatures, sign_pdf


@dataclass(frozen=True)
class SignedBy:
    """Who signed for one side, and when: the recorded act that a signature in a document stands for."""

    person_id: UUID
    person: str
    organisation_id: UUID
    organisation: str
    code: str
    at: datetime


async def make_document(contract_id: UUID, notary: Notary, *, now: datetime) -> bool:
    """The contract in force as a PDF with both signatures, stored and entered. False when it is there already, or was
    signed on paper. A document that does not stand up to our own check is never kept: raises RuntimeError."""
    contract = await contract_by_id(contract_id)
    if contract.state is not State.IN_FORCE or await _is_documented(contract):
        return False
    text = await contract_pdf(
        await full_terms(contract), issuer=notary.market, address=verify_address(notary.settings, contract)
    )
    signers = {side: await _signed_by(contract, side) for side in Side}
    file, signatories = await signed_file(text, contract.number, signers, notary, now=now)
    return await _enter(contract, file, text, signatories, now=now)


async def signed_file(
    text: bytes, number: str, signers: Mapping[Side, SignedBy], notary: Notary, *, now: datetime
) -> tuple[StoredFile, dict[Side, Kept]]:
    """A typeset text with the signatures of both sides, checked by our own reader and stored. Raises RuntimeError where
    the check fails."""
    signatories, timestamp = await _certificates(signers, notary, now=now)
    signings = [_signing(side, signers[side], kept) for side, kept in signatories.items()]
    signed = await sign_pdf(text, sorted(signings, key=lambda one: one.at), timestamp=timestamp.holder)
    await _check(signed)
    owner = signers[Side.OWNER]
    content = Upload(f"{number}.pdf", signed, "application/pdf")
    file = await keep(notary.files, content, owner=owner.organisation_id, by=owner.person_id, now=now)
    return file, signatories


async def _signed_by(contract: ContractView, side: Side) -> SignedBy:
    at = contract.facts.signed_at(side)
    assert at is not None
    person_id: UUID = await fetch_value(f"SELECT {side}_signed_by FROM contract WHERE id = $1", contract.id)
    return SignedBy(
        person_id, contract.signer_of(side) or "", contract.organisation_of(side), contract.name_of(side), contract.code_of(side), at
    )  # fmt: skip


def verify_address(settings: Settings, contract: ContractView) -> str:
    """Where anybody can check the contract; its paper names it."""
    return f"{settings.public_url}{contract.url}/verify"


async def _is_documented(contract: ContractView) -> bool:
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM contract_document WHERE contract_id = $1 AND terms_sha256 = $2"
        " AND (kind = 'signed' OR confirmed_at IS NOT NULL))",
        contract.id, contract.terms_sha256,
    )  # fmt: skip
    return found


async def _certificates(
    signers: Mapping[Side, SignedBy], notary: Notary, *, now: datetime
) -> tuple[dict[Side, Kept], Kept]:
    kept: dict[Side, Kept] = {}
    async with transaction():
        for side, one in signers.items():
            kept[side] = await certificates.signatory(
                notary, Signatory(one.person, one.organisation, one.code), organisation_id=one.organisation_id,
                person_id=one.person_id, now=one.at,
            )  # fmt: skip
        return kept, await certificates.timestamp(notary, now=now)


def _signing(side: Side, by: SignedBy, kept: Kept) -> Signing:
    rows = (
        (_zh(N_("Signed by")), by.person),
        (_zh(N_("Signed at")), words(Message("{at}", {"at": by.at})).zh),
        (_zh(N_("Certificate")), f"{kept.holder.serial[:28]}…"),
    )
    return Signing(side, kept.holder, by.at, SIGNATURE_BOXES[side], _zh(N_("Signed on the market")), rows)


def _zh(text: str) -> str:
    return words(Message(text)).zh


async def _check(signed: bytes) -> None:
    found = await find_signatures(signed, await certificates.roots())
    if [one.side for one in found if one.holds and one.stamped_at == one.signed_at] != [
        one.side for one in found
    ] or len(found) != len(Side):
        raise RuntimeError(f"a signed contract does not verify: {found}")


async def _enter(
    contract: ContractView, file: StoredFile, text: bytes, signatories: dict[Side, Kept], *, now: datetime
) -> bool:
    text_sha256 = hashlib.sha256(text).hexdigest()
    async with transaction():
        made = await fetch_one(
            "INSERT INTO contract_document (id, contract_id, kind, file_id, sha256, text_size, text_sha256, terms_sha256,"
            " owner_certificate_id, agency_certificate_id, made_at) VALUES ($1,$2,'signed',$3,$4,$5,$6,$7,$8,$9,$10)"
            " ON CONFLICT (contract_id, terms_sha256) WHERE kind = 'signed' DO NOTHING RETURNING id",
            new_id(), contract.id, file.id, file.sha256, len(text), text_sha256, contract.terms_sha256,
            signatories[Side.OWNER].id, signatories[Side.AGENCY].id, now,
        )  # fmt: skip
        if made is None:
            return False
        serials = {str(side): kept.holder.serial for side, kept in signatories.items()}
        await record(
            "contract.documented", subject=contract.project_number, by="market", at=now,
            data={
                "contract": contract.number, "kind": "signed", "sha256": file.sha256, "text_sha256": text_sha256,
                "terms_sha256": contract.terms_sha256, "certificates": serials,
            },
        )  # fmt: skip
        for side in Side:
            await tell(
                contract.organisation_of(side), N_("The signed contract of {project} is ready as a PDF."),
                link=f"{contract.url}#documents", cause=f"contract.documented:{file.sha256}",
                facts={"project": contract.title}, now=now,
            )  # fmt: skip
    return True


async def send_paper(
    number: str,
    upload: Upload,
    *,
    viewer: Viewer,
    terms_sha256: str,
    files: ObjectStore,
    calendar: Calendar,
    now: datetime,
) -> ContractView:
    """A scan of the contract as this side signed it by hand, and with it the side's signature. The other side signs by
    confirming the same file. Raises NotFound for strangers, Refusal by the rules."""
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    seen = await contract_by_number(number)
    if seen.side_of(viewer.organisation_id) is None:
        raise NotFound
    rules.check_paper(seen.facts, now=now)
    file = await keep(files, upload, owner=viewer.organisation_id, by=viewer.person_id, now=now)
    async with transaction():
        contract, side = await sign_here(number, viewer=viewer, terms_sha256=terms_sha256, calendar=calendar, now=now)
        rules.check_paper(contract.facts, now=now)
        await _check_no_paper_waits(contract)
        await execute(
            "INSERT INTO contract_document (id, contract_id, kind, file_id, sha256, terms_sha256, made_at, sent_by,"
            " sent_side) VALUES ($1,$2,'paper',$3,$4,$5,$6,$7,$8)",
            new_id(), contract.id, file.id, file.sha256, contract.terms_sha256, now, viewer.person_id, str(side),
        )  # fmt: skip
        await _record_paper("contract.paper_sent", contract, side, file.sha256, viewer, now=now)
        await tell(
            contract.organisation_of(side.other), N_("{side} sent the contract of {project} signed on paper: check and confirm it."),
            link=f"{contract.url}/paper", cause=f"contract.paper_sent:{file.sha256}:{contract.number}",
            facts={"side": contract.name_of(side), "project": contract.title}, now=now,
        )  # fmt: skip
    return await contract_by_number(number)


async def confirm_paper(
    number: str, *, viewer: Viewer, sha256: str, terms_sha256: str, calendar: Calendar, now: datetime
) -> ContractView:
    """The other side confirms the very file that was sent, and signs with it."""
    async with transaction():
        contract, side = await sign_here(number, viewer=viewer, terms_sha256=terms_sha256, calendar=calendar, now=now)
        waiting = await _waiting_paper(contract, side)
        if waiting["sha256"] != sha256:
            raise Refusal(
                "contract.other_paper", N_("The file that you confirm is not the one that was sent; nothing was signed."),
                todo=N_("Open the page again and check the file that is there."),
            )  # fmt: skip
        await execute(
            "UPDATE contract_document SET confirmed_by = $2, confirmed_at = $3 WHERE id = $1",
            waiting["id"], viewer.person_id, now,
        )  # fmt: skip
        await _record_paper("contract.paper_confirmed", contract, side, sha256, viewer, now=now)
    return await contract_by_number(number)


async def refuse_paper(number: str, *, viewer: Viewer, reason: str, now: datetime) -> ContractView:
    """The file is not the contract, or cannot be read. The sender's signature stands; the other side signs here, or
    sends a scan of its own."""
    async with transaction():
        contract = await contract_by_number(number)
        side = contract.side_of(viewer.organisation_id)
        if side is None:
            raise NotFound
        waiting = await _waiting_paper(contract, side)
        await execute(
            "UPDATE contract_document SET refused_by = $2, refused_at = $3, refusal = $4 WHERE id = $1",
            waiting["id"], viewer.person_id, now, reason,
        )  # fmt: skip
        await _record_paper("contract.paper_refused", contract, side, waiting["sha256"], viewer, now=now, reason=reason)
        await tell(
            contract.organisation_of(side.other), N_("The paper contract of {project} was not confirmed."),
            link=contract.url, cause=f"contract.paper_refused:{waiting['id']}", facts={"project": contract.title}, now=now,
        )  # fmt: skip
    return await contract_by_number(number)


async def _check_no_paper_waits(contract: ContractView) -> None:
    if await _paper_row(contract) is not None:
        raise Refusal(
            "contract.paper_waits", N_("A contract signed on paper has been sent already and waits to be confirmed."),
            todo=N_("Open the contract to see it."),
        )  # fmt: skip


async def _waiting_paper(contract: ContractView, side: Side) -> dict[str, Any]:
    row = await _paper_row(contract)
    if row is None or row["sent_side"] == str(side):
        raise Refusal(
            "contract.no_paper", N_("No contract signed on paper waits for your confirmation."),
            todo=N_("Open the contract to see how it stands."),
        )  # fmt: skip
    return row


async def _paper_row(contract: ContractView) -> dict[str, Any] | None:
    return await fetch_one(
        "SELECT id, sha256, sent_side FROM contract_document WHERE contract_id = $1 AND kind = 'paper'"
        " AND confirmed_at IS NULL AND refused_at IS NULL FOR UPDATE",
        contract.id,
    )


async def _record_paper(
    kind: str, contract: ContractView, side: Side, sha256: str, viewer: Viewer, *, now: datetime, **more: str
) -> None:
    await record(
        kind, subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={"contract": contract.number, "side": str(side), "sha256": sha256, **more},
        private={"person": viewer.person_name},
    )  # fmt: skip
