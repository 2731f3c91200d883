"""Configuration: environment variables, read once into one frozen object; all mistakes are listed at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEMO_SECRET = "demo-secret-not-for-production"  # noqa: S105  (production refuses it)
MODES = ("demo", "production", "test")


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
    upload_limit_bytes: int = 20 * 1024 * 1024
    session_hours: int = 12
    run_worker: bool = True

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
    "upload_limit_bytes": ("UPLOAD_LIMIT_BYTES", _integer(1024, 1024**3)),
    "session_hours": ("SESSION_HOURS", _integer(1, 24 * 30)),
    "run_worker": ("RUN_WORKER", _flag),
}


def _contradictions(settings: Settings) -> list[str]:
    """What no market, and what a production market in particular, may be started with."""
    problems = []
    if settings.beacon == "drand" and settings.clock_speed != 1:
        problems.append("BEACON: drand runs in real time; an accelerated clock needs the local beacon")
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
    return problems
