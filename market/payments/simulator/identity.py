"""Who the simulated Alipay and its one merchant are: numbers, and keys made at first start, never shipped."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from market.payments.alipay.rsa2 import SIMULATOR_EXPONENT, private_key_file

APP_ID: Final = "2021000000000001"
SELLER_ID: Final = "2088000000000001"
_FILES: Final = ("merchant-key.pem", "alipay-key.pem")


@dataclass(frozen=True)
class CertificateNumbers:
    """In certificate mode: the numbers that a caller must name, and the one under which the simulator answers."""

    app: str
    root: str
    alipay: str


@dataclass(frozen=True)
class Identity:
    """`merchant_key` is the market's own; `alipay_key` signs what the simulator says."""

    app_id: str
    seller_id: str
    merchant_key: RSAPrivateKey
    alipay_key: RSAPrivateKey
    certificates: CertificateNumbers | None = None


def new_identity() -> Identity:
    return Identity(APP_ID, SELLER_ID, _new_key(), _new_key())


def open_identity(folder: Path) -> Identity:
    """The keys in this folder, made when there are none. Several processes may start at once: the first to finish wins."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _FILES:
        if not (folder / name).exists():
            _write_once(folder / name)
    merchant, alipay = (private_key_file(folder / name) for name in _FILES)
    return Identity(APP_ID, SELLER_ID, merchant, alipay)


def _new_key() -> RSAPrivateKey:
    """The exponent marks the key as a simulator's, wherever somebody copies it."""
    return rsa.generate_private_key(public_exponent=SIMULATOR_EXPONENT, key_size=2048)


def _write_once(path: Path) -> None:
    text = _new_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    mine.touch(mode=0o600)
    mine.write_bytes(text)
    with suppress(FileExistsError):
        os.link(mine, path)
    mine.unlink()
