"""Certificate mode: the serial numbers that Alipay wants beside a signature, and the key in its certificate."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from market.payments.alipay.rsa2 import KeyUnusable

_RSA = "1.2.840.113549.1.1."


@dataclass(frozen=True)
class Certificates:
    """`alipay_sn` must come back with every answer; a change of it is a change of Alipay's certificate."""

    app_sn: str
    root_sn: str
    alipay_sn: str
    alipay_key: RSAPublicKey


def serial_number(certificate: x509.Certificate) -> str:
    """MD5 of the issuer, most specific part first, and the decimal serial: an identifier, not a proof."""
    issuer = ",".join(part.rfc4514_string() for part in reversed(certificate.issuer.rdns))
    return hashlib.md5(f"{issuer}{certificate.serial_number}".encode(), usedforsecurity=False).hexdigest()


def root_serial_number(bundle: Sequence[x509.Certificate]) -> str:
    """Of all roots signed with RSA; the bundle also holds roots for other algorithms."""
    return "_".join(serial_number(one) for one in bundle if one.signature_algorithm_oid.dotted_string.startswith(_RSA))


def load_certificates(app: Path, root: Path, alipay: Path) -> Certificates:
    """Raises KeyUnusable naming the file."""
    theirs = _bundle(alipay)[0]
    key = theirs.public_key()
    if not isinstance(key, RSAPublicKey):
        raise KeyUnusable(f"{alipay.name} holds no RSA key")
    return Certificates(serial_number(_bundle(app)[0]), root_serial_number(_bundle(root)), serial_number(theirs), key)


def _bundle(path: Path) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise KeyUnusable(f"{path.name} holds no certificate") from None
    if not found:
        raise KeyUnusable(f"{path.name} holds no certificate")
    return found
