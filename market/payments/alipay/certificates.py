"""Certificate mode: the serial numbers that Alipay wants beside a signature, and the keys in its certificates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from market.payments.alipay.rsa2 import KeyUnusable

RENEWED: Final = timedelta(days=30)  # how long before its end somebody is told that a certificate runs out
_RSA: Final = "1.2.840.113549.1.1."


@dataclass(frozen=True)
class Trusted:
    """One of Alipay's certificates: the key that it vouches for, and until when."""

    key: RSAPublicKey = field(repr=False)
    valid_until: datetime


@dataclass(frozen=True)
class Certificates:
    """`alipay`: serial number -> certificate; two while Alipay changes its own. One of the numbers must come back with
    every answer: another one is a change that nobody announced."""

    app_sn: str
    root_sn: str
    app_valid_until: datetime
    alipay: Mapping[str, Trusted]

    @property
    def alipay_keys(self) -> tuple[RSAPublicKey, ...]:
        return tuple(one.key for one in self.alipay.values())

    def is_over(self, now: datetime) -> bool:
        """Whether Alipay takes calls under our certificate no more."""
        return now >= self.app_valid_until

    def trusted(self, number: str | None, now: datetime) -> RSAPublicKey | None:
        """The key of the certificate of this number, while it is valid."""
        found = self.alipay.get(number or "")
        return found.key if found is not None and now < found.valid_until else None

    def running_out(self, now: datetime) -> Mapping[str, datetime]:
        """Serial number -> end of those that end soon, or have ended."""
        ends = {self.app_sn: self.app_valid_until, **{number: one.valid_until for number, one in self.alipay.items()}}
        return {number: end for number, end in ends.items() if now >= end - RENEWED}


def serial_number(certificate: x509.Certificate) -> str:
    """MD5 of the issuer, most specific part first, and the decimal serial: an identifier, not a proof."""
    issuer = ",".join(part.rfc4514_string() for part in reversed(certificate.issuer.rdns))
    return hashlib.md5(f"{issuer}{certificate.serial_number}".encode(), usedforsecurity=False).hexdigest()


def root_serial_number(bundle: Sequence[x509.Certificate]) -> str:
    """Of all roots signed with RSA; the bundle also holds roots for other algorithms."""
    return "_".join(serial_number(one) for one in bundle if one.signature_algorithm_oid.dotted_string.startswith(_RSA))


def load_certificates(app: Path, root: Path, alipay: Path, key: RSAPrivateKey) -> Certificates:
    """`alipay`: a bundle that begins with Alipay's own certificate; intermediates and a second own one may follow. `key`:
    ours, for which `app` must have been made out. Raises KeyUnusable naming the file."""
    ours, roots, theirs = _bundle(app)[0], _bundle(root), _bundle(alipay)
    if ours.public_key() != key.public_key():
        raise KeyUnusable(f"{app.name} was made out for another key than ours")
    if not any(one.signature_algorithm_oid.dotted_string.startswith(_RSA) for one in roots):
        raise KeyUnusable(f"{root.name} holds no root that signs with RSA")
    own = [one for one in theirs if not _is_authority(one)]
    if not own or any(not _leads_to(one, theirs, roots) for one in own):
        raise KeyUnusable(f"{alipay.name} holds no certificate that was issued under the roots of {root.name}")
    trusted = {serial_number(one): Trusted(_rsa_key(one, alipay), one.not_valid_after_utc) for one in own}
    return Certificates(serial_number(ours), root_serial_number(roots), ours.not_valid_after_utc, trusted)


def _rsa_key(certificate: x509.Certificate, path: Path) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise KeyUnusable(f"{path.name} holds no RSA key")
    return key


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _leads_to(
    certificate: x509.Certificate, between: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> bool:
    """Whether a chain of signatures leads from here to a root. Chains have few links; each is used once."""
    if any(_issued(certificate, one) for one in roots):
        return True
    upwards = [one for one in between if _is_authority(one) and one is not certificate and _issued(certificate, one)]
    return any(_leads_to(one, [other for other in between if other is not one], roots) for one in upwards)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _bundle(path: Path) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise KeyUnusable(f"{path.name} holds no certificate") from None
    if not found:
        raise KeyUnusable(f"{path.name} holds no certificate")
    return found
