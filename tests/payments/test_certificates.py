"""Certificate mode, with a chain of authorities made here: numbers, roots, a change of Alipay's certificate, an end of ours.

Expected numbers are computed here by the rule as Alipay words it (issuer, most specific part first, then the serial in
decimal, as MD5), not by the code under test."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from market.kernel.clock import FixedClock
from market.payments.alipay.certificates import Certificates, load_certificates
from market.payments.alipay.client import Client
from market.payments.alipay.gateway import Gateway
from market.payments.alipay.notify import Forged, verified
from market.payments.alipay.outcome import Absent, Done, NotExecuted, Unknown
from market.payments.alipay.rsa2 import KeyUnusable
from market.payments.jobs import certificates_looked_at
from market.payments.opening import put_in_force
from market.payments.simulator.app import Simulator
from market.payments.simulator.identity import CertificateNumbers, Identity
from market.payments.simulator.protocol import signed_notice
from tests.payments.conftest import account_at, open_cashier, order

pytestmark = pytest.mark.anyio
START = datetime(2026, 1, 1, tzinfo=UTC)
Key = RSAPrivateKey | ec.EllipticCurvePrivateKey


def name(common: str, unit: str = "Certification Authority") -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, "Test Financial"),
             (NameOID.ORGANIZATIONAL_UNIT_NAME, unit), (NameOID.COMMON_NAME, common))  # fmt: skip
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: Key

    def issue(self, common: str, key: Any, *, days: int = 3650, authority: bool = False) -> x509.Certificate:
        return made(name(common), self.certificate.subject, key.public_key(), self.key, days=days, authority=authority)


def made(
    subject: x509.Name, issuer: x509.Name, public: Any, key: Key, *, days: int, authority: bool
) -> x509.Certificate:
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        .serial_number(x509.random_serial_number()).not_valid_before(START).not_valid_after(START + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True).sign(key, SHA256())
    )  # fmt: skip


def root(common: str, key: Key) -> Authority:
    return Authority(made(name(common), name(common), key.public_key(), key, days=7300, authority=True), key)


def number(certificate: x509.Certificate, issuer: str) -> str:
    text = f"CN={issuer},OU=Certification Authority,O=Test Financial,C=CN{certificate.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Chain:
    """Two RSA roots and one of another algorithm, an intermediate, and what it issued."""

    folder: Path
    identity: Identity
    roots: tuple[Authority, ...]
    between: Authority

    def file(self, called: str, *certificates: x509.Certificate) -> Path:
        path = self.folder / called
        path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
        return path

    def load(self, app: x509.Certificate, *alipay: x509.Certificate) -> Certificates:
        return load_certificates(
            self.file("app.crt", app), self.file("root.crt", *(one.certificate for one in self.roots)),
            self.file("alipay.crt", *alipay, self.between.certificate), self.identity.merchant_key,
        )  # fmt: skip


@pytest.fixture(scope="module")
def keys() -> list[RSAPrivateKey]:
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(4)]


@pytest.fixture
def chain(tmp_path: Path, identity: Identity, keys: list[RSAPrivateKey]) -> Chain:
    first, other, second = (
        root("Root R1", keys[0]),
        root("Root SM", ec.generate_private_key(ec.SECP256R1())),
        root("Root R2", keys[1]),
    )
    between = Authority(first.issue("Class 2 R1", keys[2], authority=True), keys[2])
    return Chain(tmp_path, identity, (first, other, second), between)


def test_the_numbers_are_those_that_alipay_computes(chain: Chain) -> None:
    app = chain.between.issue("app", chain.identity.merchant_key)
    alipay = chain.between.issue("alipay", chain.identity.alipay_key)
    found = chain.load(app, alipay)
    assert found.app_sn == number(app, "Class 2 R1")
    assert list(found.alipay) == [number(alipay, "Class 2 R1")]
    rsa_roots = [(chain.roots[0], "Root R1"), (chain.roots[2], "Root R2")]
    assert found.root_sn == "_".join(number(one.certificate, common) for one, common in rsa_roots)
    assert "RSA" not in repr(found)


@pytest.mark.parametrize("wrong", ["stranger", "another key", "no rsa root"])
def test_files_that_do_not_belong_together_are_refused_by_name(
    chain: Chain, keys: list[RSAPrivateKey], wrong: str
) -> None:
    app = chain.between.issue("app", chain.identity.merchant_key)
    alipay = chain.between.issue("alipay", chain.identity.alipay_key)
    if wrong == "stranger":
        alipay = root("Somebody", keys[3]).issue("alipay", chain.identity.alipay_key)
    elif wrong == "another key":
        app = chain.between.issue("app", keys[3])
    elif wrong == "no rsa root":
        chain.roots = (chain.roots[1],)
    with pytest.raises(KeyUnusable, match=r"\.crt"):
        chain.load(app, alipay)


def test_a_file_without_a_certificate_is_refused_by_name(chain: Chain) -> None:
    empty = chain.file("empty.crt")
    with pytest.raises(KeyUnusable, match=r"empty\.crt"):
        load_certificates(empty, empty, empty, chain.identity.merchant_key)


@dataclass
class Certified:
    """Our client and a simulated Alipay that both know each other by certificates."""

    chain: Chain
    alipay: Simulator
    gateway: Gateway
    app: x509.Certificate
    theirs: x509.Certificate

    def answers_under(self, certificate: x509.Certificate, key: RSAPrivateKey | None = None) -> None:
        """From now on Alipay signs with this certificate."""
        known = self.alipay.identity
        numbers = replace(known.certificates, alipay=number(certificate, "Class 2 R1"))  # type: ignore[type-var]
        changed = replace(known, certificates=numbers, alipay_key=key or known.alipay_key)
        self.alipay.identity = self.alipay.gateway.identity = self.alipay.cashier.identity = changed


@pytest.fixture
async def certified(chain: Chain, clock: FixedClock, alipay: Simulator) -> AsyncIterator[Certified]:
    app = chain.between.issue("app", chain.identity.merchant_key, days=400)
    theirs = chain.between.issue("alipay", chain.identity.alipay_key)
    known = chain.load(app, theirs)
    numbers = CertificateNumbers(known.app_sn, known.root_sn, next(iter(known.alipay)))
    identity = replace(chain.identity, certificates=numbers)
    alipay.identity = alipay.gateway.identity = alipay.cashier.identity = alipay.messenger.identity = identity
    account = account_at(identity, certificates=known, alipay_keys=known.alipay_keys)
    client = Client(account, transport=httpx.ASGITransport(app=alipay))
    yield Certified(chain, alipay, Gateway(client), app, theirs)
    await client.close()


async def test_calls_and_cashier_speak_certificate_mode(
    certified: Certified, browser: httpx.AsyncClient, clock: FixedClock
) -> None:
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Absent)
    from tests.payments.conftest import ADDRESSES

    url = certified.gateway.pay_url(order(clock.now()), ADDRESSES, phone=False, now=clock.now())
    cashier = await open_cashier(browser, url)
    await browser.post(cashier, data={"step": "identify"})
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Done)


async def test_a_caller_without_certificates_is_refused(certified: Certified, clock: FixedClock) -> None:
    account = replace(certified.gateway.client.account, certificates=None)
    bare = Gateway(Client(account, transport=httpx.ASGITransport(app=certified.alipay)))
    answer = await bare.trade("P0001", now=clock.now())
    assert isinstance(answer, Unknown)
    assert "isv.missing-app-cert-sn" in answer.reason
    await bare.client.close()


async def test_25_a_certificate_that_nobody_announced_is_not_believed_and_is_told(
    database: str, certified: Certified, clock: FixedClock
) -> None:
    from market.kernel.db import fetch

    put_in_force(certified.gateway)
    changed = certified.chain.between.issue("alipay 2", certified.chain.identity.alipay_key)
    certified.answers_under(changed)
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Unknown)
    assert await certificates_looked_at(clock) == 1
    assert await certificates_looked_at(clock) == 0
    rows = await fetch("SELECT about FROM payment_alarm WHERE kind = 'certificate'")
    assert [row["about"] for row in rows] == [number(changed, "Class 2 R1")]
    put_in_force(None)


async def test_25_two_certificates_of_alipay_are_valid_while_it_changes(
    certified: Certified, keys: list[RSAPrivateKey], clock: FixedClock
) -> None:
    second = certified.chain.between.issue("alipay 2", keys[3])
    both = certified.chain.load(certified.app, certified.theirs, second)
    certified.gateway.client.account = replace(
        certified.gateway.client.account, certificates=both, alipay_keys=both.alipay_keys
    )
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Absent)
    certified.answers_under(second, keys[3])
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Absent)
    # Under the number of one, signed with the key of the other: not believed.
    certified.answers_under(certified.theirs, keys[3])
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Unknown)


async def test_25_nothing_is_sent_under_a_certificate_that_is_over(
    database: str, certified: Certified, clock: FixedClock
) -> None:
    from market.kernel.db import fetch_value

    put_in_force(certified.gateway)
    clock.set(START + timedelta(days=371))
    assert await certificates_looked_at(clock) == 1
    assert await fetch_value("SELECT count(*) FROM payment_alarm WHERE kind = 'certificate'") == 1
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Absent)
    clock.set(START + timedelta(days=401))
    answer = await certified.gateway.trade("P0001", now=clock.now())
    assert isinstance(answer, NotExecuted)
    put_in_force(None)


async def test_25_an_answer_under_a_certificate_that_is_over_is_not_believed(
    certified: Certified, clock: FixedClock
) -> None:
    short = certified.chain.between.issue("alipay 3", certified.chain.identity.alipay_key, days=200)
    known = certified.chain.load(certified.app, short)
    certified.gateway.client.account = replace(certified.gateway.client.account, certificates=known)
    certified.answers_under(short)
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Absent)
    clock.set(START + timedelta(days=201))
    assert isinstance(await certified.gateway.trade("P0001", now=clock.now()), Unknown)


async def test_a_notify_names_a_certificate_that_is_configured(certified: Certified) -> None:
    from urllib.parse import urlencode

    account = certified.gateway.client.account
    sent = urlencode(signed_notice({"out_trade_no": "P1"}, certified.alipay.identity)).encode()
    assert verified(sent, account.alipay_keys, account.certificates)["out_trade_no"] == "P1"
    certified.answers_under(certified.chain.between.issue("alipay 4", certified.chain.identity.alipay_key))
    foreign = urlencode(signed_notice({"out_trade_no": "P1"}, certified.alipay.identity)).encode()
    with pytest.raises(Forged, match="certificate"):
        verified(foreign, account.alipay_keys, account.certificates)
