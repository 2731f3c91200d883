"""Certificates for signing: an authority, a timestamp service and signatories, each with a key of its own.

Pure of database and clock: what is made here is kept, sealed, by `projects.contracts.signing.certificates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SLACK: Final = timedelta(days=1)  # clocks of readers differ
# The first signatures may be older than the first document, and with it than the authority itself.
BEFORE: Final = timedelta(days=365)
AUTHORITY_LIFE: Final = timedelta(days=20 * 365)
SIGNATORY_LIFE: Final = timedelta(days=3 * 365)
# Above a signatory's own: the organisation's unified social credit code (X.520 organizationIdentifier).
_ORGANISATION_CODE: Final = x509.ObjectIdentifier("2.5.4.97")
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Holder:
    """A certificate with those above it (its own first), and its private key."""

    chain: tuple[x509.Certificate, ...]
    key: Key

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    @property
    def serial(self) -> str:
        return serial_text(self.certificate.serial_number)

    @property
    def chain_pem(self) -> str:
        return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in self.chain)

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()


@dataclass(frozen=True)
class Signatory:
    """For whom a certificate speaks: a person on behalf of an organisation."""

    person: str
    organisation: str
    code: str


class NotAnAuthority(ValueError):
    """What was given holds no certificate that may issue others, or not the key that belongs to it."""


def read_holder(pem: str, *, ours: bool = False) -> Holder:
    """From PEM: one private key and a chain, the issuing certificate first. Raises NotAnAuthority. `ours`: the key was
    made and sealed here, so its primes need no proof, which takes a hundred times as long as a signature."""
    try:
        chain = tuple(x509.load_pem_x509_certificates(pem.encode()))
        key = serialization.load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=ours)
    except (ValueError, TypeError) as problem:
        raise NotAnAuthority(f"not PEM with a key and certificates: {problem}") from problem
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise NotAnAuthority("the key must be RSA or on an elliptic curve")
    if key.public_key() != chain[0].public_key():
        raise NotAnAuthority("the key does not belong to the first certificate")
    return Holder(chain, key)


def check_authority(holder: Holder) -> Holder:
    try:
        constraints = holder.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        raise NotAnAuthority("the first certificate says nothing of issuing others") from None
    if not constraints.ca:
        raise NotAnAuthority("the first certificate may not issue others")
    return holder


def new_authority(market: str, *, now: datetime) -> Holder:
    key = ec.generate_private_key(ec.SECP384R1())
    name = x509.Name([_part(NameOID.ORGANIZATION_NAME, market), _part(NameOID.COMMON_NAME, f"{market} CA")])
    builder = _builder(name, name, key, since=now - BEFORE, until=now + AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(issues=True), critical=True)
    return Holder((builder.sign(key, hashes.SHA384()),), key)


def new_timestamp(authority: Holder, market: str, *, now: datetime) -> Holder:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([_part(NameOID.ORGANIZATION_NAME, market), _part(NameOID.COMMON_NAME, f"{market} TSA")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return _issued(
        authority,
        name,
        key,
        [(_usage(), True), (usage, True)],
        since=now - BEFORE,
        until=_until(authority, now + AUTHORITY_LIFE),
    )


def new_signatory(authority: Holder, who: Signatory, *, now: datetime) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([
        _part(NameOID.COUNTRY_NAME, "CN"), _part(NameOID.ORGANIZATION_NAME, who.organisation),
        x509.NameAttribute(_ORGANISATION_CODE, who.code), _part(NameOID.COMMON_NAME, who.person),
    ])  # fmt: skip
    return _issued(
        authority, name, key, [(_usage(), True)], since=now - SLACK, until=_until(authority, now + SIGNATORY_LIFE)
    )


def _until(authority: Holder, wished: datetime) -> datetime:
    """Nothing outlives what vouches for it."""
    return min(wished, authority.certificate.not_valid_after_utc)


def serial_text(serial: int) -> str:
    return f"{serial:x}"


def _part(kind: x509.ObjectIdentifier, text: str) -> x509.NameAttribute:
    # X.520 allows 64 characters; what is longer is said in the document itself.
    return x509.NameAttribute(kind, text[:64])


def _issued(
    authority: Holder, name: x509.Name, key: Key, extensions: Sequence[tuple[x509.ExtensionType, bool]], *, since: datetime,
    until: datetime,
) -> Holder:  # fmt: skip
    issuer = authority.certificate
    builder = _builder(name, issuer.subject, key, since=since, until=until)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Holder((builder.sign(authority.key, hashes.SHA256()), *authority.chain), key)


def _builder(
    name: x509.Name, issuer: x509.Name, key: Key, *, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, issues: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issues, content_commitment=not issues, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=issues, crl_sign=issues, encipher_only=False, decipher_only=False,
    )  # fmt: skip
