"""Configuration: environment variables, read once into one frozen object; all mistakes are listed at once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEMO_SECRET = "demo-secret-not-for-production"  # noqa: S105  (production refuses it)
MODES = ("demo", "production", "test")
BOND_MODES = ("authorisation", "retention", "guarantee")
SMS_PROVIDERS = ("console", "aliyun")
ALIPAY_MODES = ("off", "simulator", "sandbox", "production")
ALIPAY_GATEWAYS = {
    "sandbox": "https://openapi-sandbox.dl.alipaydev.com/gateway.do",
    "production": "https://openapi.alipay.com/gateway.do",
}
ALIPAY_HOSTS = {
    "sandbox": frozenset({"openapi-sandbox.dl.alipaydev.com", "openapi.alipaydev.com"}),
    "production": frozenset({"openapi.alipay.com"}),
}


class Secret:
    """A value that never prints itself."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(********)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)


class SettingsError(Exception):
    """All bad variables at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """See README for what each variable means; defaults run the demonstration market on this machine."""

    mode: str = "demo"
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: Secret | None = None
    database_pool: int = 10
    data_dir: Path = Path("var")
    secret_key: Secret = field(default_factory=lambda: Secret(DEMO_SECRET))
    site_name: str = "明选·网上中介服务超市"
    site_region: str = "370200"
    public_url: str = "http://127.0.0.1:8000"
    clock_speed: int = 1
    beacon: str = "local"
    drand_relays: tuple[str, ...] = ("https://api.drand.sh", "https://api2.drand.sh", "https://drand.cloudflare.com")
    files_url: str | None = None
    signing_authority: Path | None = None
    upload_limit_bytes: int = 20 * 1024 * 1024
    session_hours: int = 12
    api_token_limit: int = 600  # requests a minute
    api_address_limit: int = 120  # of programs without a token
    run_worker: bool = True
    alipay_mode: str | None = None  # see `payments`
    alipay_url: str | None = None
    alipay_app_id: str = ""
    alipay_seller_id: str = ""
    alipay_app_key: Path | None = None
    alipay_public_keys: tuple[Path, ...] = ()  # two while Alipay changes its key
    alipay_app_cert: Path | None = None
    alipay_root_cert: Path | None = None
    alipay_cert: Path | None = None
    simulator_port: int = 8001
    bond_mode: str = "authorisation"
    meili_url: str | None = None  # without it PostgreSQL alone is searched
    meili_key: Secret | None = None
    meili_worker_key: Secret | None = None
    meili_master_key: Secret | None = None  # for `search provision` alone
    smtp_url: Secret | None = None  # without it e-mails are kept as files in `data_dir`/mail
    mail_from: str = ""
    sms_provider: str = "console"
    sms_key_id: str = ""
    sms_key_secret: Secret | None = None
    sms_sign_name: str = ""
    sms_templates: tuple[str, ...] = ()  # name=template id
    sms_url: str = "https://dysmsapi.aliyuncs.com"
    webhooks_to_this_machine: bool = False

    @property
    def payments(self) -> str:
        """off | simulator | sandbox | production: how Alipay is reached. Off leaves the bank transfer."""
        return self.alipay_mode or ("off" if self.mode == "production" else "simulator")

    @property
    def bonds(self) -> str:
        """How a bond is given beside a bank's guarantee: without Alipay, by a guarantee alone."""
        return "guarantee" if self.payments == "off" else self.bond_mode

    @property
    def alipay_gateway(self) -> str:
        """Where Alipay's gateway answers."""
        if self.alipay_url is not None:
            return self.alipay_url
        return ALIPAY_GATEWAYS.get(self.payments, f"http://127.0.0.1:{self.simulator_port}/gateway.do")

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @property
    def cookie_secure(self) -> bool:
        return self.public_url.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Reads MODE, DATABASE_URL … ; raises SettingsError naming every bad variable."""
        reader = _Reader(environ)
        values = {name: reader.read(*spec) for name, spec in _VARIABLES.items()}
        settings = cls(**{name: value for name, value in values.items() if value is not None})
        reader.problems += _contradictions(settings)
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def read(self, variable: str, parse: Callable[[str], Any]) -> Any:
        text = self.environ.get(variable, "").strip()
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as problem:
            self.problems.append(f"{variable}: {problem}")
            return None


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def _flag(text: str) -> bool:
    return _one_of("0", "1")(text) == "1"


def _relays(text: str) -> tuple[str, ...]:
    relays = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    if not relays or not all(relay.startswith(("http://", "https://")) for relay in relays):
        raise ValueError("must be http(s) addresses separated by commas")
    return relays


def _database(text: str) -> Secret:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    return Secret(text)


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return text.rstrip("/")


def _mail_server(text: str) -> Secret:
    address = urlsplit(text)
    if address.scheme not in {"smtp", "smtps"} or not address.hostname:
        raise ValueError(
            "must be smtp://[user:password@]host[:port] (STARTTLS where the server offers it) or smtps://…"
        )
    return Secret(text)


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", text):
        raise ValueError("must be an e-mail address such as market@example.org")
    return text


def _pairs(text: str) -> tuple[str, ...]:
    pairs = tuple(part.strip() for part in text.split(",") if part.strip())
    if not pairs or not all(re.fullmatch(r"(message|code)=\w+", pair) for pair in pairs):
        raise ValueError("must be message=<template id>,code=<template id>")
    return pairs


def _digits(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) != 16:
        raise ValueError("must be the 16 digits that Alipay gave")
    return text


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(part.strip()) for part in text.split(",") if part.strip())


_VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "mode": ("MODE", _one_of(*MODES)),
    "host": ("HOST", str),
    "port": ("PORT", _integer(1, 65535)),
    "database_url": ("DATABASE_URL", _database),
    "database_pool": ("DATABASE_POOL", _integer(2, 200)),
    "data_dir": ("DATA_DIR", Path),
    "secret_key": ("SECRET_KEY", Secret),
    "site_name": ("SITE_NAME", str),
    "site_region": ("SITE_REGION", str),
    "public_url": ("PUBLIC_URL", _web_address),
    "clock_speed": ("CLOCK_SPEED", _integer(1, 1440)),
    "beacon": ("BEACON", _one_of("local", "drand")),
    "drand_relays": ("DRAND_RELAYS", _relays),
    "files_url": ("FILES_URL", str),
    "signing_authority": ("SIGNING_AUTHORITY", Path),
    "upload_limit_bytes": ("UPLOAD_LIMIT_BYTES", _integer(1024, 1024**3)),
    "session_hours": ("SESSION_HOURS", _integer(1, 24 * 30)),
    "api_token_limit": ("API_TOKEN_LIMIT", _integer(1, 1_000_000)),
    "api_address_limit": ("API_ADDRESS_LIMIT", _integer(1, 1_000_000)),
    "run_worker": ("RUN_WORKER", _flag),
    "alipay_mode": ("ALIPAY_MODE", _one_of(*ALIPAY_MODES)),
    "alipay_url": ("ALIPAY_URL", _web_address),
    "alipay_app_id": ("ALIPAY_APP_ID", _digits),
    "alipay_seller_id": ("ALIPAY_SELLER_ID", _digits),
    "alipay_app_key": ("ALIPAY_APP_KEY", Path),
    "alipay_public_keys": ("ALIPAY_PUBLIC_KEYS", _paths),
    "alipay_app_cert": ("ALIPAY_APP_CERT", Path),
    "alipay_root_cert": ("ALIPAY_ROOT_CERT", Path),
    "alipay_cert": ("ALIPAY_CERT", Path),
    "simulator_port": ("SIMULATOR_PORT", _integer(1, 65535)),
    "bond_mode": ("BOND_MODE", _one_of(*BOND_MODES)),
    "meili_url": ("MEILI_URL", _web_address),
    "meili_key": ("MEILI_KEY", Secret),
    "meili_worker_key": ("MEILI_WORKER_KEY", Secret),
    "meili_master_key": ("MEILI_MASTER_KEY", Secret),
    "smtp_url": ("SMTP_URL", _mail_server),
    "mail_from": ("MAIL_FROM", _mail_address),
    "sms_provider": ("SMS_PROVIDER", _one_of(*SMS_PROVIDERS)),
    "sms_key_id": ("SMS_KEY_ID", str),
    "sms_key_secret": ("SMS_KEY_SECRET", Secret),
    "sms_sign_name": ("SMS_SIGN_NAME", str),
    "sms_templates": ("SMS_TEMPLATES", _pairs),
    "sms_url": ("SMS_URL", _web_address),
    "webhooks_to_this_machine": ("WEBHOOKS_TO_THIS_MACHINE", _flag),
}


def _contradictions(settings: Settings) -> list[str]:
    """What no market, and what a production market in particular, may be started with."""
    problems = []
    if settings.beacon == "drand" and settings.clock_speed != 1:
        problems.append("BEACON: drand runs in real time; an accelerated clock needs the local beacon")
    problems += _payment_contradictions(settings) + _message_contradictions(settings)
    problems += _search_contradictions(settings)
    if settings.mode != "production":
        return problems
    if settings.secret_key.reveal() == DEMO_SECRET or len(settings.secret_key.reveal()) < 32:
        problems.append("SECRET_KEY: production needs a secret of at least 32 characters of its own")
    if settings.clock_speed != 1:
        problems.append("CLOCK_SPEED: production runs in real time")
    if settings.beacon == "local":
        problems.append("BEACON: production needs public randomness (drand); the local beacon could be looked ahead")
    if not settings.cookie_secure:
        problems.append("PUBLIC_URL: production is served over https")
    if settings.payments not in {"off", "production"}:
        problems.append(
            "ALIPAY_MODE: production pays with the real Alipay (production) or by bank transfer alone (off)"
        )
    return problems


def _message_contradictions(settings: Settings) -> list[str]:
    problems = []
    if settings.smtp_url is not None and not settings.mail_from:
        problems.append("MAIL_FROM: needed where SMTP_URL is set")
    if settings.mode == "production" and settings.webhooks_to_this_machine:
        problems.append("WEBHOOKS_TO_THIS_MACHINE: production calls public addresses only")
    if settings.sms_provider == "aliyun":
        needed = {"SMS_KEY_ID": settings.sms_key_id, "SMS_KEY_SECRET": settings.sms_key_secret,
                  "SMS_SIGN_NAME": settings.sms_sign_name}  # fmt: skip
        problems += [f"{name}: needed for SMS_PROVIDER=aliyun" for name, value in needed.items() if not value]
        if {pair.partition("=")[0] for pair in settings.sms_templates} != {"message", "code"}:
            problems.append("SMS_TEMPLATES: needs message=<template id>,code=<template id>")
    return problems


def _search_contradictions(settings: Settings) -> list[str]:
    """Keys that the server made have 64 characters, its own master key at least 16. The master key opens everything: with
    it the other two are made, and then it is taken out of the environment again."""
    keys = {"MEILI_KEY": settings.meili_key, "MEILI_WORKER_KEY": settings.meili_worker_key}
    if settings.meili_url is None:
        given = keys | {"MEILI_MASTER_KEY": settings.meili_master_key}
        return [f"MEILI_URL: needed where {name} is set" for name, key in given.items() if key is not None][:1]
    if settings.mode != "production":
        return []
    if settings.meili_master_key is not None:
        return [] if len(settings.meili_master_key.reveal()) >= 16 else ["MEILI_MASTER_KEY: at least 16 characters"]
    return [
        f"{name}: production needs a key of at least 32 characters; `python -m market search provision` makes one"
        for name, key in keys.items() if key is None or len(key.reveal()) < 32
    ]  # fmt: skip


def _payment_contradictions(settings: Settings) -> list[str]:
    if settings.payments == "off":
        return []
    address = urlsplit(settings.alipay_gateway)
    if settings.payments == "simulator":
        near = address.hostname in {"127.0.0.1", "localhost", "::1"}
        return [] if near else ["ALIPAY_URL: the simulator is spoken to on this machine only"]
    problems = []
    if address.scheme != "https":
        problems.append("ALIPAY_URL: Alipay is spoken to over https only")
    if address.hostname not in ALIPAY_HOSTS[settings.payments] or address.port not in {None, 443}:
        problems.append(
            f"ALIPAY_URL: {address.hostname} is not a gateway of Alipay's for ALIPAY_MODE={settings.payments}"
        )
    if settings.clock_speed != 1:
        problems.append("CLOCK_SPEED: Alipay runs in real time; an accelerated clock needs the simulator")
    return problems + _missing_identity(settings)


def _missing_identity(settings: Settings) -> list[str]:
    """What Alipay gives to each merchant, and what only the simulator makes up by itself."""
    needed = {"ALIPAY_APP_ID": settings.alipay_app_id, "ALIPAY_SELLER_ID": settings.alipay_seller_id,
              "ALIPAY_APP_KEY": settings.alipay_app_key}  # fmt: skip
    problems = [f"{name}: needed to pay with Alipay" for name, value in needed.items() if not value]
    certificates = (settings.alipay_app_cert, settings.alipay_root_cert, settings.alipay_cert)
    if any(certificates) and not all(certificates):
        problems.append("ALIPAY_APP_CERT, ALIPAY_ROOT_CERT, ALIPAY_CERT: certificate mode needs all three")
    if not any(certificates) and not settings.alipay_public_keys:
        problems.append("ALIPAY_PUBLIC_KEYS: needed where there are no certificates")
    return problems
