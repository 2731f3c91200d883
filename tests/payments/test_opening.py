"""Keys: what opens the way to Alipay, and what never may."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from market.kernel.settings import Settings
from market.payments.alipay import rsa2
from market.payments.alipay.rsa2 import KeyUnusable
from market.payments.opening import NoPayments, account_of
from market.payments.simulator.identity import open_identity
from tests.conftest import ROOT


def written(folder: Path, key: rsa.RSAPrivateKey, name: str, form: PrivateFormat = PrivateFormat.PKCS8) -> Path:
    (folder / f"{name}.pem").write_bytes(key.private_bytes(Encoding.PEM, form, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.pub").write_text(b64encode(public).decode())
    return folder / f"{name}.pem"


def real(folder: Path, ours: Path, theirs: Path) -> Settings:
    return Settings(
        mode="production", data_dir=folder, alipay_mode="production", alipay_app_id="2021000000000002",
        alipay_seller_id="2088000000000002", alipay_app_key=ours, alipay_public_keys=(theirs,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    return tuple(rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))  # type: ignore[return-value]


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_real_keys_open_the_way(tmp_path, keys, form) -> None:
    ours, theirs = written(tmp_path, keys[0], "ours", form), written(tmp_path, keys[1], "theirs")
    account = account_of(real(tmp_path, ours, theirs.with_suffix(".pub")))
    assert account is not None
    assert account.url == "https://openapi.alipay.com/gateway.do"
    assert "RSA" not in repr(account)


def test_32_a_simulator_key_never_reaches_production_whatever_its_name(tmp_path, keys) -> None:
    simulated = open_identity(tmp_path / "simulator")
    ours, theirs = written(tmp_path, keys[0], "ours"), written(tmp_path, keys[1], "theirs")
    copied = written(tmp_path, simulated.merchant_key, "copied"), written(tmp_path, simulated.alipay_key, "alipay")
    for settings in (
        real(tmp_path, copied[0], theirs.with_suffix(".pub")),
        real(tmp_path, ours, copied[1].with_suffix(".pub")),
    ):
        with pytest.raises(NoPayments, match="simulator"):
            account_of(settings)


def test_our_own_public_key_is_not_alipay_s(tmp_path, keys) -> None:
    ours = written(tmp_path, keys[0], "ours")
    with pytest.raises(NoPayments, match="our own"):
        account_of(real(tmp_path, ours, ours.with_suffix(".pub")))


@pytest.mark.parametrize("text", ["", "not a key", "-----BEGIN X-----\nAAAA\n-----END X-----", "MIIB"])
def test_what_is_no_key_is_said_without_repeating_it(tmp_path, keys, text) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text(text)
    with pytest.raises(NoPayments) as problem:
        account_of(real(tmp_path, bad, bad))
    assert not text or text not in str(problem.value)


def test_short_keys_are_refused() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    text = small.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(KeyUnusable):
        rsa2.private_key(text)


def test_the_simulator_s_keys_are_made_once(tmp_path: Path) -> None:
    settings = Settings(mode="test", data_dir=tmp_path)
    first, second = account_of(settings), account_of(settings)
    assert first is not None
    assert second is not None
    assert rsa2.fingerprint(first.key.public_key()) == rsa2.fingerprint(second.key.public_key())
    assert (tmp_path / "simulator" / "merchant-key.pem").stat().st_mode & 0o077 == 0
    assert account_of(replace(settings, alipay_mode="off")) is None


def test_the_sdk_is_not_imported_before_the_first_call() -> None:
    """Whoever does not pay with Alipay pays neither its import nor its memory."""
    script = "import sys, app, market.cli.serving; print([one for one in sys.modules if one.split('.')[0] == 'alipay'])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout == "[]\n"
