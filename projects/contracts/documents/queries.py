"""Reading the files of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.web.viewer import Viewer
from projects.contracts.queries import access_full_text
from projects.contracts.rules import Side


@dataclass(frozen=True)
class DocumentView:
    """A contract as a file: "signed" by the market's means, or a scan of "paper"."""

    id: UUID
    contract_id: UUID
    kind: str
    file_id: UUID
    name: str
    size: int
    sha256: str
    text_size: int | None
    text_sha256: str | None
    terms_sha256: str
    owner_certificate_id: UUID | None
    agency_certificate_id: UUID | None
    made_at: datetime
    sent_side: str | None
    confirmed_at: datetime | None
    refused_at: datetime | None
    refusal: str

    @property
    def waits(self) -> bool:
        return self.kind == "paper" and self.confirmed_at is None and self.refused_at is None

    def certificate_of(self, side: Side) -> UUID | None:
        return self.owner_certificate_id if side == Side.OWNER else self.agency_certificate_id


_DOCUMENTS = (
    "SELECT d.id, d.contract_id, d.kind, d.file_id, f.name, f.size, d.sha256, d.text_size, d.text_sha256, d.terms_sha256,"
    " d.owner_certificate_id, d.agency_certificate_id, d.made_at, d.sent_side, d.confirmed_at, d.refused_at, d.refusal"
    " FROM contract_document d JOIN stored_file f ON f.id = d.file_id"
)


async def documents_of(contract_id: UUID) -> list[DocumentView]:
    """The latest first."""
    rows = await fetch(f"{_DOCUMENTS} WHERE d.contract_id = $1 ORDER BY d.made_at DESC, d.id DESC", contract_id)
    return [DocumentView(**row) for row in rows]


async def access_document(viewer: Viewer, number: str, document_id: UUID) -> StoredFile:
    """For those who may read the full text; NotFound for everybody else."""
    contract = await access_full_text(viewer, number)
    for one in await documents_of(contract.id):
        if one.id == document_id:
            return await stored(one.file_id)
    raise NotFound
