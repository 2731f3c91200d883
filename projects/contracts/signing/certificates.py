"""Certificates as they are kept: issued when they are first needed, their keys sealed with the market's secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.x509.oid import NameOID

from market.accounts.passwords import seal, unseal
from market.kernel.db import execute, fetch, fetch_one, fetch_value, require_transaction
from market.kernel.ids import new_id
from projects.contracts.signing.authority import (
    Holder,
    Signatory,
    new_authority,
    new_signatory,
    new_timestamp,
    read_holder,
)
from projects.contracts.signing.notary import Notary

_PURPOSE: Final = "signing-key"
# A certificate that ends sooner is not used for another signature.
LEAST_LEFT: Final = timedelta(days=30)


class KeySealedElsewhere(Exception):
    """The key was sealed with another secret: SECRET_KEY changed, and the market signs nothing until it is back."""


@dataclass(frozen=True)
class Kept:
    """A holder as it is kept, and under which id."""

    id: UUID
    holder: Holder


async def signatory(notary: Notary, who: Signatory, *, organisation_id: UUID, person_id: UUID, now: datetime) -> Kept:
    """The certificate of a person for an organisation for a signature made at `now`, issued if there is none; in the
    caller's transaction."""
    await _one_at_a_time()
    row = await fetch_one(
        "SELECT * FROM signing_certificate WHERE organisation_id = $1 AND person_id = $2 AND retired_at IS NULL",
        organisation_id, person_id,
    )  # fmt: skip
    if row is not None and _speaks_for(row, who) and row["issued_at"] <= now < row["valid_until"] - LEAST_LEFT:
        return Kept(row["id"], _unsealed(notary, row))
    if row is not None:
        await _retire(row["id"], now)
    issued = new_signatory((await authority(notary, now=now)).holder, who, now=now)
    return await _keep(notary, "signatory", issued, organisation_id=organisation_id, person_id=person_id, now=now)


def _speaks_for(row: dict[str, object], who: Signatory) -> bool:
    """People and firms change their names; a certificate does not."""
    subject = x509.load_pem_x509_certificate(str(row["chain"]).encode()).subject
    names = {part.value for part in subject}
    return {who.person[:64], who.organisation[:64]} <= names


async def authority(notary: Notary, *, now: datetime) -> Kept:
    """Whose certificates are issued from: the one that the operator named, else our own, made once."""
    await _one_at_a_time()
    outside = notary.outside_authority()
    row = await fetch_one("SELECT * FROM signing_certificate WHERE role = 'authority' AND retired_at IS NULL")
    if outside is not None:
        if row is not None and row["serial"] == outside.serial:
            return Kept(row["id"], outside)
        if row is not None:
            await _retire(row["id"], now)
        return await _keep(notary, "authority", outside, sealed=False, now=now)
    if row is not None and row["sealed_key"] is not None:
        return Kept(row["id"], _unsealed(notary, row))
    if row is not None:
        await _retire(row["id"], now)
    return await _keep(notary, "authority", new_authority(notary.market, now=now), now=now)


async def timestamp(notary: Notary, *, now: datetime) -> Kept:
    issuer = await authority(notary, now=now)
    row = await fetch_one("SELECT * FROM signing_certificate WHERE role = 'timestamp' AND retired_at IS NULL")
    if row is not None:
        kept = _unsealed(notary, row)
        if kept.chain[1:] == issuer.holder.chain:
            return Kept(row["id"], kept)
        await _retire(row["id"], now)
    return await _keep(notary, "timestamp", new_timestamp(issuer.holder, notary.market, now=now), now=now)


async def roots() -> list[x509.Certificate]:
    """Where chains may end: every authority that this market has issued from, retired ones too."""
    rows = await fetch("SELECT chain FROM signing_certificate WHERE role = 'authority' ORDER BY issued_at")
    return [x509.load_pem_x509_certificates(row["chain"].encode())[-1] for row in rows]


async def chain_of(certificate_id: UUID) -> tuple[x509.Certificate, ...]:
    text: str = await fetch_value("SELECT chain FROM signing_certificate WHERE id = $1", certificate_id)
    return tuple(x509.load_pem_x509_certificates(text.encode()))


def holder_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


async def _one_at_a_time() -> None:
    require_transaction()
    await execute("SELECT pg_advisory_xact_lock(hashtext('signing_certificate'))")


async def _keep(
    notary: Notary, role: str, holder: Holder, *, now: datetime, sealed: bool = True, organisation_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Kept:  # fmt: skip
    certificate_id = new_id()
    key = seal(notary.settings.secret_key, _PURPOSE, holder.key_pem) if sealed else None
    await execute(
        "INSERT INTO signing_certificate (id, role, organisation_id, person_id, serial, chain, sealed_key, issued_at,"
        " valid_until) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        certificate_id, role, organisation_id, person_id, holder.serial, holder.chain_pem, key, now,
        holder.certificate.not_valid_after_utc,
    )  # fmt: skip
    return Kept(certificate_id, holder)


async def _retire(certificate_id: UUID, now: datetime) -> None:
    await execute("UPDATE signing_certificate SET retired_at = $2 WHERE id = $1", certificate_id, now)


def _unsealed(notary: Notary, row: dict[str, object]) -> Holder:
    key = unseal(notary.settings.secret_key, _PURPOSE, str(row["sealed_key"]))
    if key is None:
        raise KeySealedElsewhere(f"the key of certificate {row['serial']} was sealed with another SECRET_KEY")
    return read_holder(f"{key}{row['chain']}", ours=True)
