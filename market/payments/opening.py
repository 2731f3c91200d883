"""The way to Alipay that the settings name, opened once a process: for requests, jobs and sweeps alike."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.settings import Settings
from market.payments.alipay import rsa2
from market.payments.alipay.certificates import load_certificates
from market.payments.alipay.client import Account, Client
from market.payments.alipay.gateway import Addresses, Gateway
from market.payments.alipay.rsa2 import KeyUnusable

NOTIFY_PATH = "/payments/alipay/notify"
RETURN_PATH = "/payments/alipay/return"
SIMULATOR_FOLDER = "simulator"
_in_force: Gateway | None = None


class NoPayments(Exception):
    """Why this market cannot pay with Alipay as it is configured, in plain words and without a key."""


def account_of(settings: Settings) -> Account | None:
    """Keys and certificates as configured; None where payments are off. Raises NoPayments."""
    if settings.payments == "off":
        return None
    try:
        return _simulated(settings) if settings.payments == "simulator" else _real(settings)
    except KeyUnusable as problem:
        raise NoPayments(f"ALIPAY: {problem}") from None


def _simulated(settings: Settings) -> Account:
    from market.payments.simulator.identity import open_identity

    identity = open_identity(settings.data_dir / SIMULATOR_FOLDER)
    return Account(
        settings.alipay_gateway,
        identity.app_id,
        identity.seller_id,
        identity.merchant_key,
        (identity.alipay_key.public_key(),),
    )


def _real(settings: Settings) -> Account:
    assert settings.alipay_app_key is not None
    key = rsa2.private_key_file(settings.alipay_app_key)
    certificates = None
    if settings.alipay_app_cert and settings.alipay_root_cert and settings.alipay_cert:
        certificates = load_certificates(settings.alipay_app_cert, settings.alipay_root_cert, settings.alipay_cert, key)
    theirs = tuple(rsa2.public_key_file(path) for path in settings.alipay_public_keys)
    keys: tuple[RSAPublicKey, ...] = (*theirs, *(certificates.alipay_keys if certificates else ()))
    if any(rsa2.is_simulator_key(one) for one in (key.public_key(), *keys)):
        raise NoPayments("ALIPAY: a key of the simulator; the real Alipay needs keys of its own")
    if any(rsa2.fingerprint(one) == rsa2.fingerprint(key.public_key()) for one in keys):
        raise NoPayments("ALIPAY_PUBLIC_KEYS: this is our own public key; needed is Alipay's")
    return Account(settings.alipay_gateway, settings.alipay_app_id, settings.alipay_seller_id, key, keys, certificates)


def open_gateway(settings: Settings) -> Gateway | None:
    """The gateway which is from now on in force in this process. Raises NoPayments."""
    account = account_of(settings)
    addresses = addresses_of(settings)
    return put_in_force(Gateway(Client(account), notify_url=addresses.notify_url) if account else None)


def put_in_force(gateway: Gateway | None) -> Gateway | None:
    """For the composition root and for tests."""
    global _in_force
    _in_force = gateway
    return gateway


def gateway_in_force() -> Gateway | None:
    """None where payments are off: then there is nothing to ask and nothing to send."""
    return _in_force


def gateway_or_refusal() -> Gateway:
    if _in_force is None:
        raise Refusal(
            "payments.off", N_("This market does not take payments through Alipay at present."),
            todo=N_("Pay by bank transfer and record it here."),
        )  # fmt: skip
    return _in_force


def addresses_of(settings: Settings) -> Addresses:
    return Addresses(settings.public_url + NOTIFY_PATH, settings.public_url + RETURN_PATH)
