"""What arrives by itself: notifies at our address, and the buyer who returns. Both are only read here, never believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from market.payments.alipay import rsa2
from market.payments.alipay.certificates import Certificates

LARGEST_NOTIFY: Final = 64 * 1024


class Forged(Exception):
    """Not from Alipay, or damaged on the way. Says which, without the content."""


def verified(raw: bytes, keys: Sequence[RSAPublicKey], certificates: Certificates | None = None) -> Mapping[str, str]:
    """The parameters of a notify (form body) or of a return (query string), once the signature held. In certificate mode
    a number that stands beside it must be of a certificate that is configured. Raises Forged."""
    if len(raw) > LARGEST_NOTIFY:
        raise Forged("too large")
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise Forged("no form") from None
    params = dict(pairs)
    if len(params) != len(pairs):
        raise Forged("a name stands twice")
    if params.get("sign_type", "RSA2") != "RSA2" or not params.get("sign"):
        raise Forged("not signed with RSA2")
    if certificates is not None and params.get("alipay_cert_sn", "") not in {"", *certificates.alipay}:
        raise Forged("under a certificate that is not configured")
    if not rsa2.verify(keys, rsa2.notice_content(params), params["sign"]):
        raise Forged("the signature does not hold")
    return params
