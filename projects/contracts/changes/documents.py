"""The supplement as a file with the signatures of both sides, on the same way as the contract's. It follows from the last
signature and never holds it up."""

from __future__ import annotations

import hashlib
from datetime import datetime

from market.accounts.actions import tell
from market.kernel.db import execute, transaction
from market.kernel.files import StoredFile
from market.kernel.i18n import N_
from market.register.actions import record
from projects.contracts.changes.queries import ChangeView, change_of, document_of
from projects.contracts.changes.wording import change_pdf
from projects.contracts.documents.actions import SignedBy, signed_file
from projects.contracts.queries import ContractView, contract_by_number
from projects.contracts.rules import Side
from projects.contracts.signing.certificates import Kept
from projects.contracts.signing.notary import Notary


def change_address(public_url: str, contract: ContractView, change: ChangeView) -> str:
    """Where the code on the supplement leads."""
    return f"{public_url}{contract.url}/changes/{change.no}"


async def make_document(number: str, no: int, notary: Notary, *, now: datetime) -> bool:
    """False when it is there already. A document that does not stand up to our own check is never kept: RuntimeError."""
    contract = await contract_by_number(number)
    change = await change_of(contract.id, no)
    if change.in_force_at is None or await document_of(change.id) is not None:
        return False
    address = change_address(notary.settings.public_url, contract, change)
    text = await change_pdf(change.terms, issuer=notary.market, address=address)
    signers = {side: _signed_by(contract, change, side) for side in Side}
    file, signatories = await signed_file(text, change.number, signers, notary, now=now)
    return await _enter(contract, change, file, text, signatories, now=now)


def _signed_by(contract: ContractView, change: ChangeView, side: Side) -> SignedBy:
    person_id = change.owner_signed_by if side is Side.OWNER else change.agency_signed_by
    at = change.signed_at(side)
    assert person_id is not None
    assert at is not None
    return SignedBy(
        person_id, change.signer_of(side) or "", contract.organisation_of(side), contract.name_of(side), contract.code_of(side), at
    )  # fmt: skip


async def _enter(
    contract: ContractView, change: ChangeView, file: StoredFile, text: bytes, signatories: dict[Side, Kept], *,
    now: datetime,
) -> bool:  # fmt: skip
    text_sha256 = hashlib.sha256(text).hexdigest()
    async with transaction():
        if not await execute(
            "INSERT INTO contract_change_document (change_id, file_id, sha256, text_size, text_sha256, owner_certificate_id,"
            " agency_certificate_id, made_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (change_id) DO NOTHING",
            change.id, file.id, file.sha256, len(text), text_sha256, signatories[Side.OWNER].id, signatories[Side.AGENCY].id, now,
        ):  # fmt: skip
            return False
        serials = {str(side): kept.holder.serial for side, kept in signatories.items()}
        await record(
            "change.documented", subject=contract.project_number, by="market", at=now,
            data={
                "contract": contract.number, "no": change.no, "sha256": file.sha256, "text_sha256": text_sha256,
                "terms_sha256": change.terms_sha256, "certificates": serials,
            },
        )  # fmt: skip
        for side in Side:
            await tell(
                contract.organisation_of(side), N_("The signed supplement to the contract of {project} is ready as a PDF."),
                link=f"{contract.url}/changes/{change.no}#document", cause=f"change.documented:{file.sha256}",
                facts={"project": contract.title}, now=now,
            )  # fmt: skip
    return True
