"""PAdES signatures in a contract's PDF: putting them there, and reading them from any file that somebody shows.

The signing time is that of the recorded act, attested by the timestamp service of the market's own authority.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from market.kernel.typesetting import typeset_now
from projects.contracts.rules import Side
from projects.contracts.signing.authority import Holder, serial_text

if TYPE_CHECKING:
    from pyhanko.sign.validation.status import PdfSignatureStatus

# pyHanko is imported where it is used: most processes never sign.
_DIGEST: Final = "sha256"
FIELDS: Final = {Side.OWNER: "Owner", Side.AGENCY: "Agency"}
_SIDES: Final = {field: side for side, field in FIELDS.items()}


@dataclass(frozen=True)
class Signing:
    """One side's signature: with which key, when, where on the last page (points), and what its picture says."""

    side: Side
    holder: Holder
    at: datetime
    box: tuple[int, int, int, int]
    mark: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Found:
    """A signature in a file. `intact`: the bytes it covers are unchanged; `trusted`: its chain ends at a root of ours;
    `allowed_after`: what was added after it is nothing but further signatures."""

    side: Side | None
    person: str
    organisation: str
    serial: str
    chain: tuple[str, ...]
    signed_at: datetime | None
    stamped_at: datetime | None
    intact: bool
    trusted: bool
    allowed_after: bool

    @property
    def holds(self) -> bool:
        return self.intact and self.trusted and self.allowed_after


class NotReadable(ValueError):
    """Not a PDF, or one that is broken."""


async def sign_pdf(pdf: bytes, signings: Sequence[Signing], *, timestamp: Holder) -> bytes:
    """The document with these signatures, one after the other; each covers all that was there before it."""
    return await asyncio.to_thread(lambda: asyncio.run(_sign_all(pdf, signings, timestamp)))


async def _sign_all(pdf: bytes, signings: Sequence[Signing], timestamp: Holder) -> bytes:
    # One service for the whole document: it works out only once how much room its stamps need.
    stamper = _timestamper(timestamp)
    for signing in signings:
        stamper.fixed_dt = signing.at
        pdf = await _sign(pdf, signing, stamper)
    return pdf


async def _sign(pdf: bytes, signing: Signing, stamper: Any) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko.stamp import StaticStampStyle

    name = FIELDS[signing.side]
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "stamp.pdf"
        picture.write_bytes(_picture(signing))
        signer = _at(signing.at)(
            signers.PdfSignatureMetadata(
                field_name=name, md_algorithm=_DIGEST, subfilter=fields.SigSeedSubFilter.PADES, name=signing.rows[0][1],
            ),
            signer=signer_of(signing.holder), timestamper=stamper,
            stamp_style=StaticStampStyle.from_pdf_file(str(picture), border_width=0, background_layout=_whole_box()),
            new_field_spec=fields.SigFieldSpec(name, on_page=-1, box=signing.box),
        )  # fmt: skip
        out = await signer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    content: bytes = out.getvalue()
    return content


def _whole_box() -> Any:
    from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule

    return SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MID, y_align=AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0)
    )


def _picture(signing: Signing) -> bytes:
    date = [signing.at.year, signing.at.month, signing.at.day]
    return typeset_now("contracts/stamp.typ", {"mark": signing.mark, "rows": list(signing.rows), "date": date})


def _at(moment: datetime) -> Any:
    """A signer for whom it is `moment`: the library would take the machine's clock."""
    from pyhanko.sign import signers

    class Signer(signers.PdfSigner):
        def init_signing_session(self, *args: Any, **options: Any) -> Any:
            session = super().init_signing_session(*args, **options)
            session.system_time = moment
            return session

    return Signer


def signer_of(holder: Holder) -> Any:
    """The library's signer with this certificate and key."""
    from pyhanko.sign.signers import SimpleSigner

    return SimpleSigner(
        signing_cert=plain(holder.certificate), signing_key=_plain_key(holder), cert_registry=_store(holder)
    )


def _timestamper(holder: Holder) -> Any:
    """A service that signs with the key at hand: the library's reads it from bytes and proves its primes for each stamp."""
    from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

    class Service(DummyTimeStamper):
        def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, Any]:
            assert isinstance(holder.key, rsa.RSAPrivateKey)
            assert md_algorithm == _DIGEST
            attributes = _attributes(self.tsa_cert, tst_info_data, dt)
            return holder.key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256()), attributes

    return Service(plain(holder.certificate), _plain_key(holder), certs_to_embed=_store(holder))


def _attributes(certificate: Any, content: bytes, moment: datetime) -> Any:
    """What a timestamp's signature covers (RFC 3161, 2.4.2, and RFC 5652, 11): kind and digest of the content, the moment
    and the certificate."""
    from asn1crypto import cms, core
    from pyhanko.sign.general import as_signing_certificate, simple_cms_attribute

    attributes = {
        "content_type": "tst_info",
        "signing_time": cms.Time({"utc_time": core.UTCTime(moment)}),
        "signing_certificate": as_signing_certificate(certificate),
        "message_digest": hashlib.sha256(content).digest(),
    }
    attribute: Any = simple_cms_attribute
    return cms.CMSAttributes([attribute(name, value) for name, value in attributes.items()])


def _store(holder: Holder) -> Any:
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store: Any = SimpleCertificateStore
    return store.from_certs([plain(one) for one in holder.chain])


def plain(certificate: x509.Certificate) -> Any:
    """The certificate as the library reads it."""
    from asn1crypto import x509 as plain

    return plain.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _plain_key(holder: Holder) -> Any:
    from asn1crypto import keys

    der = holder.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return keys.PrivateKeyInfo.load(der)


async def find_signatures(pdf: bytes, roots: Sequence[x509.Certificate]) -> list[Found]:
    """Every signature in a file, in their order; none of them is believed more than it proves. Raises NotReadable."""
    return await asyncio.to_thread(lambda: asyncio.run(_find(pdf, roots)))


async def _find(pdf: bytes, roots: Sequence[x509.Certificate]) -> list[Found]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        return [await _found(one, roots) for one in reader.embedded_regular_signatures]
    except Exception as problem:
        # The library raises whatever a hostile file brings about; to the reader all of it means the same.
        raise NotReadable(f"no readable PDF: {type(problem).__name__}") from problem


async def _found(embedded: Any, roots: Sequence[x509.Certificate]) -> Found:
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    claimed = embedded.self_reported_timestamp
    context = ValidationContext(trust_roots=[plain(one) for one in roots], allow_fetching=False, moment=claimed)
    status = await async_validate_pdf_signature(
        embedded, signer_validation_context=context, ts_validation_context=context
    )
    names = status.signing_cert.subject.native
    stamp = status.timestamp_validity
    return Found(
        side=_SIDES.get(embedded.field_name), person=names.get("common_name", ""),
        organisation=names.get("organization_name", ""), serial=serial_text(status.signing_cert.serial_number),
        chain=_chain(status), signed_at=claimed, stamped_at=stamp.timestamp if stamp and stamp.valid and stamp.trusted else None,
        intact=status.intact and status.valid, trusted=status.trusted, allowed_after=_allowed_after(status),
    )  # fmt: skip


def _chain(status: PdfSignatureStatus) -> tuple[str, ...]:
    path = status.validation_path
    return tuple(one.subject.human_friendly for one in path) if path else (status.signing_cert.subject.human_friendly,)


def _allowed_after(status: PdfSignatureStatus) -> bool:
    return (
        bool(status.docmdp_ok) and status.modification_level is not None and status.modification_level.name in _HARMLESS
    )


_HARMLESS: Final = frozenset({"NONE", "LTA_UPDATES", "FORM_FILLING"})
